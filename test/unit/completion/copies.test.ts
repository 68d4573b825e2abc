// Copies: the longest match and what followed it, sums to the last bit, bounded memory, and completions that learn at once.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { Completer, type CompleterOptions } from '../../../src/completion/completer.ts';
import { CopyIndex, levelLengths } from '../../../src/completion/copyIndex.ts';
import { copiedProb, copyWeight, mixCopies, mixedProb, numCountClasses } from '../../../src/completion/copyMixture.ts';
import { copyWeights } from '../../../src/completion/copyWeights.ts';
import { atCursor, codecs, request, scriptedModel } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const vocab = 6;

function drawn(random: Random, length: number, size = vocab): Int32Array {
  return Int32Array.from({ length }, () => random.nextInteger(size));
}

function indexOf(symbols: Int32Array, maxSymbols = 1 << 16): CopyIndex {
  const index = new CopyIndex(vocab, { maxSymbols });
  index.append(symbols);
  return index;
}

/** By looking at every place. */
function longestMatch(symbols: Int32Array): number {
  const last = symbols.length - 1;
  let best = 0;
  for (let place = 0; place < last; place++) {
    let length = 0;
    while (length <= place && length < 32 && symbols[place - length] === symbols[last - length]) length += 1;
    best = Math.max(best, length);
  }
  return best;
}

test('the longest match is found, and what followed it is likeliest', () => {
  const index = indexOf(Int32Array.of(0, 1, 2, 3, 1, 2, 4, 0, 1, 2));
  const prediction = index.predict();
  assert.equal(prediction.matchLength, 3);
  assert.equal(prediction.count, 1);
  assert.deepEqual([...prediction.symbols].sort(), [3, 4]);
  assert.ok(copiedProb(3, prediction) > copiedProb(4, prediction));
  assert.equal(copiedProb(5, prediction), 0);
});

test('in short texts the longest match is that of looking everywhere', () => {
  const random = new Random(1);
  for (let round = 0; round < 300; round++) {
    const symbols = drawn(random, 1 + random.nextInteger(30), 3);
    assert.equal(indexOf(symbols).predict().matchLength, longestMatch(symbols), symbols.join());
  }
});

test('a match goes on being found as long as what followed there comes', () => {
  const random = new Random(2);
  const unit = drawn(random, 40);
  const index = indexOf(Int32Array.of(...unit, ...unit.subarray(0, 30)));
  for (let at = 30; at < 40; at++) {
    const { matchLength, symbols, probs } = index.predict();
    assert.equal(matchLength, Math.min(32, at));
    assert.equal(symbols[probs.indexOf(Math.max(...probs))], unit[at]);
    index.push(unit[at]!);
  }
});

test('copies and what they leave open add up to 1, and so do frequencies and the mixture, in double precision', () => {
  const random = new Random(3);
  for (let round = 0; round < 200; round++) {
    const index = indexOf(drawn(random, random.nextInteger(200)), 64 + random.nextInteger(200));
    const prediction = index.predict();
    const { probs, rest } = prediction;
    const sum = probs.reduce((total, prob) => total + prob, rest);
    assert.ok(Math.abs(sum - 1) < 1e-12, `${sum}`);
    assert.ok(rest > 0 && probs.every((prob) => prob >= 0));
    const all = Array.from({ length: vocab }, (_, symbol) => symbol);
    const frequencies = all.reduce((total, symbol) => total + index.frequency(symbol), 0);
    assert.ok(Math.abs(frequencies - 1) < 1e-12, `${frequencies}`);

    const drawnProbs = all.map(() => random.nextFloat() ** 8 + 1e-9);
    const total = drawnProbs.reduce((a, b) => a + b, 0);
    const model = drawnProbs.map((prob) => prob / total);
    const mixed = all.map((symbol) => mixedProb(model[symbol]!, symbol, prediction));
    assert.ok(Math.abs(mixed.reduce((a, b) => a + b, 0) - 1) < 1e-12);
    const row = mixCopies(Float32Array.from(model, Math.log), prediction);
    for (const symbol of all) {
      assert.ok(Number.isFinite(row[symbol]!), 'what the model holds possible stays possible');
      assert.ok(Math.abs(row[symbol]! - Math.log(mixed[symbol]!)) < 1e-5);
    }
  }
});

test('what no model holds possible is possible where it is copied, and only there', () => {
  const prediction = indexOf(Int32Array.of(0, 1, 2, 0, 1)).predict();
  const row = mixCopies(
    Float32Array.of(Math.log(0.5), Math.log(0.5), -Infinity, -Infinity, -Infinity, -Infinity),
    prediction,
  );
  assert.ok(row[2]! > -Infinity);
  assert.equal(row[3], -Infinity);
});

test('without a match the mixture is the model', () => {
  const row = Float32Array.from({ length: vocab }, () => -Math.log(vocab));
  const prediction = indexOf(Int32Array.of(0, 1, 2)).predict();
  assert.equal(copyWeight(prediction), 0);
  assert.deepEqual(mixCopies(row, prediction), row);
  assert.equal(indexOf(new Int32Array(0)).predict().matchLength, 0);
});

