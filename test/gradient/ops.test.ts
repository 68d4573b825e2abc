// Every row of the operator table: its gradient in float64 along one random direction, and its float32 kernel against
// float64 (for kernels that exist only in float32, against their lowering).
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { vjps } from '../../src/autodiff/vjps.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { Random } from '../../src/base/random.ts';
import { float32, float64, sizeOf, type Tensor } from '../../src/base/tensor.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { ops } from '../../src/graph/ops.ts';
import type { OpInputs, OpName } from '../../src/graph/types.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { withSession } from '../tinyModels.ts';
import { cases, type InputCase, type OpCase } from './cases.ts';
import { checkGradient, normals } from './directional.ts';

const runtime = await openRuntime();

after(() => assert.deepEqual(liveObjects(), {}));

for (const op of Object.keys(ops) as OpName[]) testOp(op);

function testOp<P extends OpName>(op: P): void {
  for (const [index, opCase] of cases[op].entries()) {
    if (vjps[op] !== 'notDifferentiable')
      test(`gradient of ${op} ${index}`, async () => {
        const random = new Random(index + 1);
        const { graph, outputs, at, drawn } = build(op, opCase, random);
        const terms = outputs.slice(0, opCase.differentiableOutputs ?? 1).map((y) => weighted(graph, y, random));
        await checkGradient(op, runtime, graph, graph.op('Sum', terms), { at, varied: drawn }, random);
      });
    test(`values of ${op} ${index}, float32 against float64`, async () => {
      const { graph, outputs, at } = build(op, opCase, new Random(index + 1));
      for (const [number, output] of outputs.entries()) graph.output(`y${number}`, output);
      const [single, double] = await Promise.all([valuesIn(graph, 'float32', at), valuesIn(graph, 'float64', at)]);
      assert.deepEqual(Object.keys(single), Object.keys(double));
      for (const name in single)
        for (const [i, x] of Array.from(double[name]!.data, Number).entries()) {
          const y = Number(single[name]!.data[i]);
          assert.ok(Math.abs(x - y) <= 2e-6 * Math.max(1, Math.abs(x)), `${op} ${name}[${i}]: ${y} for ${x}`);
        }
    });
  }
}

function build<P extends OpName>(op: P, { inputs, attributes }: OpCase<P>, random: Random) {
  const graph = new Graph();
  const at = new Map<string, Tensor>();
  const drawn: Value[] = [];
  const values = inputs.map((input, index) => {
    if ('fixed' in input) return graph.constant(input.fixed);
    const value = graph.input(`x${index}`, 'float32', input.shape);
    at.set(value.name, float64(drawValues(input, random), input.shape));
    drawn.push(value);
    return value;
  });
  const outputs: readonly Value[] = graph.named(op, op, values as OpInputs<P>, attributes);
  return { graph, outputs, at, drawn };
}

function drawValues({ shape, draw }: Extract<InputCase, { draw: unknown }>, random: Random): Float64Array {
  return Float64Array.from({ length: sizeOf(shape) }, () => draw(random));
}

/** A scalar that depends on every element of y in its own way. */
function weighted(graph: Graph, y: Value, random: Random): Value {
  const { data, shape } = normals(y.shape as number[], random);
  const product = graph.mul(y, graph.constant(float32(Float32Array.from(data, Number), shape)));
  return shape.length === 0
    ? product
    : graph.op('ReduceSum', [product], { axes: shape.map((_, axis) => axis), keepDims: false });
}

async function valuesIn(
  graph: Graph,
  dtype: 'float32' | 'float64',
  at: ReadonlyMap<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const inputs = [...at].map(([name, tensor]): [string, Tensor] => [
    name,
    dtype === 'float64' ? tensor : float32(Float32Array.from(tensor.data, Number), tensor.shape),
  ]);
  const bytes = toOnnx(graph, { parameters: 'inputs', dtype });
  return withSession(runtime, bytes, 1, (session) => session.run(Object.fromEntries(inputs), session.outputNames));
}
