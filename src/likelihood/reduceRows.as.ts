// Rows of log-probabilities, normalized or not, to what is kept of them, in WebAssembly SIMD, AssemblyScript source. Lanes and their order are
// fixed, so the same rows give the same bits on every machine. Of a row with the largest logit m and the target's x:
//
//   pass 1   m;  above = how many logits are larger than x
//   pass 2   rest = sum exp(logit - m), less the 1 of the first of the largest;  weighted = sum exp(logit - m) (m - logit)
//
// from which ln of the normalizer is m + ln(1 + rest), and the entropy ln(1 + rest) + weighted / (1 + rest). The largest are counted apart
// from the others, so that nothing is lost of a distribution of which nearly all is one symbol.

const log2e: f32 = 1.4426950408889634;
/** 2^f on [-1/2, 1/2] is 1 + f (c1 + f (c2 + ...)), to 9.2e-8 of itself: least squares, reweighted until the extremes are level. */
const c1: f32 = 0.6931469775986024;
const c2: f32 = 0.24022242084451068;
const c3: f32 = 0.05550733743663225;
const c4: f32 = 0.009671512700163032;
const c5: f32 = 0.001326472725581842;
/** Added and taken away again, it rounds to whole numbers, which its low bits then hold. */
const rounder: f32 = 12582912; // 1.5 * 2^23
/** As an exponent of 2 it makes a factor of 0: what is less likely adds nothing. */
const least: f32 = -127;
/** Vectors that are added up in single precision. */
const block: i32 = 32;
/** Bytes of the numbers of a row. */
const resultBytes: i32 = 32;

/**
 * `stride`: from a row to the next, in floats, a multiple of 4; what is more than the vocabulary is -Infinity. For each row, at `results`:
 * f64 rest, f64 weighted, f32 m, f32 x, i32 above.
 */
export function reduceRows(rows: usize, count: i32, stride: i32, targets: usize, results: usize): void {
  const rowBytes = (<usize>stride) << 2;
  for (let i = 0; i < count; i++) {
    const row = rows + <usize>i * rowBytes;
    const target = load<i32>(targets + ((<usize>i) << 2));
    reduceRow(row, row + rowBytes, load<f32>(row + ((<usize>target) << 2)), results + <usize>(i * resultBytes));
  }
}

function reduceRow(row: usize, end: usize, x: f32, result: usize): void {
  let largest = f32x4.splat(-Infinity);
  let above = i32x4.splat(0);
  const xs = f32x4.splat(x);
  for (let at = row; at < end; at += 16) {
    const logits = v128.load(at);
    largest = f32x4.pmax(largest, logits);
    above = i32x4.sub(above, f32x4.gt(logits, xs)); // True is -1.
  }
  const m = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );

  const ms = f32x4.splat(m);
  const scale = f32x4.splat(log2e);
  const floor = f32x4.splat(least);
  const rounders = f32x4.splat(rounder);
  const ones = f32x4.splat(1);
  const zeros = f32x4.splat(0);
  const bias = i32x4.splat(127);
  let rest = f64x2.splat(0);
  let weighted = f64x2.splat(0);
  let equal = i32x4.splat(0);
  for (let at = row; at < end; ) {
    const blockEnd = min(end, at + <usize>(block * 16));
    let sums = zeros;
    let products = zeros;
    for (; at < blockEnd; at += 16) {
      // e = exp(logit - m) = 2^t, t = n + f
      const t = f32x4.pmax(f32x4.mul(f32x4.sub(v128.load(at), ms), scale), floor);
      const rounded = f32x4.add(t, rounders);
      const f = f32x4.sub(t, f32x4.sub(rounded, rounders));
      let p = f32x4.add(f32x4.mul(f, f32x4.splat(c5)), f32x4.splat(c4));
      p = f32x4.add(f32x4.mul(f, p), f32x4.splat(c3));
      p = f32x4.add(f32x4.mul(f, p), f32x4.splat(c2));
      p = f32x4.add(f32x4.mul(f, p), f32x4.splat(c1));
      p = f32x4.add(f32x4.mul(f, p), ones);
      const e = f32x4.mul(p, i32x4.shl(i32x4.add(rounded, bias), 23));
      const smaller = f32x4.ne(t, zeros);
      equal = i32x4.add(equal, smaller);
      sums = f32x4.add(sums, v128.and(e, smaller));
      products = f32x4.sub(products, f32x4.mul(e, t));
    }
    rest = f64x2.add(rest, both(sums));
    weighted = f64x2.add(weighted, both(products));
  }
  const numEqual = <i32>((end - row) >> 2) + sumOf(equal);
  store<f64>(result, f64x2.extract_lane(rest, 0) + f64x2.extract_lane(rest, 1) + <f64>(numEqual - 1));
  store<f64>(result + 8, (f64x2.extract_lane(weighted, 0) + f64x2.extract_lane(weighted, 1)) * 0.6931471805599453);
  store<f32>(result + 16, m);
  store<f32>(result + 20, x);
  store<i32>(result + 24, sumOf(above));
}

/** Four single-precision numbers as two sums of double precision. */
function both(sums: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(sums), f64x2.promote_low_f32x4(v128.shuffle<u32>(sums, sums, 2, 3, 2, 3)));
}

function sumOf(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