test('weights are there for every level and count, between 0 and 1', () => {
  assert.equal(copyWeights.length, levelLengths.length);
  for (const row of copyWeights) {
    assert.equal(row.length, numCountClasses);
    assert.ok(row.every((weight) => weight > 0 && weight < 1));
  }
});

test('an index that is led from one text to another predicts as one made afresh', () => {
  const random = new Random(4);
  const led = new CopyIndex(vocab, { maxSymbols: 100 });
  let symbols = drawn(random, 50);
  for (let round = 0; round < 200; round++) {
    const cut = random.nextInteger(symbols.length + 1);
    symbols = Int32Array.of(...symbols.subarray(0, cut), ...drawn(random, random.nextInteger(12)));
    led.lead(symbols);
    const fresh = indexOf(symbols.subarray(Math.max(0, symbols.length - 100)), 100);
    assert.equal(led.length, fresh.length);
    const [a, b] = [led.predict(), fresh.predict()];
    assert.deepEqual([a.matchLength, a.count, a.rest], [b.matchLength, b.count, b.rest]);
    assert.deepEqual([...a.probs], [...b.probs]);
    for (let symbol = 0; symbol < vocab; symbol++) assert.equal(led.frequency(symbol), fresh.frequency(symbol));
  }
});

test('what an index held before changes no prediction, whatever its tables have grown to', () => {
  const random = new Random(6);
  const symbols = drawn(random, 900);
  const grown = indexOf(drawn(random, 40_000));
  grown.lead(symbols);
  const fresh = indexOf(symbols);
  for (const symbol of drawn(random, 200)) {
    const [a, b] = [grown.predict(), fresh.predict()];
    assert.deepEqual([a.matchLength, a.count, a.rest, ...a.probs], [b.matchLength, b.count, b.rest, ...b.probs]);
    grown.push(symbol);
    fresh.push(symbol);
  }
});

test('what lies between texts is never copied, nor what is pushed when the sources have ended', () => {
  const index = new CopyIndex(vocab, { separator: 5 });
  index.lead(Int32Array.of(0, 1, 5, 2, 3, 0, 1));
  assert.deepEqual([...index.predict().symbols], []);
  index.lead(Int32Array.of(0, 1, 5, 2, 0, 1, 3, 0, 1));
  assert.deepEqual([...index.predict().symbols], [3]);
  index.endSources();
  for (const symbol of [4, 0, 1]) index.push(symbol);
  assert.deepEqual([...index.predict().symbols], [3], 'of what followed 0, 1, not what was made: 4');
  index.lead(Int32Array.of(0, 1, 5, 2, 0, 1, 3, 0, 1, 4, 0, 1));
  assert.deepEqual([...index.predict().symbols].sort(), [3, 4], 'led elsewhere, all of it is text again');
});

test('where symbols say little, a match counts by what it says', () => {
  const symbols = Int32Array.of(0, 1, 2, 3, 4, 5, 0, 1, 2);
  const levels = [1, 2, 3, 4].map((shortness) => {
    const index = new CopyIndex(vocab, { shortness });
    index.append(symbols);
    return index.predict().level;
  });
  assert.deepEqual(levels, [2, 0, 0, -1]);
});

test('memory is bounded: the older half is forgotten', () => {
  const index = new CopyIndex(vocab, { maxSymbols: 64 });
  const random = new Random(5);
  for (const symbol of drawn(random, 1000)) {
    index.push(symbol);
    assert.ok(index.length <= 64);
  }
  assert.throws(() => index.push(vocab), /expected a symbol from 0 to 5, got 6/);
  assert.throws(() => new CopyIndex(vocab, { maxSymbols: 1 }), /expected room for two symbols/);
});

for (const codec of codecs) {
  test(`${codec.kind}: a line that stands above is suggested where the model knows nothing, and not without copies`, async () => {
    const known = 'const basket = openBasket(customer, 42);\n';
    const cursor = atCursor(`${known}${known.slice(0, 20)}|`);
    const ask = async (options: Partial<CompleterOptions>) => {
      const model = scriptedModel(codec, []);
      const completer = new Completer({ model, codec }, { review: 'none', ...options });
      const answer = await completer.complete({ ...request, ...cursor, multiline: 'never', maxSymbols: 60 });
      const again = await completer.complete({ ...request, ...cursor, multiline: 'never', maxSymbols: 60 });
      completer.dispose();
      model.dispose();
      const textOf = (one: typeof answer) => (one.kind === 'suggestion' ? one.text : '');
      assert.equal(textOf(again), textOf(answer), 'what was made is not copied from');
      return textOf(answer);
    };
    const expected = known.slice(20).trimEnd();
    assert.equal(await ask({ copies: 'mixed' }), expected);
    assert.notEqual(await ask({ copies: 'none' }), expected);
  });
}
