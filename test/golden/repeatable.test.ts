// Two runs of a training graph give the same bits, at production size and with two threads: duplicate indices and large
// products are where threads would show. (ScatterND with reduction add fails this; ScatterElements does not.)
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../src/autodiff/gradients.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { Random } from '../../src/base/random.ts';
import { float32, int32, sizeOf, type Tensor } from '../../src/base/tensor.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { type AnyArchitecture, architectureNamed } from '../../src/models/registry.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { withSession } from '../tinyModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

// The second has so few symbols that the gradient of its embedding is a product, the third has not.
for (const [name, changes, batch, time] of [
  ['gpt', {}, 4, 512],
  ['charRnn', { vocabularySize: 96, startSymbol: 0, embeddingSize: 128, hiddenSize: 256, numLayers: 2 }, 16, 128],
  ['charRnn', { vocabularySize: 1000, hiddenSize: 128 }, 16, 64],
  ['pixelCnn', { block: 'plain' }, 4, 784],
] as const)
  test(`${name}: loss and gradients are bitwise equal from run to run, batch ${batch}, time ${time}`, async () => {
    const architecture: AnyArchitecture = architectureNamed(name);
    const config = architecture.parseConfig({ ...architecture.defaultConfig, ...changes });
    const random = new Random(1);
    // Uniform numbers are quicker to draw than normal ones, and do as well here.
    const drawn = (shape: readonly number[]) =>
      float32(
        Float32Array.from({ length: sizeOf(shape) }, () => 0.1 * (random.nextFloat() - 0.5)),
        shape,
      );
    // Skewed to few symbols, so that most rows of the embedding are added to many times.
    const vocab = architecture.vocabularySize(config) - (architecture.consumes === 'image' ? 1 : 0); // Never the start of an image.
    const symbols = () =>
      int32(
        Int32Array.from({ length: batch * time }, () => Math.floor(vocab * random.nextFloat() ** 6)),
        [batch, time],
      );
    const inputs: Record<string, Tensor> = {};
    for (const { name, shape } of architecture.parameters(config)) inputs[name] = drawn(shape);
    const { graph, lossNats, carried = [] } = architecture.buildTrain(config, batch, time);
    for (const { name, shape } of carried) inputs[`carried.${name}`] = drawn(shape);
    inputs['symbols'] = symbols();
    inputs['targets'] = symbols();
    graph.output('lossNats', lossNats);
    for (const { name, next } of carried) graph.output(`next.${name}`, next);
    for (const [index, gradient] of gradients(graph, lossNats, graph.parameters).entries())
      graph.output(`gradient.${graph.parameters[index]!.name}`, gradient);
    await withSession(await openRuntime(), toOnnx(graph, { parameters: 'inputs' }), 2, async (session) => {
      const first = await session.run(inputs, session.outputNames);
      const second = await session.run(inputs, session.outputNames);
      for (const name of session.outputNames) {
        const [a, b] = [bytesOf(first[name]!), bytesOf(second[name]!)];
        assert.ok(a.equals(b), `${name} differs between two runs`);
      }
    });
  });

function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
