import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import { windowStart } from '../../../src/engine/contextWindow.ts';
import { greedy } from '../../../src/engine/sampler.ts';
import { continuation } from '../../../src/likelihood/continuation.ts';
import { fakeModel } from '../engine/fakeSession.ts';
import { modelOf } from '../engine/plainModels.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const codec = bytesCodec();
const { start } = codec.vocabulary;

/** Writes the script after whatever it is given, each symbol with probability 3/4. */
function scripted(script: readonly number[], given: number, contextLength = 1024) {
  return modelOf(codec.vocabulary, contextLength, (history, row) => {
    row.fill(Math.log(0.25 / (codec.vocabulary.size - 1)));
    row[script[history.length - 1 - given] ?? 0] = Math.log(0.75);
  });
}

const bytesOf = (text: string) => [...codec.encodeText(text)];

test('to the end of the line, with how likely each symbol is', async () => {
  for (const lineEnd of ['\n', '\r\n'.slice(0, 1)]) {
    const model = scripted(bytesOf(`né 😀${lineEnd}more`), 3);
    const found = await continuation({ model, codec }, codec.encodeText('let'), { maxSymbols: 100 });
    assert.equal(found.text, `né 😀${lineEnd}`);
    assert.deepEqual([...found.symbols], bytesOf(`né 😀${lineEnd}`));
    assert.equal(found.logProbs.length, found.symbols.length);
    for (const logProb of found.logProbs) assert.ok(Math.abs(logProb - Math.log(0.75)) < 1e-6);
    model.dispose();
  }
});

test('a symbol that no text spells ends it and is not in the text', async () => {
  for (const special of [codec.specials.end, codec.specials.file!, start]) {
    const model = scripted([...bytesOf('ab'), special, ...bytesOf('c')], 0);
    const found = await continuation({ model, codec }, new Int32Array(0), { maxSymbols: 100 });
    assert.equal(found.text, 'ab');
    assert.deepEqual([...found.symbols], [...bytesOf('ab'), special]);
    model.dispose();
  }
});

test('no more than so many, and no part of a character', async () => {
  const model = scripted(bytesOf('ab😀'), 0);
  const three = await continuation({ model, codec }, new Int32Array(0), { maxSymbols: 3 });
  assert.equal(three.text, 'ab');
  assert.deepEqual([three.symbols.length, three.logProbs.length], [2, 2]);
  const none = await continuation({ model, codec }, new Int32Array(0), { maxSymbols: 0 });
  assert.deepEqual(none, { symbols: new Int32Array(0), text: '', logProbs: new Float32Array(0) });
  model.dispose();
});

test('bytes that are no character stay', async () => {
  const model = scripted([0xff, 0x61, 0x80, 0x0a], 0);
  const found = await continuation({ model, codec }, new Int32Array(0), { maxSymbols: 10 });
  assert.equal(found.symbols.length, 4);
  assert.equal(found.text, '\ufffda\ufffd\n');
  model.dispose();
});

/** A codec over the few symbols of the fake model: letters, so that no line ends. */
const lettersCodec: TextCodec = {
  ...codec,
  symbolBytes: (symbol) => Uint8Array.of(0x61 + symbol),
  decodeText: (symbols) => String.fromCharCode(...Array.from(symbols, (symbol) => 0x61 + symbol)),
};

for (const [contextLength, recurrent] of [
  [64, false],
  [6, false],
  [Infinity, true],
] as const) {
  test(`greedy decoding by step, by the long-text rule (context ${contextLength})`, async () => {
    const { model } = fakeModel({ contextLength, recurrent });
    const before = Int32Array.from({ length: 9 }, (_, i) => (5 * i) % 7);
    const found = await continuation({ model, codec: lettersCodec }, before, { maxSymbols: 12 });
    assert.equal(found.symbols.length, 12);
    const all = [...before];
    for (const [i, symbol] of found.symbols.entries()) {
      const state = model.initialState();
      const context = all.slice(windowStart(all.length, contextLength));
      const next = await model.step(Int32Array.of(0, ...context), state, { lastOnly: true });
      const expected = greedy(next.logProbs.data);
      assert.equal(symbol, expected.symbol);
      assert.ok(Math.abs(found.logProbs[i]! - expected.logProb) < 1e-5);
      all.push(symbol);
      state.dispose();
      next.state.dispose();
    }
    model.dispose();
  });
}

test('a context of a million symbols is no recursion; turns are awaited; what is cancelled ends', async () => {
  const { model, runs } = fakeModel({ contextLength: 16 });
  let turns = 0;
  const turn = async () => {
    turns += 1;
  };
  await continuation({ model, codec: lettersCodec }, new Int32Array(1_000_000), { maxSymbols: 2, turn });
  assert.equal(turns, runs.steps.length);
  const signal = AbortSignal.abort();
  const ended = continuation({ model, codec: lettersCodec }, new Int32Array(3), { maxSymbols: 2, signal });
  await assert.rejects(ended, CancelledError);
  model.dispose();
});
