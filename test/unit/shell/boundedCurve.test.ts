import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCurve } from '../../../src/shell/boundedCurve.ts';

test('a short curve is kept as it is', () => {
  const curve = new BoundedCurve(8);
  for (const step of [1, 2, 3]) curve.add(step, 10 - step);
  assert.deepEqual(curve.points(), { steps: [1, 2, 3], values: [9, 8, 7] });
  assert.deepEqual(curve.points(2).values, [18, 16, 14]);
});

test('however long it gets, the points are few, ascend, and reach the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 3000 }), (maxPoints, length) => {
      const curve = new BoundedCurve(maxPoints);
      for (let step = 1; step <= length; step++) curve.add(step, 5);
      const { steps, values } = curve.points();
      assert.ok(steps.length <= maxPoints && steps.length >= Math.min(length, Math.floor(maxPoints / 2)));
      assert.ok(steps.every((step, i) => i === 0 || step > steps[i - 1]!));
      assert.ok(steps.at(-1)! > length - (2 * length) / Math.max(1, steps.length - 1) - 1);
      assert.ok(values.every((value) => Math.abs(value - 5) < 1e-9));
    }),
    { numRuns: 200 },
  );
});

test('means are kept: a merged bucket is the mean of all its points', () => {
  const curve = new BoundedCurve(2);
  for (let step = 0; step < 4; step++) curve.add(step, step);
  assert.deepEqual(curve.points(), { steps: [0.5, 2.5], values: [0.5, 2.5] });
});

test('what is no number is left out', () => {
  const curve = new BoundedCurve(4);
  curve.add(1, Number.NaN);
  curve.add(2, Number.POSITIVE_INFINITY);
  assert.deepEqual(curve.points(), { steps: [], values: [] });
});

test('cut back to an earlier step, what comes again ascends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 500 }),
      fc.nat(500),
      (maxPoints, length, at) => {
        const curve = new BoundedCurve(maxPoints);
        for (let step = 1; step <= length; step++) curve.add(step, step);
        const back = Math.min(at, length);
        curve.cutBack(back);
        assert.ok(curve.points().steps.every((step) => step <= back));
        for (let step = back + 1; step <= length; step++) curve.add(step, step);
        const { steps } = curve.points();
        assert.ok(steps.every((step, i) => i === 0 || step > steps[i - 1]!));
      },
    ),
    { numRuns: 200 },
  );
});
