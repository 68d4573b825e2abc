import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { float32, int32, type Tensor } from '../../../src/base/tensor.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { oneSequence, wholeSequences } from '../../../src/layers/positions.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { withSession } from '../../tinyModels.ts';

const runtime = await openRuntime();

after(() => assert.deepEqual(liveObjects(), {}));

/** o = may see, . = may not. */
async function picture(graph: Graph, mask: Value, inputs: Record<string, Tensor>): Promise<string[]> {
  graph.output('mask', mask);
  const bytes = toOnnx(graph, { parameters: 'inputs' });
  const results = await withSession(runtime, bytes, 1, (session) => session.run(inputs, ['mask']));
  const { data, shape } = results['mask']!;
  const width = shape[1]!;
  const dots = Array.from(data, Number)
    .map((x) => (x === 0 ? 'o' : '.'))
    .join('');
  return Array.from({ length: shape[0]! }, (_, row) => dots.slice(row * width, (row + 1) * width));
}

const symbols = int32(Int32Array.of(1, 2, 3), [3]);

test('after a past every row sees it, itself, and what lies between; each query head of a group the same', async () => {
  const graph = new Graph();
  const past = graph.input('past', 'float32', ['past', 1]);
  const positions = oneSequence(graph, graph.input('symbols', 'int32', ['time']), 2, past);
  const inputs = { symbols, past: float32(new Float32Array(2), [2, 1]) };
  const rows = ['ooo..', 'oooo.', 'ooooo'];
  assert.equal(positions.blocks.length, 1);
  assert.deepEqual(positions.blocks[0]!.mask.shape, ['2*time', 'past+time']);
  assert.deepEqual(await picture(graph, positions.blocks[0]!.mask, inputs), [...rows, ...rows]);
});

test('without a past', async () => {
  const graph = new Graph();
  const positions = oneSequence(graph, graph.input('symbols', 'int32', ['time']), 1);
  assert.deepEqual(await picture(graph, positions.blocks[0]!.mask, { symbols }), ['o..', 'oo.', 'ooo']);
});

test('static sequences are cut into blocks that end where their last row ends', async () => {
  const { blocks } = wholeSequences(new Graph(), 4, 300, 1);
  assert.deepEqual(
    blocks.map(({ time, end }) => [time, end]),
    [
      [128, 128],
      [128, 256],
      [44, 300],
    ],
  );
  const graph = new Graph();
  const { mask } = wholeSequences(graph, 4, 130, 1).blocks[1]!;
  assert.deepEqual(await picture(graph, mask, {}), [`${'o'.repeat(129)}.`, 'o'.repeat(130)]);
});
