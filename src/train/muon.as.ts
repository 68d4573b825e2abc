// The elementwise halves of Muon in WebAssembly SIMD, AssemblyScript source; the matrix products between them run in ONNX Runtime. Same
// memory, same rules as adamw.as.ts.

/**
 * Momentum with Nesterov's look-ahead, the gradient replaced by the direction:
 *   g = gradient * gradientScale;  m = m + (1 - momentum) (g - m);  gradient = g + momentum (m - g)
 */
export function direct(
  gradients: usize,
  first: usize,
  count: i32,
  gradientScale: f32,
  momentum: f32,
): void {
  const scales = f32x4.splat(gradientScale);
  const keeps = f32x4.splat(momentum);
  const rates = f32x4.splat(<f32>1 - momentum);
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    const offset = (<usize>i) << 2;
    const g = f32x4.mul(v128.load(gradients + offset), scales);
    let m = v128.load(first + offset);
    m = f32x4.add(m, f32x4.mul(rates, f32x4.sub(g, m)));
    v128.store(first + offset, m);
    v128.store(gradients + offset, f32x4.add(g, f32x4.mul(keeps, f32x4.sub(m, g))));
  }
  for (let i = whole; i < count; i++) {
    const offset = (<usize>i) << 2;
    const g = load<f32>(gradients + offset) * gradientScale;
    let m = load<f32>(first + offset);
    m = m + (<f32>1 - momentum) * (g - m);
    store<f32>(first + offset, m);
    store<f32>(gradients + offset, g + momentum * (m - g));
  }
}

/** p = p * keep - stepSize * direction */
export function apply(parameters: usize, directions: usize, count: i32, keep: f32, stepSize: f32): void {
  const keeps = f32x4.splat(keep);
  const steps = f32x4.splat(stepSize);
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    const offset = (<usize>i) << 2;
    const p = f32x4.mul(v128.load(parameters + offset), keeps);
    v128.store(parameters + offset, f32x4.sub(p, f32x4.mul(steps, v128.load(directions + offset))));
  }
  for (let i = whole; i < count; i++) {
    const offset = (<usize>i) << 2;
    store<f32>(parameters + offset, load<f32>(parameters + offset) * keep - stepSize * load<f32>(directions + offset));
  }
}
