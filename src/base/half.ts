// Half precision (IEEE 754 binary16) as bits: 1 of sign, 5 of exponent, 10 of fraction. JavaScript has no such numbers.

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

/** The bits of many. */
export function toHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfBits);
}
