import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from '../../../src/base/errors.ts';
import {
  climbThreads,
  compare,
  describeClimb,
  paysOff,
  type ThreadTrial,
  threadCandidates,
} from '../../../src/engine/threadScaling.ts';
import { ManualClock } from '../manualClock.ts';

/** A machine on which one sample takes so long in so many threads; several times are taken in turns. */
function machine(msByThreads: Readonly<Record<number, number | readonly number[]>>) {
  const clock = new ManualClock();
  const opened: number[] = [];
  const disposed: number[] = [];
  const numSamples = new Map<number, number>();
  const trial = (threads: number): ThreadTrial => ({
    threads,
    async sample() {
      const count = numSamples.get(threads) ?? 0;
      numSamples.set(threads, count + 1);
      const ms = [msByThreads[threads] ?? 10].flat();
      clock.advance(ms[count % ms.length]!);
    },
    dispose: () => disposed.push(threads),
  });
  const climb = (candidates: readonly number[], whenIdle = atOnce) =>
    climbThreads({
      first: trial(1),
      candidates,
      open: async (threads) => {
        opened.push(threads);
        return trial(threads);
      },
      whenIdle,
      clock,
    });
  return { clock, climb, opened, disposed, numSamples };
}

async function atOnce<R>(piece: (signal: AbortSignal) => Promise<R>): Promise<R> {
  return piece(new AbortController().signal);
}

test('candidates double, and end with what there is, at most sixteen', () => {
  const cases: [number, number[]][] = [
    [0, [1]],
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [6, [1, 2, 4, 6]],
    [8, [1, 2, 4, 8]],
    [64, [1, 2, 4, 8, 16]],
  ];
  for (const [numProcessors, candidates] of cases) assert.deepEqual(threadCandidates(numProcessors), candidates);
});

test('samples taken in turns are compared by their own ratios; unsteady ones are told', () => {
  const check = (fewer: number[], more: number[], speedup: number, steady: boolean, pays: boolean) => {
    const comparison = compare({ threads: 1, ms: fewer }, { threads: 2, ms: more });
    assert.ok(Math.abs(comparison.speedup - speedup) < 1e-9, `${comparison.speedup}`);
    assert.deepEqual([comparison.steady, paysOff(comparison)], [steady, pays]);
  };
  check([10, 10, 10], [5, 5, 5], 2, true, true);
  check([10, 10, 10], [9, 9, 9], 10 / 9, true, false);
  check([11.5, 11.5, 11.5], [10, 10, 10], 1.15, true, true);
  // One round that something else slowed changes nothing.
  check([10, 90, 10], [5, 5, 5], 2, true, true);
  // What slows a whole round slows both.
  check([10, 40, 40], [5, 20, 20], 2, false, true);
  check([10, 10, 20, 20], [10, 10, 10, 10], 1.5, false, true);
});

test('climbs while it pays, keeps the fewest that are good enough, and closes the others', async () => {
  const cases: [Record<number, number>, number, number[]][] = [
    [{ 1: 10, 2: 9.5, 4: 1, 8: 1 }, 1, [2]],
    [{ 1: 10, 2: 6, 4: 5.5, 8: 1 }, 2, [2, 4]],
    [{ 1: 10, 2: 6, 4: 4, 8: 3.9 }, 4, [2, 4, 8]],
    [{ 1: 10, 2: 6, 4: 4, 8: 3 }, 8, [2, 4, 8]],
    [{ 1: 10, 2: 14 }, 1, [2]],
  ];
  for (const [ms, threads, tried] of cases) {
    const { climb, opened, disposed } = machine(ms);
    const { best, comparisons } = await climb([1, 2, 4, 8]);
    assert.equal(best.threads, threads);
    assert.deepEqual(opened, tried);
    assert.deepEqual(
      disposed.toSorted((a, b) => a - b),
      tried.filter((one) => one !== threads),
    );
    assert.deepEqual(
      comparisons.map(({ more }) => more),
      tried,
    );
  }
});

test('takes no more samples than it needs, and of a slow model no more than three of each', async () => {
  const quick = machine({ 1: 1, 2: 1 });
  await quick.climb([1, 2]);
  assert.deepEqual([...quick.numSamples.values()], [8, 8]);
  const usual = machine({ 1: 10, 2: 10 });
  await usual.climb([1, 2]);
  assert.ok(usual.clock.now() <= 200, `${usual.clock.now()}`);
  const slow = machine({ 1: 500, 2: 500 });
  await slow.climb([1, 2]);
  assert.deepEqual([...slow.numSamples.values()], [4, 4]);
});

test('an engine that ends meanwhile leaves nothing open', async () => {
  for (let endsAt = 1; endsAt <= 12; endsAt++) {
    const { climb, opened, disposed } = machine({ 1: 100, 2: 50, 4: 25 });
    let numPieces = 0;
    const whenIdle = async <R>(piece: (signal: AbortSignal) => Promise<R>): Promise<R> => {
      if (++numPieces === endsAt) throw new CancelledError('the engine ends');
      return atOnce(piece);
    };
    await assert.rejects(climb([1, 2, 4], whenIdle), CancelledError);
    assert.deepEqual(
      disposed.toSorted((a, b) => a - b),
      opened,
    );
  }
});

test('the log tells what was measured and by which rule', () => {
  const comparison = compare({ threads: 1, ms: [3] }, { threads: 2, ms: [2] });
  assert.equal(describeClimb([comparison]), 'measured: 2 1.50 times as fast as 1; more are taken from 1.15 times on');
});
