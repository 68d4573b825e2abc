// A process that exits while a run of minutes is in the background.
import { float32 } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { openNativeRuntime } from '../../../src/runtime/ortNative.ts';

const size = 1024;
const graph = new Graph();
const x = graph.input('x', 'float32', [size, size]);
let product = x;
for (let i = 0; i < 5000; i++) product = graph.op('MatMul', [product, x]);
graph.output('y', product);

openNativeRuntime()
  .createSession({ bytes: toOnnx(graph, { parameters: 'inputs' }) }, { threads: 1 })
  .then((session) => {
    session
      .run({ x: float32(new Float32Array(size * size), [size, size]) }, ['y'], { background: true })
      .finally(() => process.stdout.write('the run ended\n'));
    setImmediate(() => process.exit(0));
  })
  .catch(() => process.exit(1));
