import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  indexFrom,
  joined,
  logTicks,
  nearestIndex,
  placesOf,
  shortCount,
  thinned,
  valueRange,
  wholeRange,
  within,
} from '../../../src/webview/lineChartData.ts';

const counted = (length: number, value: (i: number) => number) => ({
  xs: Float64Array.from({ length }, (_, i) => i),
  ys: Float64Array.from({ length }, (_, i) => value(i)),
});

test('places are found in ascending numbers', () => {
  assert.deepEqual(
    [0, 1, 1.5, 3, 4].map((x) => indexFrom([1, 2, 3], x)),
    [0, 0, 1, 2, 3],
  );
  assert.deepEqual(
    [-9, 1.4, 1.6, 99].map((x) => nearestIndex([1, 2, 3], x)),
    [0, 0, 1, 2],
  );
  assert.equal(nearestIndex([], 1), -1);
});

test('what is drawn of a long line is short, ascends, and has every peak of what shows', () => {
  const length = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(length, fc.integer({ min: 1, max: 60 }), fc.nat(1000), fc.nat(1000), (numPoints, pixels, a, b) => {
      const line = counted(numPoints, (i) => Math.sin(i * i));
      const [min, max] = [(Math.min(a, b) / 1000) * numPoints, (Math.max(a, b) / 1000) * numPoints + 1];
      const { xs, ys } = thinned(line, { min, max }, pixels);
      assert.ok(xs.length <= 2 * (pixels + 3), `${xs.length} points in ${pixels} pixels`);
      assert.ok(xs.every((x, i) => i === 0 || x > xs[i - 1]!));
      assert.ok(ys.every((y, i) => line.ys[xs[i]!] === y));
      const shown = [...line.ys].filter((_, x) => x >= min && x <= max);
      const kept = ys.filter((_, i) => xs[i]! >= min && xs[i]! <= max);
      if (shown.length === 0) return;
      assert.deepEqual([Math.min(...kept), Math.max(...kept)], [Math.min(...shown), Math.max(...shown)]);
    }),
    { numRuns: 300 },
  );
});

test('a line runs out to both edges: one point beyond each is drawn', () => {
  const { xs } = thinned(
    counted(10, (i) => i),
    { min: 2.5, max: 4.5 },
    100,
  );
  assert.deepEqual(xs, [2, 3, 4, 5]);
});

test('lines of different places are put side by side', () => {
  const lines = [
    { xs: [1, 2, 4], ys: [10, 20, 40] },
    { xs: [2, 3], ys: [0.2, 0.3] },
  ];
  assert.deepEqual(joined(lines), {
    xs: [1, 2, 3, 4],
    columns: [
      [10, 20, null, 40],
      [null, 0.2, 0.3, null],
    ],
  });
  assert.deepEqual(joined([]), { xs: [], columns: [] });
  assert.deepEqual([...placesOf(lines, { min: 2, max: 3.5 })], [2, 3]);
});

test('a scale has all values, or the share that is wished for, and what must be seen', () => {
  const lines = [{ ys: [50, 40, 3, 2.5, 2.2, 2.1, 2, 2, 2, 2] }];
  const all = valueRange(lines, { log: false, always: [], shown: 1 });
  assert.ok(all.min === 0 && all.max > 50);
  const most = valueRange(lines, { log: false, always: [2.6], shown: 0.7 });
  assert.ok(most.max > 2.6 && most.max < 3.2, `${most.max}`);
  const log = valueRange([{ ys: [0, -1, 0.01, 100] }], { log: true, always: [], shown: 1 });
  assert.ok(log.min > 0.001 && log.min < 0.01 && log.max > 100);
});

test('nothing yet, one point, equal values, no numbers: a range all the same', () => {
  for (const log of [false, true]) {
    for (const ys of [[], [2], [2, 2], [0], [Number.NaN], [-3]]) {
      const { min, max } = valueRange([{ ys }], { log, always: [], shown: 1 });
      assert.ok(Number.isFinite(min) && Number.isFinite(max) && min < max && (!log || min > 0), `${log} ${ys}`);
    }
  }
  assert.deepEqual(wholeRange([]), { min: 0, max: 1 });
  assert.deepEqual(wholeRange([{ xs: [3], ys: [1] }]), { min: 2.5, max: 3.5 });
  assert.deepEqual(
    wholeRange([
      { xs: [3, 4], ys: [1, 1] },
      { xs: [1, 2], ys: [1, 1] },
    ]),
    { min: 1, max: 4 },
  );
});

test('a view stays inside the whole', () => {
  const whole = { min: 0, max: 10 };
  assert.deepEqual(within({ min: -5, max: -1 }, whole), { min: 0, max: 4 });
  assert.deepEqual(within({ min: 8, max: 12 }, whole), { min: 6, max: 10 });
  assert.deepEqual(within({ min: -100, max: 100 }, whole), whole);
});

test('large counts are short', () => {
  assert.deepEqual([0, 12, 999, 1500, 12_345, 2e6, 3e9].map(shortCount), [
    '0',
    '12',
    '999',
    '1.5k',
    '12.35k',
    '2M',
    '3G',
  ]);
});

test('a logarithmic scale is labelled at round numbers, few or many powers of ten wide', () => {
  assert.deepEqual(logTicks({ min: 1.87, max: 2.63 }), [2, 2.2, 2.4, 2.6]);
  assert.deepEqual(logTicks({ min: 0.9, max: 60 }), [1, 2, 5, 10, 20, 50]);
  assert.deepEqual(logTicks({ min: 0.009, max: 20_000 }), [0.01, 0.1, 1, 10, 100, 1000, 10_000]);
});
