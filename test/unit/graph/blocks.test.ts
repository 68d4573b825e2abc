// Convolutions in blocks of channels against the same in plain form: values, gradients of whole models, and how little is converted.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { float32, int32, sizeOf, type Tensor } from '../../../src/base/tensor.ts';
import { inBlocks } from '../../../src/graph/blocks.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { pixelCnn } from '../../../src/models/pixelCnn.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { blockSizeOf } from '../../../src/train/blockSize.ts';
import { randomParameters, withSession } from '../../tinyModels.ts';

const runtime = await openRuntime();
const blockSize = await blockSizeOf(runtime);

after(() => assert.deepEqual(liveObjects(), {}));

const margins = { pads: [1, 1, 0, 1] } as const;

function drawn(value: Value, random: Random): Tensor {
  const shape = value.shape as number[];
  return float32(
    Float32Array.from({ length: sizeOf(shape) }, () => random.nextNormal()),
    shape,
  );
}

/** All outputs agree to rounding, whether the graph is in blocks or not. */
async function assertSame(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Promise<void> {
  const outputs = graph.outputs.map(({ name }) => name);
  const valuesAt = (size: number) =>
    withSession(runtime, toOnnx(graph, { parameters: 'inputs', blockSize: size }), 1, (session) =>
      session.run(inputs, outputs),
    );
  const [plain, blocked] = [await valuesAt(1), await valuesAt(blockSize)];
  for (const name of outputs) {
    const expected = Array.from(plain[name]!.data, Number);
    const largest = Math.max(...expected.map(Math.abs), 1e-3);
    for (const [i, y] of Array.from(blocked[name]!.data, Number).entries())
      assert.ok(Math.abs(y - expected[i]!) <= 2e-5 * largest, `${name}[${i}]: ${y}, expected ${expected[i]}`);
  }
}

function count(graph: Graph, op: string): number {
  return graph.nodes.filter((node) => node.op === op).length;
}

test('the size of a block is one that a processor has', () => {
  assert.ok([1, 4, 8, 16, 32].includes(blockSize), String(blockSize));
});

test('a runtime without blocks has blocks of one', async () => {
  const none = { ...runtime, createSession: () => Promise.reject(new Error('no such operator')) };
  assert.equal(await blockSizeOf(none), 1);
});

/** Two convolutions with what stands between them in a residual block, from one channel, read with the channels last. */
function smallNet(width: number): { graph: Graph; inputs: Value[] } {
  const graph = new Graph();
  const image = graph.input('image', 'float32', [2, 1, 5, 4]);
  const parameters = [
    graph.parameter('first', [width, 1, 2, 3]),
    graph.parameter('second', [width, width, 2, 3]),
    graph.parameter('bias', [width]),
  ] as const;
  const [first, second, bias] = parameters;
  const hidden = graph.op('Relu', [graph.op('Conv', [image, first, bias], margins)]);
  const inner = graph.op('Conv', [hidden, second], margins);
  const sum = graph.add(hidden, graph.mul(inner, graph.scalar(0.5)));
  graph.output('sum', sum);
  graph.output('last', graph.transpose(sum, [0, 2, 3, 1]));
  return { graph, inputs: [image, ...parameters] };
}

test('values are the same, with whole blocks and without', async () => {
  for (const width of [16, 32, 12]) {
    const random = new Random(width);
    const { graph, inputs } = smallNet(width);
    await assertSame(graph, Object.fromEntries(inputs.map((value) => [value.name, drawn(value, random)])));
  }
});

test('what is between convolutions stays in blocks, and a Relu becomes part of the one before it', () => {
  const blocked = inBlocks(smallNet(16).graph, 16);
  assert.deepEqual(
    ['BlockedConv', 'Conv', 'Relu', 'ToBlocks', 'FromBlocks', 'Transpose'].map((op) => [op, count(blocked, op)]),
    // Each output is read out once, `last` without a transposition; the two transpositions are those of the kernels.
    [
      ...[
        ['BlockedConv', 2],
        ['Conv', 0],
        ['Relu', 0],
      ],
      ...[
        ['ToBlocks', 0],
        ['FromBlocks', 2],
        ['Transpose', 2],
      ],
    ],
  );
  assert.deepEqual(blocked.nodes.map(({ op, attributes }) => op === 'BlockedConv' && attributes.relu).filter(Boolean), [
    true,
  ]);
});

test('a convolution whose channels are no whole blocks stays as it is', () => {
  const blocked = inBlocks(smallNet(12).graph, 16);
  assert.equal(count(blocked, 'Conv'), 2);
  assert.equal(count(blocked, 'ToBlocks') + count(blocked, 'FromBlocks'), 0);
});

test('a result that others read as well keeps its value before the Relu', async () => {
  const graph = new Graph();
  const inputs = [graph.input('image', 'float32', [1, 16, 3, 3]), graph.parameter('kernel', [16, 16, 2, 3])] as const;
  const y = graph.op('Conv', [...inputs], margins);
  graph.output('y', y);
  graph.output('relu', graph.op('Relu', [y]));
  const random = new Random(1);
  await assertSame(graph, Object.fromEntries(inputs.map((value) => [value.name, drawn(value, random)])));
});

for (const [block, channels] of [
  ['plain', 1],
  ['residual', 1],
  ['gated', 1],
  ['residual', 3],
] as const)
  test(`loss and gradients of ${block} PixelCNN with ${channels} channels`, async () => {
    const config = pixelCnn.parseConfig({
      ...{ width: 6, height: 5, channels, levels: 5, block, hiddenSize: 32 * channels, numLayers: 2 },
      ...{ firstKernel: 5, kernel: 3, outputSize: 16 * channels },
    });
    const random = new Random(channels);
    const [batch, time] = [2, pixelCnn.contextLength(config)];
    const { graph, lossNats } = pixelCnn.buildTrain(config, batch, time);
    const derivatives = gradients(graph, lossNats, graph.parameters);
    graph.output('lossNats', lossNats);
    for (const [index, { name }] of graph.parameters.entries()) graph.output(`gradient.${name}`, derivatives[index]!);
    const symbols = () =>
      int32(
        Int32Array.from({ length: batch * time }, () => random.nextInteger(5)),
        [batch, time],
      );
    const parameters = randomParameters(pixelCnn, config, random);
    await assertSame(graph, { symbols: symbols(), targets: symbols(), ...Object.fromEntries(parameters) });
  });
