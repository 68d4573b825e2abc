import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningRateAt, planByClock, planBySteps, type Schedule } from '../../../src/train/schedule.ts';

const wsd: Schedule = { kind: 'wsd', learningRate: 1, warmupSteps: 4, decayFraction: 0.4 };
const cosine: Schedule = { ...wsd, kind: 'cosine' };

function check(schedule: Schedule, steps: number, expected: readonly number[]): void {
  const plan = planBySteps(schedule, steps);
  const rates = Array.from({ length: steps }, (_, i) => Number(learningRateAt(schedule, plan, i + 1).toFixed(4)));
  assert.deepEqual(rates, expected);
}

test('WSD warms up, stays, and falls linearly without reaching zero', () => {
  check(wsd, 10, [0.25, 0.5, 0.75, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]);
});

test('the cosine warms up and falls to a tenth', () => {
  check(cosine, 10, [0.25, 0.5, 0.75, 1, 0.9554, 0.8306, 0.6501, 0.4499, 0.2694, 0.1446]);
});

test('a run shorter than its warm-up never exceeds it', () => {
  check(wsd, 3, [0.25, 0.5, 0.5]);
  check(cosine, 2, [0.25, 0.5]);
});

test('by the clock the decay of WSD starts after its share of the minutes', () => {
  assert.equal(planByClock(wsd, 100, 59_000, 100_000), undefined);
  assert.deepEqual(planByClock(wsd, 120, 60_000, 100_000), { decayStart: 120, totalSteps: 200 });
  assert.deepEqual(planByClock(wsd, 120, 200_000, 100_000), { decayStart: 120, totalSteps: 121 });
});

test('by the clock the cosine is planned after the warm-up, or at half of the time', () => {
  assert.equal(planByClock(cosine, 3, 1_000, 100_000), undefined);
  assert.deepEqual(planByClock(cosine, 4, 1_000, 100_000), { decayStart: 4, totalSteps: 400 });
  assert.deepEqual(planByClock(cosine, 2, 50_000, 100_000), { decayStart: 2, totalSteps: 4 });
  assert.equal(planByClock(cosine, 0, 100_000, 100_000), undefined);
});

test('a plan made by the clock and the same plan given by steps take the same rates', () => {
  const byClock = planByClock(wsd, 37, 60_000, 100_000)!;
  const bySteps = planBySteps(wsd, byClock.totalSteps, byClock.decayStart);
  for (let step = 1; step <= byClock.totalSteps; step++) {
    // While the clock has not made its plan, there is none.
    const live = learningRateAt(wsd, step <= byClock.decayStart ? undefined : byClock, step);
    assert.equal(live, learningRateAt(wsd, bySteps, step));
  }
});
