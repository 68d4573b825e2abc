// GPT against PyTorch: logits, loss, every gradient, and the losses of ten AdamW steps. Remake: python3 test/golden/gpt.py
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../src/autodiff/gradients.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { type FloatTensor, float32, int32, type Tensor } from '../../src/base/tensor.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { gpt } from '../../src/models/gpt.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import type { Session } from '../../src/runtime/session.ts';
import { AdamW } from '../../src/train/optimizer.ts';
import { ParameterMemory } from '../../src/train/parameterMemory.ts';
import { assertClose, decodeFloats, readGolden } from './golden.ts';

interface GptGolden {
  readonly formatVersion: number;
  readonly script: string;
  readonly config: Record<string, number>;
  readonly batch: number;
  readonly time: number;
  readonly symbols: number[];
  readonly targets: number[];
  readonly parameters: Record<string, string>;
  readonly logits: string;
  readonly lossNats: number;
  readonly gradients: Record<string, string>;
  readonly adamw: {
    readonly steps: number;
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly clipNorm: number;
  };
  readonly adamwLosses: number[];
  readonly adamwGradientNorms: number[];
}

const golden = readGolden<GptGolden>('test/golden/gpt.json', 1);
const config = gpt.parseConfig(golden.config);
const { batch, time } = golden;
const specs = gpt.parameters(config);
const batchShape = [batch, time];

after(() => assert.deepEqual(liveObjects(), {}));

test('parameters have the names and shapes of the reference', () => {
  assert.deepEqual(
    specs.map(({ name }) => name),
    Object.keys(golden.parameters),
  );
});

test('logits', async () => {
  const bytes = toOnnx(gpt.buildScore(config), { parameters: { embedded: parametersOf(golden.parameters) } });
  const session = await (await openRuntime()).createSession({ bytes }, { threads: 1 });
  try {
    const rows = batch * time * config.vocabularySize;
    const all = float32(new Float32Array(rows), [batch, time, config.vocabularySize]);
    for (let b = 0; b < batch; b++) {
      const symbols = int32(Int32Array.from(golden.symbols.slice(b * time, (b + 1) * time)), [time]);
      const { logits } = await session.run({ symbols }, ['logits']);
      all.data.set(logits!.data as Float32Array, (b * rows) / batch);
    }
    assertClose('logits', all, decodeFloats(golden.logits, all.shape), 2e-6);
  } finally {
    session.dispose();
  }
});

test('loss and every gradient', async () => {
  const session = await trainSession();
  try {
    const results = await session.run(
      { ...Object.fromEntries(parametersOf(golden.parameters)), ...data() },
      session.outputNames,
    );
    assert.ok(Math.abs(Number(results['lossNats']!.data[0]) - golden.lossNats) < 2e-6 * golden.lossNats);
    for (const { name, shape } of specs)
      assertClose(name, results[`gradient.${name}`], decodeFloats(golden.gradients[name]!, shape), 5e-6);
  } finally {
    session.dispose();
  }
});

test('ten AdamW steps with clipping and decoupled weight decay', async () => {
  const memory = new ParameterMemory(specs);
  const parameters = memory.tensors('parameters');
  for (const [name, { data }] of parametersOf(golden.parameters)) parameters.get(name)!.data.set(data);
  const optimizer = new AdamW(memory, golden.adamw);
  const session = await trainSession();
  try {
    for (let step = 1; step <= golden.adamw.steps; step++) {
      const results = await session.run({ ...Object.fromEntries(parameters), ...data() }, session.outputNames);
      for (const [name, { data }] of memory.tensors('gradients'))
        data.set(results[`gradient.${name}`]!.data as Float32Array);
      const norm = optimizer.update(step, golden.adamw.learningRate);
      const lossNats = Number(results['lossNats']!.data[0]);
      assertNear(`loss of step ${step}`, lossNats, golden.adamwLosses[step - 1]!);
      assertNear(`gradient norm of step ${step}`, norm, golden.adamwGradientNorms[step - 1]!);
    }
  } finally {
    session.dispose();
  }
});

function parametersOf(encoded: Record<string, string>): Map<string, FloatTensor> {
  return new Map(specs.map(({ name, shape }) => [name, decodeFloats(encoded[name]!, shape)]));
}

function data(): Record<string, Tensor> {
  return {
    symbols: int32(Int32Array.from(golden.symbols), batchShape),
    targets: int32(Int32Array.from(golden.targets), batchShape),
  };
}

async function trainSession(): Promise<Session> {
  const { graph, lossNats } = gpt.buildTrain(config, batch, time);
  const found = gradients(graph, lossNats, graph.parameters);
  graph.output('lossNats', lossNats);
  graph.parameters.forEach(({ name }, index) => {
    graph.output(`gradient.${name}`, found[index]!);
  });
  const bytes = toOnnx(graph, { parameters: 'inputs' });
  return (await openRuntime()).createSession({ bytes }, { threads: 1 });
}

function assertNear(what: string, actual: number, expected: number): void {
  const error = Math.abs(actual - expected) / expected;
  assert.ok(error < 1e-4, `${what}: expected ${expected}, got ${actual}`);
}
