// Numbers of few bits for a matrix of weights [N, K], symmetric about zero: w ~ scale q. The scale is not simply that of the largest
// number: several are tried, each is then fitted to what its rounding gave, and the one with the least squared error is kept.
//   blocks: each 32 numbers of a row share a scale; q is stored as q + 2^(bits - 1), of 4 bits two to a byte, the first in its low half
//   rows:   a whole row shares a scale
import { type FloatTensor, float32, int8, type Tensor, uint8 } from '../base/tensor.ts';

export const blockSize = 32;

/**
 * In whole rows only 7 bits and the sign are used: processors without instructions for it add two products of 8 bits in 16,
 * which overflows beyond 64 (Intel: vpmaddubsw), and a model must not depend on the processor.
 */
const largestInRows = 64;

/** The numbers, and a scale for each block of them or for each row. */
export interface QuantizedWeights {
  readonly values: Tensor;
  readonly scales: FloatTensor;
}

/** weights [N, K], K a multiple of 32 -> uint8 [N, K / 32, 4 bits], scales [N, K / 32] */
export function quantizeBlocks({ data, shape }: FloatTensor, bits: 4 | 8): QuantizedWeights {
  const [rows, blocks] = [shape[0]!, shape[1]! / blockSize];
  const zero = 2 ** (bits - 1);
  const perByte = 8 / bits;
  const range: Range = { least: -zero, most: zero - 1, shifts: bits === 4 ? shifts : [0] };
  const values = new Uint8Array(data.length / perByte);
  const scales = new Float32Array(rows * blocks);
  const q = new Int32Array(blockSize);
  for (let block = 0; block < scales.length; block++) {
    const from = block * blockSize;
    scales[block] = quantizeRun(data.subarray(from, from + blockSize), range, q);
    for (let i = 0; i < blockSize; i++) values[((from + i) / perByte) | 0]! |= (q[i]! + zero) << (bits * (i % perByte));
  }
  return {
    values: uint8(values, [rows, blocks, blockSize / perByte]),
    scales: float32(scales, [rows, blocks]),
  };
}

/** The numbers that blocks stand for, [N, K]. */
export function dequantizeBlocks({ values, scales }: QuantizedWeights, bits: 4 | 8): FloatTensor {
  const zero = 2 ** (bits - 1);
  const perByte = 8 / bits;
  const bytes = values.data as Uint8Array;
  const mask = 2 ** bits - 1;
  const data = Float32Array.from({ length: bytes.length * perByte }, (_, i) => {
    const q = ((bytes[Math.floor(i / perByte)]! >> (bits * (i % perByte))) & mask) - zero;
    return q * scales.data[Math.floor(i / blockSize)]!;
  });
  const [rows, blocks] = scales.shape as [number, number];
  return float32(data, [rows, blocks * blockSize]);
}

/** weights [N, K] -> int8 [K, N] from -64 to 64, scales [N] */
export function quantizeRows({ data, shape }: FloatTensor): QuantizedWeights {
  const [rows, columns] = shape as [number, number];
  const range: Range = { least: -largestInRows, most: largestInRows, shifts };
  const values = new Int8Array(data.length);
  const scales = new Float32Array(rows);
  const q = new Int32Array(columns);
  for (let row = 0; row < rows; row++) {
    scales[row] = quantizeRun(data.subarray(row * columns, (row + 1) * columns), range, q);
    for (const [column, number] of q.entries()) values[column * rows + row] = number;
  }
  return { values: int8(values, [columns, rows]), scales: float32(scales, [rows]) };
}

/** The numbers that rows stand for, [N, K]. */
export function dequantizeRows({ values, scales }: QuantizedWeights): FloatTensor {
  const [columns, rows] = values.shape as [number, number];
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      data[row * columns + column] = Number(values.data[column * rows + row]) * scales.data[row]!;
  return float32(data, [rows, columns]);
}

/**
 * What the columns are divided by, the product's x multiplied by, so that no column drowns the others of its block: the fourth root of
 * their size (root mean square), 1 for one of zeros. In the default model's table one column is thirty times as large as the rest.
 * More bits of 8-bit blocks, by the power of the size: 0, 0.29 %; 1/4, 0.02 %; 1/2, 0.10 %; 1, 0.32 %, since x is rounded in blocks, too.
 */
export function columnSizes({ data, shape }: FloatTensor): FloatTensor {
  const [rows, columns] = shape as [number, number];
  const sums = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) sums[i % columns]! += data[i]! * data[i]!;
  return float32(
    Float32Array.from(sums, (sum) => (sum / rows) ** (1 / 8) || 1),
    [columns],
  );
}

export function divideColumns({ data, shape }: FloatTensor, { data: sizes }: FloatTensor): FloatTensor {
  return float32(
    data.map((x, i) => x / sizes[i % sizes.length]!),
    shape,
  );
}

interface Range {
  readonly least: number;
  readonly most: number;
  /** How much further than to the end of the range the largest number may reach, to be tried; limited to the end. */
  readonly shifts: readonly number[];
}

/** In sixteenths of the range. Wider or finer ones lower the squared error of normal numbers by less than one in a thousand. */
const shifts = [-3, -2, -1, 0, 1, 2, 3, 4].map((sixteenths) => sixteenths / 16);

/**
 * Rounds w to scale q and returns the scale. For given q the best scale is sum(w q) / sum(q q), and what it leaves of the squared error
 * is sum(w w) - sum(w q)^2 / sum(q q): so the largest sum(w q)^2 / sum(q q) wins. The number farthest from zero goes to the
 * least of the range, which has one more than the other side; so a scale may be negative.
 */
function quantizeRun(w: Float32Array, { least, most, shifts }: Range, q: Int32Array): number {
  let extreme = 0;
  for (const x of w) {
    if (!Number.isFinite(x)) throw new RangeError(`quantize: expected finite weights, got ${x}`);
    if (Math.abs(x) > Math.abs(extreme)) extreme = x;
  }
  q.fill(0);
  if (extreme === 0) return 0;
  let [best, scale] = [-1, 0];
  for (const shift of shifts) {
    const inverse = (least * (1 + shift)) / extreme;
    let [wq, qq] = [0, 0];
    for (const x of w) {
      const rounded = Math.max(least, Math.min(most, Math.round(x * inverse)));
      wq += x * rounded;
      qq += rounded * rounded;
    }
    if ((wq * wq) / qq <= best) continue;
    best = (wq * wq) / qq;
    scale = wq / qq;
    for (let i = 0; i < w.length; i++) q[i] = Math.max(least, Math.min(most, Math.round(w[i]! * inverse)));
  }
  return Math.fround(scale);
}
