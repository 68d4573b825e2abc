// The processor's peak: how many floating-point operations a second a product of two square float32 matrices comes to, through the
// runtime's own MatMul and so its own GEMM. The best of a few sizes: small ones are all overhead, large ones all memory.
import { float32, type Tensor } from '../src/base/tensor.ts';
import { Graph } from '../src/graph/graph.ts';
import { toOnnx } from '../src/graph/onnx.ts';
import type { Runtime } from '../src/runtime/session.ts';

const sizes = [384, 768, 1536];
const runsOfEach = 5;

/** GFLOP/s of the fastest run. */
export async function gemmPeak(runtime: Runtime, threads: number): Promise<number> {
  let best = 0;
  for (const size of sizes) best = Math.max(best, await peakOfSize(runtime, threads, size));
  return best;
}

async function peakOfSize(runtime: Runtime, threads: number, size: number): Promise<number> {
  const graph = new Graph();
  const a = graph.input('a', 'float32', [size, size]);
  const b = graph.parameter('b', [size, size]);
  graph.output('product', graph.op('MatMul', [a, b])); // [size, size]
  const matrix = (): Extract<Tensor, { dtype: 'float32' }> =>
    float32(
      Float32Array.from({ length: size * size }, (_, i) => (i % 17) / 17),
      [size, size],
    );
  const bytes = toOnnx(graph, { parameters: { embedded: new Map([['b', matrix()]]) } });
  const session = await runtime.createSession({ bytes }, { threads });
  try {
    const [inputs, into] = [{ a: matrix() }, { product: matrix() }];
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run <= runsOfEach; run++) {
      const startedAt = performance.now();
      await session.run(inputs, ['product'], { into });
      if (run > 0) fastest = Math.min(fastest, performance.now() - startedAt);
    }
    return (2 * size ** 3) / (fastest * 1e6);
  } finally {
    session.dispose();
  }
}
