import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { bitsOf, bitsPerByte, surprisalPieces, surprisals, wholeText } from '../../../src/likelihood/bits.ts';
import { fakeModel, vocab } from '../engine/fakeSession.ts';
import { uniformModel } from '../engine/plainModels.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

function randomSymbols(length: number, seed: number): Int32Array {
  const random = new Random(seed);
  return Int32Array.from({ length }, () => random.nextInteger(vocab));
}

function assertNear(actual: number, expected: number, tolerance = 1e-4) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected}, got ${actual}`);
}

test('uniform logits cost log2 of the vocabulary per symbol, the end symbol too', async () => {
  const codec = bytesCodec();
  const model = uniformModel(codec.vocabulary, 16);
  for (const bytes of [new Uint8Array(0), new Uint8Array(1), new Uint8Array(100).fill(7)]) {
    const symbols = wholeText(codec, bytes);
    const { bits, numSymbols } = await bitsOf(model, symbols);
    assert.equal(numSymbols, bytes.length + 1);
    assertNear(bits, numSymbols * Math.log2(262));
  }
  model.dispose();
});

for (const recurrent of [false, true]) {
  test(`bits by score are bits by step, also beyond the context (${recurrent ? 'recurrent' : 'attention'})`, async () => {
    for (const contextLength of [1, 2, 5, 16, 64]) {
      for (const length of [0, 1, 15, 16, 17, 40, 90]) {
        const { model } = fakeModel({ contextLength, recurrent });
        const symbols = randomSymbols(length, length);
        const byScore = await bitsOf(model, symbols, { by: 'score' });
        const byStep = await bitsOf(model, symbols, { by: 'step' });
        assertNear(byStep.bits, byScore.bits, 1e-4 * Math.max(1, length));
        model.dispose();
      }
    }
  });
}

test('long text: the context restarts from its last half, recomputed', async () => {
  const contextLength = 6;
  const { model } = fakeModel({ contextLength });
  const symbols = randomSymbols(20, 3);
  const { surprisal } = await surprisals(model, symbols);
  for (const [t, actual] of surprisal.entries()) {
    const from = t < 6 ? 0 : 3 * Math.floor((t - 3) / 3);
    const rows = (await model.score(symbols.subarray(from, t + 1))).data; // [t + 1 - from, vocab]
    assertNear(actual, -rows[(t - from) * vocab + symbols[t]!]!, 1e-5);
  }
  model.dispose();
});

test('a model without bound goes through any length in blocks, one state at a time', async () => {
  const { model, runs } = fakeModel({ contextLength: Infinity, recurrent: true });
  const { bits } = await bitsOf(model, randomSymbols(1000, 4));
  assert.deepEqual(runs, { steps: [256, 256, 256, 232], scores: [] });
  assertNear(bits, (await bitsOf(model, randomSymbols(1000, 4), { by: 'score' })).bits, 0.01);
  model.dispose();
});

test('surprisal, rank and entropy of one row, by hand', async () => {
  const { model } = fakeModel();
  const symbols = randomSymbols(12, 5);
  const { surprisal, rank, entropy } = await surprisals(model, symbols, { rank: true, entropy: true });
  const rows = (await model.score(symbols)).data;
  for (let t = 0; t < symbols.length; t++) {
    const row = [...rows.subarray(t * vocab, (t + 1) * vocab)];
    const own = row[symbols[t]!]!;
    assertNear(surprisal[t]!, -own, 1e-6);
    assert.equal(rank?.[t], row.filter((other) => other > own).length);
    assertNear(entropy![t]!, -row.reduce((sum, p) => sum + Math.exp(p) * p, 0), 1e-5);
  }
  assertNear((await bitsOf(model, symbols)).bits, surprisal.reduce((a, b) => a + b) / Math.LN2);
  model.dispose();
});

test('what was not asked for is not computed', async () => {
  const { model } = fakeModel();
  assert.deepEqual(Object.keys(await surprisals(model, randomSymbols(3, 6))), ['surprisal']);
  model.dispose();
});

test('cancelled between two windows', async () => {
  const controller = new AbortController();
  const { model, runs } = fakeModel({ contextLength: 8, beforeRun: () => controller.abort() });
  const symbols = randomSymbols(40, 7);
  await assert.rejects(bitsOf(model, symbols, { by: 'step', signal: controller.signal }), CancelledError);
  assert.deepEqual(runs.steps, [8]);
  await assert.rejects(bitsOf(model, symbols, { by: 'score', signal: controller.signal }), CancelledError);
  model.dispose();
});

test('a turn is awaited before each run, and what it throws ends all', async () => {
  for (const background of [false, true]) {
    const { model, runs } = fakeModel({ contextLength: 8, background });
    let turns = 0;
    const turn = async () => {
      turns += 1;
    };
    await surprisals(model, randomSymbols(30, 8), { turn });
    assert.equal(turns, runs.steps.length + runs.scores.length);
    const refusing = surprisals(model, randomSymbols(30, 8), { turn: () => Promise.reject(new Error('no turn')) });
    await assert.rejects(refusing, /no turn/);
    model.dispose();
  }
});

test('while a piece is looked at the next run goes on; who looks no further ends it', async () => {
  let begun = 0;
  const { model } = fakeModel({ contextLength: 8, background: true, beforeRun: () => (begun += 1) });
  const symbols = randomSymbols(60, 9);
  const seen: number[] = [];
  for await (const { first } of surprisalPieces(model, symbols, { by: 'step' })) {
    seen.push(first);
    assert.equal(begun, seen.length === 1 ? 2 : 4);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [0, 8]);
  assert.equal(begun, 4);
  model.dispose();
});

test('a failure of the run that goes on meanwhile is told when it is come for', async () => {
  let begun = 0;
  const beforeRun = () => {
    begun += 1;
    if (begun === 2) throw new Error('out of memory');
  };
  const { model } = fakeModel({ contextLength: 8, background: true, beforeRun });
  const pieces = surprisalPieces(model, randomSymbols(60, 9), { by: 'step' });
  assert.equal((await pieces.next()).value?.first, 0);
  await new Promise((resolve) => setImmediate(resolve)); // Nobody has asked for it: no unhandled rejection.
  await assert.rejects(pieces.next(), /out of memory/);
  model.dispose();
});

test('only the windows asked for, in the order asked for', async () => {
  const { model } = fakeModel({ contextLength: 8 });
  const symbols = randomSymbols(20, 10);
  const whole = await surprisals(model, symbols);
  const windows = [
    { from: 8, countFrom: 14, to: 16 },
    { from: 0, countFrom: 3, to: 8 },
  ];
  const pieces = [];
  for await (const piece of surprisalPieces(model, symbols, { windows })) pieces.push(piece);
  assert.deepEqual(
    pieces.map(({ first, surprisal }) => [first, surprisal.length]),
    [
      [14, 2],
      [3, 5],
    ],
  );
  for (const { first, surprisal } of pieces) {
    for (const [i, one] of surprisal.entries()) assertNear(one, whole.surprisal[first + i]!);
  }
  model.dispose();
});

test('bits per byte', () => {
  assert.equal(bitsPerByte(16, 8), 2);
  assert.ok(Number.isNaN(bitsPerByte(3, 0)));
  assert.deepEqual([...wholeText(bytesCodec(), Uint8Array.of(0, 255))], [0, 255, 257]);
});
