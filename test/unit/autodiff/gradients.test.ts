import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { liveObjects } from '../../../src/base/disposable.ts';
import { float32, type Tensor } from '../../../src/base/tensor.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { withSession } from '../../tinyModels.ts';

const runtime = await openRuntime();

after(() => assert.deepEqual(liveObjects(), {}));

/** d loss / dx at x = 3, for a loss made of scalars. */
async function derivativeAtThree(build: (graph: Graph, x: Value) => Value): Promise<number> {
  const graph = new Graph();
  const x = graph.input('x', 'float32', []);
  graph.output('dx', gradients(graph, build(graph, x), [x])[0]!);
  const inputs: Record<string, Tensor> = { x: float32(Float32Array.of(3), []) };
  const bytes = toOnnx(graph, { parameters: 'inputs' });
  const { dx } = await withSession(runtime, bytes, 1, (session) => session.run(inputs, ['dx']));
  return Number(dx!.data[0]);
}

test('gradients of one value add up over its uses', async () => {
  const check = async (build: (graph: Graph, x: Value) => Value, expected: number) =>
    assert.equal(await derivativeAtThree(build), expected);
  await check((_, x) => x, 1);
  await check((graph, x) => graph.add(x, x), 2);
  await check((graph, x) => graph.mul(x, x), 6);
  await check((graph, x) => graph.mul(graph.mul(x, x), x), 27);
  await check((graph, x) => {
    const square = graph.mul(x, x);
    return graph.add(graph.add(square, square), graph.sub(square, x)); // 3 x^2 - x
  }, 17);
});

test('branches that do not reach the loss have no gradient nodes', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', []);
  graph.op('Exp', [x]);
  const loss = graph.mul(x, graph.scalar(2));
  gradients(graph, loss, [x]);
  const made = graph.nodes.map(({ name }) => name).filter((name) => name.startsWith('gradient/'));
  assert.deepEqual(made, ['gradient/Mul/Mul']);
});

test('refusals say why', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  const y = graph.input('y', 'float32', []);
  const start = graph.input('start', 'int64', [1]);
  assert.throws(() => gradients(graph, x, [x]), /expected a scalar, got x \[2\]/);
  assert.throws(() => gradients(graph, y, [x]), /y does not depend on x/);
  const sliced = graph.op('SliceBetween', [x, start, start], { axis: 0, extent: 1 });
  const loss = graph.op('ReduceSum', [sliced], { axes: [0], keepDims: false });
  assert.throws(() => gradients(graph, loss, [x]), /SliceBetween has no gradient/);
});
