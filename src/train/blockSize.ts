// How many channels ONNX Runtime's convolutions keep in a block on this processor: 16 with AVX-512 and on ARM, 8 with AVX2, 1 where it
// has no such layout. It tells nobody, so a small image is put into blocks, to see in which order it comes out.
import { float32 } from '../base/tensor.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import type { Runtime } from '../runtime/session.ts';

/** As many as any processor has. */
const most = 64;

export async function blockSizeOf(runtime: Runtime): Promise<number> {
  try {
    return await measured(runtime);
  } catch {
    return 1; // A runtime without the operators, or without the layout.
  }
}

async function measured(runtime: Runtime): Promise<number> {
  const graph = new Graph();
  graph.output('blocks', graph.op('ToBlocks', [graph.input('image', 'float32', [1, most, 1, 2])]));
  const bytes = toOnnx(graph, { parameters: 'inputs', blockSize: most });
  const session = await runtime.createSession({ bytes }, { threads: 1 });
  try {
    // Channel c has the values 2 c and 2 c + 1 at its two places: the second place of the first channel follows a block.
    const image = float32(
      Float32Array.from({ length: 2 * most }, (_, index) => index),
      [1, most, 1, 2],
    );
    const { blocks } = await session.run({ image }, ['blocks']);
    return Math.max(1, Array.from(blocks!.data, Number).indexOf(1));
  } finally {
    session.dispose();
  }
}
