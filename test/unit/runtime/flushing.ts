// Multiplies what gives a number below 1e-38, on this thread and in the background.
import { float32 } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { openNativeRuntime } from '../../../src/runtime/ortNative.ts';

const runtime = openNativeRuntime();
const graph = new Graph();
const [a, b] = [graph.input('a', 'float32', [1]), graph.input('b', 'float32', [1])];
graph.output('y', graph.mul(a, b));

async function product(background: boolean): Promise<number> {
  const session = await runtime.createSession({ bytes: toOnnx(graph, { parameters: 'inputs' }) }, { threads: 1 });
  const target = { y: float32(new Float32Array(1), [1]) };
  const tiny = float32(Float32Array.of(1e-20), [1]);
  await session.run({ a: tiny, b: tiny }, ['y'], { into: target, background });
  session.dispose();
  // Looked at as bits, since the thread that looks flushes as well.
  return new Int32Array(target.y.data.buffer)[0]!;
}

async function main(): Promise<void> {
  process.stdout.write(`here ${await product(false)}, aside ${await product(true)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
