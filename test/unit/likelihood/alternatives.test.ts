import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { alternativesAt } from '../../../src/likelihood/alternatives.ts';
import { fakeModel } from '../engine/fakeSession.ts';
import { modelOf } from '../engine/plainModels.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const half = Math.log(0.5);
const quarter = Math.log(0.25);

/** Symbol 3 one half, 1 and 2 a quarter each, 0 impossible. */
const fixedModel = () =>
  modelOf({ size: 4, start: 0 }, 8, (_, row) => row.set([Number.NEGATIVE_INFINITY, quarter, quarter, half]));

test('a place by hand: the likeliest first, of equals the first, what is impossible left out', async () => {
  const model = fixedModel();
  const symbols = Int32Array.of(3, 2, 0);
  const likeliest = await alternativesAt(model, symbols, 0, { most: 10 });
  assert.deepEqual(
    likeliest.alternatives.map(({ symbol }) => symbol),
    [3, 1, 2],
  );
  assert.ok(Math.abs(likeliest.surprisal - Math.LN2) < 1e-6);
  assert.equal(likeliest.rank, 0);
  assert.ok(Math.abs(likeliest.entropy - 1.5 * Math.LN2) < 1e-6);
  const second = await alternativesAt(model, symbols, 1, { most: 1 });
  assert.equal(second.rank, 1);
  assert.equal(second.alternatives.length, 1);
  const impossible = await alternativesAt(model, symbols, 2, { most: 1 });
  assert.equal(impossible.surprisal, Number.POSITIVE_INFINITY);
  assert.equal(impossible.rank, 3);
  model.dispose();
});

test('only the context is read, in pieces, and a turn is awaited before each', async () => {
  const { model, runs } = fakeModel({ contextLength: 600 });
  let turns = 0;
  const turn = async () => {
    turns += 1;
  };
  await alternativesAt(model, new Int32Array(5000), 4999, { most: 3, turn });
  assert.deepEqual(runs, { steps: [256, 244], scores: [] });
  assert.equal(turns, 2);
  model.dispose();
});

test('a place that is none is refused; what is cancelled ends', async () => {
  const { model } = fakeModel();
  for (const index of [-1, 3, 0.5, Number.NaN]) {
    await assert.rejects(alternativesAt(model, new Int32Array(3), index, { most: 3 }), RangeError);
  }
  const signal = AbortSignal.abort();
  await assert.rejects(alternativesAt(model, new Int32Array(3), 0, { most: 3, signal }), CancelledError);
  model.dispose();
});
