// Weights in blocks of 32 with one scale each, as GGUF's Q4_0 and Q8_0 and the operator MatMulNBits hold them: w = scale * code.
// What differs between the formats is only how codes are packed, so that the peers compute with the same numbers.

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

const single = new Float32Array(1);
const bitsOfSingle = new Uint32Array(single.buffer);

/** IEEE 754 half precision, to nearest, ties to even; what is too large becomes infinite. */
export function halfBits(value: number): number {
  single[0] = value;
  const bits = bitsOfSingle[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign;
  // Subnormal: the leading one is written out, and more digits fall away.
  const dropped = exponent > 0 ? 13 : 14 - exponent;
  const digits = exponent > 0 ? (exponent << 23) | fraction : fraction | 0x800000;
  const kept = digits >>> dropped;
  const rest = digits & (2 ** dropped - 1);
  const half = 2 ** (dropped - 1);
  return sign | (kept + Number(rest > half || (rest === half && (kept & 1) === 1)));
}

export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
