// Sums of gradients in WebAssembly SIMD, AssemblyScript source, over the same memory as adamw.as.ts. Every element by itself, so the order
// of the calls is the order of the additions. Regions are whole multiples of 64 bytes.

/** target += source, `count` elements. */
export function add(target: usize, source: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)));
  }
}

/** target *= factor, `count` elements. */
export function scale(target: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let i = 0; i < count; i += 4) {
    const at = target + ((<usize>i) << 2);
    v128.store(at, f32x4.mul(v128.load(at), factors));
  }
}
