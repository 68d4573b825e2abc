// Weights of few bits: what a block or a row stands for lies near what it was made of, and nearer than by the plain rule.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FloatTensor, float32 } from '../../src/base/tensor.ts';
import {
  blockSize,
  columnSizes,
  dequantizeBlocks,
  dequantizeRows,
  divideColumns,
  quantizeBlocks,
  quantizeRows,
} from '../../src/export/quantizeWeights.ts';

const number = fc.oneof(fc.float({ noNaN: true, min: -4, max: 4 }), fc.constantFrom(0, 1, -1, 3e-5, -100, 1e-30, 7e20));
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }))
  .chain(([rows, blocks]) =>
    fc
      .array(number, { minLength: rows * blocks * blockSize, maxLength: rows * blocks * blockSize })
      .map((data) => float32(Float32Array.from(data), [rows, blocks * blockSize])),
  );

/** The squared error of each run of `length` numbers. */
function errors({ data }: FloatTensor, back: FloatTensor, length: number): number[] {
  const sums = new Array<number>(data.length / length).fill(0);
  for (const [i, x] of data.entries()) sums[Math.floor(i / length)]! += (x - back.data[i]!) ** 2;
  return sums;
}

/** The number farthest from zero becomes the least of the range, and the rest what is nearest. */
function plainErrors({ data }: FloatTensor, length: number, least: number, most: number): number[] {
  return Array.from({ length: data.length / length }, (_, run) => {
    const w = data.subarray(run * length, (run + 1) * length);
    const extreme = w.reduce((far, x) => (Math.abs(x) > Math.abs(far) ? x : far), 0);
    const scale = extreme / least;
    if (scale === 0) return 0;
    return w.reduce((sum, x) => sum + (x - scale * Math.max(least, Math.min(most, Math.round(x / scale)))) ** 2, 0);
  });
}

/** Scales are rounded to float32, and so are the numbers. */
function notAbove(found: readonly number[], bound: readonly number[], w: FloatTensor, length: number): void {
  for (const [run, error] of found.entries()) {
    const size = w.data.subarray(run * length, (run + 1) * length).reduce((sum, x) => sum + x * x, 0);
    assert.ok(error <= bound[run]! + 1e-6 * size, `run ${run}: ${error} above ${bound[run]}`);
  }
}

for (const bits of [4, 8] as const) {
  test(`blocks of ${bits} bits leave no more squared error than the plain rule`, () => {
    const most = 2 ** (bits - 1) - 1;
    fc.assert(
      fc.property(matrix, (w) => {
        const back = dequantizeBlocks(quantizeBlocks(w, bits), bits);
        assert.deepEqual(back.shape, w.shape);
        notAbove(errors(w, back, blockSize), plainErrors(w, blockSize, -most - 1, most), w, blockSize);
      }),
    );
  });
}

test('rows leave no more squared error than the plain rule, and use 7 bits and the sign', () => {
  fc.assert(
    fc.property(matrix, (w) => {
      const rows = quantizeRows(w);
      const [outer, inner] = w.shape as [number, number];
      assert.deepEqual(rows.values.shape, [inner, outer]);
      for (const q of rows.values.data) assert.ok(Math.abs(Number(q)) <= 64);
      notAbove(errors(w, dequantizeRows(rows), inner), plainErrors(w, inner, -64, 64), w, inner);
    }),
  );
});

test('numbers that are multiples of one scale come back as they were', () => {
  for (const bits of [4, 8] as const) {
    const half = 2 ** (bits - 1);
    const data = Float32Array.from({ length: blockSize }, (_, i) => (i === 0 ? -half : (i % (2 * half)) - half) / 4);
    const w = float32(data, [1, blockSize]);
    assert.deepEqual(dequantizeBlocks(quantizeBlocks(w, bits), bits), w);
  }
});

test('of 4 bits the first number lies in the low half of a byte, and zero is 8', () => {
  const data = new Float32Array(blockSize);
  data.set([-8, 1, 2, 7]);
  const { values, scales } = quantizeBlocks(float32(data, [1, blockSize]), 4);
  assert.deepEqual([...values.data.slice(0, 3)], [0x90, 0xfa, 0x88]);
  assert.deepEqual([...scales.data], [1]);
  assert.deepEqual(values.shape, [1, 1, 16]);
});

test('what is all zeros stays so; what is no number is refused', () => {
  const zeros = float32(new Float32Array(2 * blockSize), [2, blockSize]);
  assert.deepEqual(dequantizeBlocks(quantizeBlocks(zeros, 4), 4), zeros);
  assert.deepEqual(dequantizeRows(quantizeRows(zeros)), zeros);
  for (const strange of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const w = float32(new Float32Array(blockSize).fill(strange), [1, blockSize]);
    assert.throws(() => quantizeBlocks(w, 8), /expected finite weights/);
    assert.throws(() => quantizeRows(w), /expected finite weights/);
  }
});

test('columns divided by their sizes and multiplied again are what they were', () => {
  fc.assert(
    fc.property(matrix, (w) => {
      const sizes = columnSizes(w);
      const even = divideColumns(w, sizes);
      for (const [i, x] of even.data.entries()) {
        const back = x * sizes.data[i % sizes.data.length]!;
        assert.ok(Math.abs(back - w.data[i]!) <= 1e-6 * Math.abs(w.data[i]!) + 1e-37, `${back} for ${w.data[i]}`);
      }
    }),
  );
});
