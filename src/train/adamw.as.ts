// AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2) in WebAssembly SIMD, AssemblyScript source. One memory, imported, holds
// everything; pointers are byte addresses in it. Lanes and their order are fixed, so the same inputs give the same bits
// on every machine. Counts need not be multiples of four: the tail goes through the same arithmetic, one element at a time.

/** Sum of squares in double precision: four float64 partial sums, then their sum, then the tail. */
export function sumOfSquares(pointer: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const whole = count & ~3;
  let at = pointer;
  const end = pointer + ((<usize>whole) << 2);
  while (at < end) {
    const g = v128.load(at);
    const a = f64x2.promote_low_f32x4(g);
    const b = f64x2.promote_low_f32x4(v128.shuffle<u32>(g, g, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
    at += 16;
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let i = whole; i < count; i++) {
    const g = <f64>load<f32>(pointer + ((<usize>i) << 2));
    sum += g * g;
  }
  return sum;
}

/**
 * One update of `count` parameters:
 *   g = gradient * gradientScale
 *   m = m + (1 - beta1) (g - m);  v = v + (1 - beta2) (g g - v)
 *   p = p * keep - stepSize * m / (sqrt(v) * varianceScale + epsilon)
 * with keep = 1 - learningRate * weightDecay, stepSize = learningRate / (1 - beta1^t), varianceScale = 1 / sqrt(1 - beta2^t):
 * PyTorch's AdamW, its epsilon included (added after the bias correction).
 */
export function adamw(
  parameters: usize,
  gradients: usize,
  first: usize,
  second: usize,
  count: i32,
  gradientScale: f32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  keep: f32,
  stepSize: f32,
  varianceScale: f32,
  epsilon: f32,
): void {
  const scales = f32x4.splat(gradientScale);
  const rates1 = f32x4.splat(oneMinusBeta1);
  const rates2 = f32x4.splat(oneMinusBeta2);
  const keeps = f32x4.splat(keep);
  const steps = f32x4.splat(stepSize);
  const corrections = f32x4.splat(varianceScale);
  const epsilons = f32x4.splat(epsilon);
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    const offset = (<usize>i) << 2;
    const g = f32x4.mul(v128.load(gradients + offset), scales);
    let m = v128.load(first + offset);
    let v = v128.load(second + offset);
    m = f32x4.add(m, f32x4.mul(rates1, f32x4.sub(g, m)));
    v = f32x4.add(v, f32x4.mul(rates2, f32x4.sub(f32x4.mul(g, g), v)));
    const p = f32x4.mul(v128.load(parameters + offset), keeps);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v), corrections), epsilons);
    v128.store(first + offset, m);
    v128.store(second + offset, v);
    v128.store(parameters + offset, f32x4.sub(p, f32x4.div(f32x4.mul(steps, m), denominator)));
  }
  for (let i = whole; i < count; i++) {
    const offset = (<usize>i) << 2;
    const g = load<f32>(gradients + offset) * gradientScale;
    let m = load<f32>(first + offset);
    let v = load<f32>(second + offset);
    m = m + oneMinusBeta1 * (g - m);
    v = v + oneMinusBeta2 * (g * g - v);
    const p = load<f32>(parameters + offset) * keep;
    const denominator = <f32>Math.sqrt(v) * varianceScale + epsilon;
    store<f32>(first + offset, m);
    store<f32>(second + offset, v);
    store<f32>(parameters + offset, p - (stepSize * m) / denominator);
  }
}
