// Gradients through whole layers and through a whole small model, in float64 along one random direction.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../src/base/disposable.ts';
import { Random } from '../../src/base/random.ts';
import { float64, int32, type Tensor } from '../../src/base/tensor.ts';
import { Graph } from '../../src/graph/graph.ts';
import { type AttentionWeights, causalAttention, rotaryTables } from '../../src/layers/attention.ts';
import { wholeSequences } from '../../src/layers/positions.ts';
import { swiGlu } from '../../src/layers/swiGlu.ts';
import { architectures } from '../../src/models/registry.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { randomParameters, tinyConfigs } from '../tinyModels.ts';
import { checkGradient, normals } from './directional.ts';

const runtime = await openRuntime();

after(() => assert.deepEqual(liveObjects(), {}));

// The second is cut into two blocks of queries.
for (const [batch, time] of [
  [2, 5],
  [1, 130],
] as const)
  test(`causal attention, batch ${batch}, time ${time}`, async () => {
    const random = new Random(time);
    const graph = new Graph();
    const [hidden, headDim] = [8, 4];
    const x = graph.input('x', 'float32', [time * batch, hidden]);
    const weights: AttentionWeights = {
      query: graph.parameter('query', [2 * headDim, hidden]),
      key: graph.parameter('key', [headDim, hidden]),
      value: graph.parameter('value', [headDim, hidden]),
      output: graph.parameter('output', [hidden, 2 * headDim]),
    };
    const shape = { numHeads: 2, numKeyValueHeads: 1, headDim };
    const tables = rotaryTables(graph, time, headDim, 100);
    const { output } = causalAttention(graph, x, weights, shape, wholeSequences(graph, batch, time, 2), tables);
    await checkSquares(graph, output, random);
  });

test('SwiGLU', async () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [4, 3]);
  const gate = graph.parameter('gate', [5, 3]);
  const up = graph.parameter('up', [5, 3]);
  const down = graph.parameter('down', [3, 5]);
  await checkSquares(graph, swiGlu(graph, x, { gate, up, down }), new Random(1));
});

for (const architecture of architectures.values())
  for (const [index, json] of tinyConfigs[architecture.name]!.entries())
    test(`training loss of ${architecture.name} ${index}`, async () => {
      const random = new Random(index + 1);
      const config = architecture.parseConfig(json);
      const batch = 2;
      const isImage = architecture.rows === 'images';
      const time = isImage ? architecture.contextLength(config) : 6;
      // The start symbol of an image, its last, is never a target.
      const numSymbols = architecture.vocabularySize(config) - (isImage ? 1 : 0);
      const { graph, lossNats, carried = [] } = architecture.buildTrain(config, batch, time);
      const draw = () => Int32Array.from({ length: batch * time }, () => random.nextInteger(numSymbols));
      const at = new Map<string, Tensor>();
      for (const [name, { data, shape }] of randomParameters(architecture, config, random))
        at.set(name, float64(Float64Array.from(data), shape));
      for (const { name, shape } of carried) at.set(`carried.${name}`, normals(shape, random));
      at.set('symbols', int32(draw(), [batch, time])).set('targets', int32(draw(), [batch, time]));
      const varied = graph.parameters;
      await checkGradient(architecture.name, runtime, graph, lossNats, { at, varied }, random);
    });

/** The loss is the mean square of y; the direction moves all inputs and parameters. */
async function checkSquares(graph: Graph, y: Graph['inputs'][number], random: Random): Promise<void> {
  const loss = graph.op('ReduceMean', [graph.mul(y, y)], { axes: [0, 1], keepDims: false });
  const varied = [...graph.inputs, ...graph.parameters];
  const at = new Map(varied.map(({ name, shape }) => [name, normals(shape as number[], random)]));
  await checkGradient('layer', runtime, graph, loss, { at, varied }, random);
}
