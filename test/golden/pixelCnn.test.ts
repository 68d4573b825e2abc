// PixelCNN against PyTorch's convolutions with masked kernels: logits, loss, every gradient, and the losses of ten AdamW steps; plain
// and grey, residual and RGB, gated. Remake: python3 test/golden/pixelCnn.py
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../src/autodiff/gradients.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { type FloatTensor, float32, int32, type Tensor } from '../../src/base/tensor.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { pixelCnn } from '../../src/models/pixelCnn.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { AdamW, type AdamWSettings } from '../../src/train/optimizer.ts';
import { ParameterMemory } from '../../src/train/parameterMemory.ts';
import { withSession } from '../tinyModels.ts';
import { assertClose, decodeFloats, readGolden } from './golden.ts';

interface PixelCnnGolden {
  readonly formatVersion: number;
  readonly script: string;
  readonly adamw: AdamWSettings & { readonly steps: number; readonly learningRate: number };
  readonly models: readonly ModelGolden[];
}

interface ModelGolden {
  readonly config: Record<string, number | string>;
  readonly batch: number;
  readonly targets: number[];
  readonly parameters: Record<string, string>;
  readonly logits: string;
  readonly lossNats: number;
  readonly gradients: Record<string, string>;
  readonly adamwLosses: number[];
  readonly adamwGradientNorms: number[];
}

const golden = readGolden<PixelCnnGolden>('test/golden/pixelCnn.json', 1);
const runtime = await openRuntime();

after(() => assert.deepEqual(liveObjects(), {}));

for (const expected of golden.models) {
  const config = pixelCnn.parseConfig(expected.config);
  const { batch } = expected;
  const { levels } = config;
  const time = pixelCnn.contextLength(config);
  const specs = pixelCnn.parameters(config);
  const title = `${config.block}, ${config.channels === 1 ? 'grey' : 'RGB'}`;
  const sequences = Array.from({ length: batch }, (_, b) => expected.targets.slice(b * time, (b + 1) * time));
  const blocks = sequences.map((sequence) => [levels, ...sequence.slice(0, -1)]);
  const parametersOf = (encoded: Record<string, string>): Map<string, FloatTensor> =>
    new Map(specs.map(({ name, shape }) => [name, decodeFloats(encoded[name]!, shape)]));
  const data: Record<string, Tensor> = {
    symbols: int32(Int32Array.from(blocks.flat()), [batch, time]),
    targets: int32(Int32Array.from(expected.targets), [batch, time]),
  };

  test(`${title}: parameters are what the masks let through`, () => {
    assert.deepEqual(specs.map(({ name }) => name).sort(), Object.keys(expected.parameters).sort());
  });

  test(`${title}: logits`, async () => {
    const bytes = toOnnx(pixelCnn.buildScore(config), { parameters: { embedded: parametersOf(expected.parameters) } });
    await withSession(runtime, bytes, 1, async (session) => {
      const all = float32(new Float32Array(batch * time * levels), [batch, time, levels]);
      for (const [b, block] of blocks.entries()) {
        const { logits } = await session.run({ symbols: int32(Int32Array.from(block), [time]) }, ['logits']);
        for (let t = 0; t < time; t++) {
          const row = (logits!.data as Float32Array).subarray(t * (levels + 1), (t + 1) * (levels + 1));
          assert.equal(row[levels], Number.NEGATIVE_INFINITY);
          all.data.set(row.subarray(0, levels), (b * time + t) * levels);
        }
      }
      assertClose('logits', all, decodeFloats(expected.logits, all.shape), 2e-6);
    });
  });

  test(`${title}: loss and every gradient`, async () => {
    await withSession(runtime, trainModel(config, batch, time), 1, async (session) => {
      const inputs = { ...Object.fromEntries(parametersOf(expected.parameters)), ...data };
      const results = await session.run(inputs, session.outputNames);
      assertNear('loss', Number(results['lossNats']!.data[0]), expected.lossNats, 2e-6);
      for (const { name, shape } of specs)
        assertClose(name, results[`gradient.${name}`], decodeFloats(expected.gradients[name]!, shape), 1e-5);
    });
  });

  test(`${title}: ten AdamW steps with clipping and decoupled weight decay`, async () => {
    const memory = new ParameterMemory(specs);
    const parameters = memory.tensors('parameters');
    for (const [name, { data: values }] of parametersOf(expected.parameters)) parameters.get(name)!.data.set(values);
    const optimizer = new AdamW(memory, golden.adamw);
    await withSession(runtime, trainModel(config, batch, time), 1, async (session) => {
      for (let step = 1; step <= golden.adamw.steps; step++) {
        const results = await session.run({ ...Object.fromEntries(parameters), ...data }, session.outputNames);
        for (const [name, { data: values }] of memory.tensors('gradients'))
          values.set(results[`gradient.${name}`]!.data as Float32Array);
        const norm = optimizer.update(step, golden.adamw.learningRate);
        assertNear(`loss of step ${step}`, Number(results['lossNats']!.data[0]), expected.adamwLosses[step - 1]!, 1e-4);
        assertNear(`gradient norm of step ${step}`, norm, expected.adamwGradientNorms[step - 1]!, 1e-4);
      }
    });
  });
}

function trainModel(config: ReturnType<typeof pixelCnn.parseConfig>, batch: number, time: number): Uint8Array {
  const { graph, lossNats } = pixelCnn.buildTrain(config, batch, time);
  const found = gradients(graph, lossNats, graph.parameters);
  graph.output('lossNats', lossNats);
  graph.parameters.forEach(({ name }, index) => {
    graph.output(`gradient.${name}`, found[index]!);
  });
  return toOnnx(graph, { parameters: 'inputs' });
}

function assertNear(what: string, actual: number, expected: number, tolerance: number): void {
  const error = Math.abs(actual - expected) / expected;
  assert.ok(error < tolerance, `${what}: expected ${expected}, got ${actual}`);
}
