// Two runs of the training graph give the same bits, at production size and with two threads: duplicate indices and large
// products are where threads would show. (ScatterND with reduction add fails this; ScatterElements does not.)
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../src/autodiff/gradients.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { Random } from '../../src/base/random.ts';
import { float32, int32, sizeOf, type Tensor } from '../../src/base/tensor.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { gpt } from '../../src/models/gpt.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { withSession } from '../tinyModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

test('loss and gradients are bitwise equal from run to run', async () => {
  const config = gpt.defaultConfig;
  const [batch, time] = [4, 512];
  const random = new Random(1);
  const inputs: Record<string, Tensor> = {};
  for (const { name, shape } of gpt.parameters(config)) {
    // Uniform numbers are quicker to draw than normal ones, and do as well here.
    const data = Float32Array.from({ length: sizeOf(shape) }, () => 0.1 * (random.nextFloat() - 0.5));
    inputs[name] = float32(data, shape);
  }
  // Skewed to few symbols, so that most rows of the embedding are added to many times.
  const draw = () =>
    int32(
      Int32Array.from({ length: batch * time }, () => Math.floor(config.vocabularySize * random.nextFloat() ** 6)),
      [batch, time],
    );
  inputs['symbols'] = draw();
  inputs['targets'] = draw();
  const { graph, lossNats } = gpt.buildTrain(config, batch, time);
  graph.output('lossNats', lossNats);
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
