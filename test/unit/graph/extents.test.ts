import assert from 'node:assert/strict';
import { test } from 'node:test';
import { broadcast, productOfExtents, type Shape, sameSize, sumOfExtents } from '../../../src/graph/extents.ts';

test('sums of extents', () => {
  const check = (extents: Shape, sum: number | string) => assert.equal(sumOfExtents(extents), sum);
  check([1, 2, 3], 6);
  check(['past', 'time'], 'past+time');
  check(['past', 'time', 0], 'past+time');
  check(['time', 2], 'time+2');
  check([2, 'time', 3], 'time+5');
  check(['time', 'time'], '2*time');
  check(['time'], 'time');
});

test('products of extents', () => {
  const check = (extents: Shape, product: number | string) => assert.equal(productOfExtents(extents), product);
  check([2, 3], 6);
  check([], 1);
  check(['time', 1], 'time');
  check(['time', 2], '2*time');
  check([2, '3*time'], '6*time');
  check(['time', 'batch'], 'batch*time');
  check(['past+time', 1], 'past+time');
  check(['past+time', 4], '4*(past+time)');
  check(['4*(past+time)', 2, 'time'], '8*(past+time)*time');
});

test('shapes of one size', () => {
  const check = (a: Shape, b: Shape, expected: boolean) => assert.equal(sameSize(a, b), expected);
  check([2, 6], [3, 4], true);
  check(['time', 12], ['time', 3, 4], true);
  check(['2*time', 6], ['time', 12], true);
  check(['past+time', 12], ['past+time', 3, 4], true);
  check(['time', 12], ['past', 12], false);
  check(['time', 12], ['time', 3, 5], false);
});

test('broadcasting', () => {
  const check = (a: Shape, b: Shape, expected: Shape) => {
    assert.deepEqual(broadcast(a, b), expected);
    assert.deepEqual(broadcast(b, a), expected);
  };
  check([2, 3], [3], [2, 3]);
  check([], [2], [2]);
  check(['time', 1], [1, 4], ['time', 4]);
  check(['n', 'time', 'total'], ['time', 'total'], ['n', 'time', 'total']);
  assert.throws(() => broadcast([2, 3], [2]), /shapes \[2, 3\] and \[2\] do not agree/);
  assert.throws(() => broadcast(['time'], ['past']), RangeError);
});
