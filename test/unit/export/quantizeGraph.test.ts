// A quantized graph computes what the plain one computes with the numbers that its weights stand for, but for the rounding of what they are
// multiplied with.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { type FloatTensor, float32, int32, sizeOf, type Tensor } from '../../../src/base/tensor.ts';
import {
  quantizableWeights,
  quantizeGraph,
  quantizeParameters,
  type WeightForm,
} from '../../../src/export/quantizeGraph.ts';
import { dequantizeBlocks, dequantizeRows } from '../../../src/export/quantizeWeights.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { runtimes } from '../../runtimes.ts';
import { withSession } from '../../tinyModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const random = new Random(5);

function normal(shape: readonly number[]): FloatTensor {
  return float32(
    Float32Array.from({ length: sizeOf(shape) }, () => random.nextNormal()),
    shape,
  );
}

/** [5, 64] x [48, 64]T + [48]; rows of a table [48, 64]; a product of the looked-up rows with that table. */
function example(): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['rows', 64]);
  const symbols = graph.input('symbols', 'int32', ['time']);
  const matrix = graph.parameter('matrix', [48, 64]);
  const table = graph.parameter('table', [48, 64]);
  graph.output('product', graph.op('Gemm', [x, matrix, graph.parameter('bias', [48])], { transB: true }));
  const rows = graph.op('Gather', [table, symbols]);
  graph.output('rows', rows);
  graph.output('tied', graph.op('Gemm', [rows, table], { transB: true }));
  return graph;
}

const parameters = new Map([
  ['matrix', normal([48, 64])],
  ['table', normal([48, 64])],
  ['bias', normal([48])],
]);

/** The numbers that the weights stand for. */
function stoodFor(forms: ReadonlyMap<string, WeightForm>, quantized: ReadonlyMap<string, Tensor>) {
  const result = new Map(parameters);
  for (const [name, form] of forms) {
    const weights = {
      values: quantized.get(`${name}.quantized`)!,
      scales: quantized.get(`${name}.scales`) as FloatTensor,
    };
    const plain = form === 'rows8' ? dequantizeRows(weights) : dequantizeBlocks(weights, form === 'blocks4' ? 4 : 8);
    const columns = quantized.get(`${name}.columns`)?.data as Float32Array | undefined;
    result.set(
      name,
      columns
        ? float32(
            plain.data.map((q, i) => q * columns[i % columns.length]!),
            plain.shape,
          )
        : plain,
    );
  }
  return result;
}

const inputs = { x: normal([5, 64]), symbols: int32(Int32Array.of(3, 47, 0, 3), [4]) };

for (const [runtimeName, runtime] of Object.entries(runtimes))
  for (const [matrix, table] of [
    ['blocks4', 'evenBlocks8'],
    ['blocks8', 'blocks4'],
    ['rows8', 'blocks8'],
  ] as const) {
    test(`${runtimeName}: products in ${matrix} and look-ups in ${table} are those of the numbers they stand for`, async () => {
      const forms = new Map<string, WeightForm>([
        ['matrix', matrix],
        ['table', table],
      ]);
      const graph = example();
      const quantized = quantizeParameters(parameters, forms);
      const run = (one: Graph, embedded: ReadonlyMap<string, Tensor>) =>
        withSession(runtime, toOnnx(one, { parameters: { embedded } }), 1, (session) =>
          session.run(inputs, ['product', 'rows', 'tied']),
        );
      const found = await run(quantizeGraph(graph, forms), quantized);
      const expected = await run(graph, stoodFor(forms, quantized));
      // Sums of 64 products whose one side is rounded to 8 bits: 1 % of the largest of x, by sqrt(64).
      for (const [name, tolerance] of [
        ['product', 0.25],
        ['rows', 1e-5],
        ['tied', 0.25],
      ] as const) {
        assert.deepEqual(found[name]!.shape, expected[name]!.shape);
        for (const [i, y] of Array.from(expected[name]!.data, Number).entries()) {
          const difference = Math.abs(Number(found[name]!.data[i]) - y);
          assert.ok(difference <= tolerance, `${name}[${i}]: off by ${difference}`);
        }
      }
    });
  }

test('products of one x round it once', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['rows', 32]);
  for (const name of ['a', 'b'])
    graph.output(name, graph.op('Gemm', [x, graph.parameter(`w.${name}`, [8, 32])], { transB: true }));
  const quantized = quantizeGraph(
    graph,
    new Map([
      ['w.a', 'rows8'],
      ['w.b', 'rows8'],
    ]),
  );
  assert.deepEqual(
    quantized.nodes.map(({ op }) => op),
    ['DynamicQuantizeLinear', 'MatMulIntegerToFloat', 'MatMulIntegerToFloat'],
  );
});

test('what is used otherwise, or has no rows of whole blocks, stays as it is', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['rows', 64]);
  const product = (name: string, inner: number, of = x) =>
    graph.op('Gemm', [of, graph.parameter(name, [64, inner])], { transB: true });
  const added = graph.parameter('added', [64, 64]);
  graph.output('y', graph.op('Gemm', [product('good', 64), added], { transB: true }));
  graph.output('exp', graph.op('Exp', [added]));
  graph.output('narrow', product('narrow', 48, graph.input('z', 'float32', ['rows', 48])));
  graph.output('turned', graph.op('Gemm', [x, graph.parameter('turned', [64, 8])]));
  assert.deepEqual(quantizableWeights([graph]), [{ name: 'good', shape: [64, 64], lookedUp: false }]);
  const other = new Graph();
  other.output('y', other.op('Exp', [other.parameter('good', [64, 64])]));
  assert.deepEqual(quantizableWeights([graph, other]), []);
  const { parameters } = quantizeGraph(graph, new Map([['good', 'blocks8']]));
  assert.deepEqual(
    parameters.map(({ name, dtype }) => `${name} ${dtype}`),
    ['added float32', 'good.quantized uint8', 'good.scales float32', 'narrow float32', 'turned float32'].filter(
      Boolean,
    ),
  );
});
