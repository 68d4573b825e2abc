import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCurve } from '../../../src/shell/boundedCurve.ts';

const ascend = (steps: readonly number[]) => steps.every((step, i) => i === 0 || step > steps[i - 1]!);

test('a curve that fits is kept as it is', () => {
  const curve = new BoundedCurve(8);
  for (const step of [1, 2, 3]) curve.add(step, 10 - step);
  assert.deepEqual(curve.points(), { steps: [1, 2, 3], values: [9, 8, 7] });
  for (const step of [4, 5, 6, 7, 8]) curve.add(step, 5);
  assert.deepEqual(curve.points().values, [9, 8, 7, 5, 5, 5, 5, 5]);
  assert.deepEqual(curve.points(2, 3), { steps: [3, 4, 5], values: [7, 5, 5] });
  assert.equal(curve.revision, 0);
});

test('however long it gets, the points are few, ascend, and reach the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 1, max: 3000 }), (maxPoints, length) => {
      const curve = new BoundedCurve(maxPoints);
      for (let step = 1; step <= length; step++) curve.add(step, Math.sin(step));
      const { steps } = curve.points();
      assert.ok(steps.length <= maxPoints && steps.length >= Math.min(length, Math.floor(maxPoints / 4)));
      assert.ok(ascend(steps));
      assert.ok(steps.at(-1)! > length - (8 * length) / maxPoints - 1);
    }),
    { numRuns: 200 },
  );
});

test('no peak is lost, however much is left out, and what is left out lies between what is kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 40 }),
      fc.array(fc.float({ noNaN: true }), { minLength: 1 }),
      (most, values) => {
        const curve = new BoundedCurve(most);
        for (const [step, value] of values.entries()) curve.add(step, value);
        const finite = values.filter(Number.isFinite);
        const kept = curve.points().values;
        assert.equal(Math.max(...kept), Math.max(...finite));
        assert.equal(Math.min(...kept), Math.min(...finite));
        assert.ok(
          kept.every((value, i) => values[curve.points().steps[i]!] === value),
          'each point is one that was added',
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('what is settled stays while the revision does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 1, max: 200 }), (maxPoints, length) => {
      const curve = new BoundedCurve(maxPoints);
      let before = { revision: 0, settled: curve.points(0, 0) };
      for (let step = 1; step <= length; step++) {
        curve.add(step, step % 7);
        if (curve.revision === before.revision) {
          assert.deepEqual(curve.points(0, before.settled.steps.length), before.settled);
        }
        assert.ok(curve.points().steps.length - curve.numSettled <= 2);
        before = { revision: curve.revision, settled: curve.points(0, curve.numSettled) };
      }
    }),
    { numRuns: 100 },
  );
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
      fc.integer({ min: 4, max: 40 }),
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
        assert.ok(ascend(steps));
        assert.equal(steps.at(-1), length);
      },
    ),
    { numRuns: 200 },
  );
});
