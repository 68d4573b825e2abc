// What it costs to go on from somewhere else: symbols stepped by a recurrent model that counts them, and states held.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { SequenceCache } from '../../../src/engine/sequenceCache.ts';
import { keptPositions, nextBlock } from '../../../src/engine/snapshots.ts';
import { fakeModel, vocab } from './fakeSession.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const chunkSymbols = 128;
const options = { maxBytes: 1e6, maxSequences: 8, chunkSymbols };
const stateBytes = 12;

/** A cache over a recurrent model of unbounded context; `ask` says how many symbols were stepped for a prompt. */
function recurrent(overrides: Partial<typeof options> = {}) {
  const { model, runs } = fakeModel({ recurrent: true, contextLength: Infinity });
  const cache = new SequenceCache(model, { ...options, ...overrides });
  const ask = async (prompt: readonly number[], decoded = 0) => {
    runs.steps.length = 0;
    const row = await cache.run(Int32Array.of(0, ...prompt), {}, async (run) => {
      for (let i = 0; i < decoded; i++) await run.step(2);
      return run.logProbs.slice();
    });
    return { row: row!, stepped: runs.steps.reduce((sum, count) => sum + count, 0) - decoded };
  };
  const dispose = () => {
    cache.dispose();
    model.dispose();
  };
  return { ask, cache, dispose };
}

function randomSymbols(length: number, seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length }, () => random.nextInteger(vocab));
}

test('typing, deleting and moving cost no replay from the start', async () => {
  const { ask, dispose } = recurrent();
  const text = randomSymbols(2000, 1);
  assert.equal((await ask(text)).stepped, 2001);
  assert.equal((await ask([...text, 3])).stepped, 1, 'typing on');
  assert.equal((await ask([...text, 3, 4, 5], 30)).stepped, 2, 'and a suggestion is made');
  assert.ok((await ask([...text, 3, 4], 30)).stepped <= 10, 'a letter is deleted; the suggestion is behind it');
  assert.ok((await ask(text)).stepped <= 10, 'two more');
  assert.ok((await ask(text.slice(0, -1))).stepped <= 10);
  assert.ok((await ask(text.slice(0, -3))).stepped <= 10);
  assert.ok((await ask(text.slice(0, -200))).stepped <= 50 + 1, '200 symbols back: a quarter of them');
  assert.ok((await ask(text.slice(0, 600))).stepped <= chunkSymbols + 1, 'far back: a chunk');
  assert.ok((await ask([...text, 3])).stepped <= 4, 'and to the end again');
  assert.ok((await ask(text.slice(0, 601))).stepped <= 1, 'the other place is still known');
  dispose();
});

test('from any place to any other, and what comes out is what a cold model says', async () => {
  const { ask, dispose } = recurrent({ maxSequences: 1 });
  const cold = recurrent({ chunkSymbols: 10_000 });
  const random = new Random(2);
  const text = randomSymbols(900, 3);
  let at = text.length;
  await ask(text);
  for (let move = 0; move < 40; move++) {
    const to = 1 + random.nextInteger(text.length);
    const { row, stepped } = await ask(text.slice(0, to));
    if (to <= at) assert.ok(stepped <= Math.min(chunkSymbols, to) + 1, `${at} -> ${to}: ${stepped}`);
    else assert.ok(stepped <= to - at + 1);
    cold.cache.clear();
    const expected = (await cold.ask(text.slice(0, to))).row;
    assert.ok(row.every((x, i) => Math.abs(x - expected[i]!) < 1e-5));
    at = to;
  }
  cold.dispose();
  dispose();
});

test('states are bounded in number and in bytes', async () => {
  const { ask, cache, dispose } = recurrent();
  await ask(randomSymbols(20_000, 4));
  const grown = cache.sizeBytes;
  assert.ok(grown <= (20_000 / chunkSymbols + 40) * stateBytes, `${grown / stateBytes} states`);
  dispose();

  const tight = recurrent({ maxBytes: 8 * 10 * stateBytes });
  const text = randomSymbols(3000, 5);
  await tight.ask(text);
  assert.ok(tight.cache.sizeBytes <= 10 * stateBytes);
  assert.equal((await tight.ask([...text, 1])).stepped, 1);
  assert.ok((await tight.ask(text.slice(0, -20))).stepped <= 20, 'what is left out lies far back');
  tight.dispose();
});

test('kept positions: no gap is wider than a quarter of the way back, and few are kept', () => {
  let positions: number[] = [0];
  for (let end = 1; end <= 3000; end++) {
    positions = keptPositions([...positions, end], chunkSymbols, 512);
    assert.equal(positions[0], 0);
    assert.equal(positions.at(-1), end);
    for (const [i, position] of positions.slice(0, -1).entries()) {
      const above = positions[i + 1]!;
      assert.ok(
        above - position <= Math.max(1, Math.min(chunkSymbols, (end - above) / 4)),
        `${position} ${above} of ${end}`,
      );
    }
    assert.ok(positions.length <= 2 * (10 + 22 + end / chunkSymbols), `${positions.length} of ${end}`);
  }
  assert.deepEqual(keptPositions([0, 5, 6, 7, 8, 9], chunkSymbols, 2), [0, 9]);
  assert.deepEqual(keptPositions([4], chunkSymbols, 2), [4]);
});

test('blocks shrink towards the end, so that what they leave lies close there', () => {
  const blocks: number[] = [];
  for (let rest = 1000; rest > 0; rest -= blocks.at(-1)!) blocks.push(nextBlock(rest, chunkSymbols));
  assert.deepEqual(blocks.slice(0, 3), [128, 128, 128]);
  assert.deepEqual(blocks.slice(-5), [1, 1, 1, 1, 1]);
  assert.ok(blocks.length < 40);
});
