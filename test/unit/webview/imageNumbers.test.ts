import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surprisalSteps } from '../../../src/protocol/surprisalScale.ts';
import {
  boundLabels,
  fixedBounds,
  histogram,
  ImageNumbers,
  mapPixels,
  ownBounds,
} from '../../../src/webview/imageNumbers.ts';

const shape = { width: 2, height: 2, channels: 3, numLevels: 4 } as const;
const counting = Array.from({ length: 12 }, (_, i) => i);

function piece(first: number, count: number) {
  const values = counting.slice(first, first + count);
  return {
    first,
    levels: values.map((i) => i % 4),
    bits: values,
    ranks: values.map((i) => i % 3),
    entropies: values.map((i) => i / 2),
    likeliest: values.map(() => 3),
    likeliestBits: values.map(() => 1),
  };
}

test('pieces fill it in order; what does not follow is not taken', () => {
  const numbers = new ImageNumbers(shape);
  assert.deepEqual(numbers.at(0, 0), []);
  assert.equal(numbers.add(piece(6, 6)), false);
  assert.equal(numbers.add(piece(0, 7)), true);
  assert.equal(numbers.add(piece(0, 7)), false);
  assert.deepEqual([...numbers.perPixel('bits', 'all')], [1, 4, Number.NaN, Number.NaN]);
  assert.deepEqual([...mapPixels(numbers.perPixel('bits', 'all'), fixedBounds)].slice(8), new Array(8).fill(0));
  assert.equal(numbers.isWhole, false);
  assert.equal(numbers.add({ ...piece(7, 5), levels: new Array(6).fill(0) }), false, 'nor what is too long');
  assert.equal(numbers.add(piece(7, 5)), true);
  assert.equal(numbers.isWhole, true);
});

test('the map has the mean of a pixel or one of its channels, the profile the sum of a row', () => {
  const numbers = new ImageNumbers(shape);
  numbers.add(piece(0, 12));
  assert.deepEqual([...numbers.perPixel('bits', 'all')], [1, 4, 7, 10]);
  assert.deepEqual([...numbers.perPixel('bits', 2)], [2, 5, 8, 11]);
  assert.deepEqual([...numbers.perPixel('entropy', 0)], [0, 1.5, 3, 4.5]);
  assert.deepEqual([...numbers.perRow()], [15, 51]);
  const [, green] = numbers.at(1, 1);
  assert.deepEqual(green, {
    channel: 'Green',
    value: 170,
    bits: 10,
    probability: 2 ** -10,
    rank: 2,
    entropy: 5,
    likeliest: 255,
    likeliestProbability: 0.5,
  });
  assert.deepEqual([...numbers.likeliestPixels()], new Array(16).fill(255));
});

test('colors are those of the scale, or the same ones spread over what the picture has', () => {
  const pixels = Float32Array.from([0, 0.75, 5, 100]);
  const hex = (rgba: Uint8ClampedArray, i: number) =>
    `#${[...rgba.subarray(4 * i, 4 * i + 3)].map((one) => one.toString(16).padStart(2, '0')).join('')}`;
  const fixed = mapPixels(pixels, fixedBounds);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => hex(fixed, i)),
    [0, 1, 4, 6].map((step) => surprisalSteps[step]!.solid),
  );
  const dim = Float32Array.from({ length: 100 }, (_, i) => i / 1000);
  const own = ownBounds(dim);
  assert.ok(Math.abs(own.at(-1)! - 0.098) < 1e-6, String(own.at(-1)));
  assert.equal(hex(mapPixels(dim, own), 99), surprisalSteps.at(-1)!.solid);
  assert.deepEqual(ownBounds(new Float32Array(4)), fixedBounds, 'where nothing surprises there is nothing to spread');
  assert.deepEqual(boundLabels(fixedBounds).slice(-2), ['7 to 11', '11 or more']);
});

test('the histogram counts every value once', () => {
  const bits = Float32Array.from([0, 0.3, 0.3, 7.9, 8]);
  const bins = histogram(bits);
  assert.equal(
    bins.reduce((sum, { count }) => sum + count, 0),
    5,
  );
  assert.ok(bins.length <= 33 && bins.at(-1)!.to > 8 - 1e-9);
  assert.deepEqual([bins[0]!.count, bins[1]!.from], [3, 0.5]);
  const tail = histogram(Float32Array.from({ length: 400 }, (_, i) => (i < 2 ? 90 : (i % 10) / 10)));
  assert.deepEqual([tail.at(-1)?.to, tail.at(-1)?.count], [Number.POSITIVE_INFINITY, 2]);
  assert.ok(tail.at(-1)!.from < 2);
  assert.deepEqual(
    histogram(new Float32Array(3)).map(({ count }) => count),
    [3],
  );
});
