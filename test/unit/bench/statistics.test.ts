import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitLine, median } from '../../../bench/statistics.ts';

test('the line through points, and how much of them it explains', () => {
  assert.deepEqual(
    fitLine([
      [1, 5],
      [2, 7],
      [4, 11],
    ]),
    { slope: 2, intercept: 3, explained: 1 },
  );
  const { slope, explained } = fitLine([
    [0, 0],
    [1, 2],
    [2, 2],
    [3, 4],
  ]);
  assert.ok(Math.abs(slope - 1.2) < 1e-12 && Math.abs(explained - 0.9) < 1e-12);
  assert.equal(
    fitLine([
      [1, 3],
      [2, 3],
    ]).explained,
    1,
  );
  assert.throws(
    () =>
      fitLine([
        [1, 3],
        [1, 4],
      ]),
    /two different places/,
  );
});

test('the median lies between the two middle values', () => assert.equal(median([4, 1, 3, 2]), 2.5));
