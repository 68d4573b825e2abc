// Weights in blocks of 32 with one scale each, as GGUF's Q4_0 and Q8_0 and the operator MatMulNBits hold them: w = scale * code.
// What differs between the formats is only how codes are packed, so that the peers compute with the same numbers.

import { halfBits, halfValue } from '../../src/base/half.ts';

export const BLOCK = 32;

export interface QuantizedBlocks {
  /** One for each block. */
  readonly scales: Float32Array;
  /** One for each weight: -8 to 7, or -127 to 127. */
  readonly codes: Int8Array;
}

/** @throws RangeError when rows do not end where blocks do. */
export function quantizeBlocks(weights: Float32Array, bits: 4 | 8): QuantizedBlocks {
  if (weights.length % BLOCK !== 0) {
    throw new RangeError(`quantizeBlocks: expected a multiple of ${BLOCK} weights, got ${weights.length}`);
  }
  const scales = new Float32Array(weights.length / BLOCK);
  const codes = new Int8Array(weights.length);
  for (let block = 0; block < scales.length; block++) {
    const at = block * BLOCK;
    const extreme = largestOf(weights, at);
    if (extreme === 0) continue;
    // Four bits reach -8 but only 7, so the weight that is largest, whatever its sign, is -8 scales.
    const scale = toHalf(bits === 4 ? extreme / -8 : Math.abs(extreme) / 127);
    scales[block] = scale;
    if (scale === 0) continue;
    const [least, most] = bits === 4 ? [-8, 7] : [-127, 127];
    for (let i = at; i < at + BLOCK; i++) codes[i] = Math.min(most, Math.max(least, Math.round(weights[i]! / scale)));
  }
  return { scales, codes };
}

function largestOf(weights: Float32Array, at: number): number {
  let largest = 0;
  for (let i = at; i < at + BLOCK; i++) if (Math.abs(weights[i]!) > Math.abs(largest)) largest = weights[i]!;
  return largest;
}

/** The nearest number that half precision has: GGUF keeps scales in it. */
function toHalf(value: number): number {
  return halfValue(halfBits(value));
}
