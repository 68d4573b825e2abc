// CharRNN against PyTorch's nn.GRU: logits, loss, every gradient, and the losses of ten steps of Adam along a stream, the state
// carried over. Remake: python3 test/golden/charRnn.py
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gradients } from '../../src/autodiff/gradients.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { type FloatTensor, float32, int32, type Tensor } from '../../src/base/tensor.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { charRnn } from '../../src/models/charRnn.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import type { Session } from '../../src/runtime/session.ts';
import { AdamW } from '../../src/train/optimizer.ts';
import { ParameterMemory } from '../../src/train/parameterMemory.ts';
import { withSession } from '../tinyModels.ts';
import { assertClose, decodeFloats, readGolden } from './golden.ts';

interface CharRnnGolden {
  readonly formatVersion: number;
  readonly script: string;
  readonly config: Record<string, number>;
  readonly batch: number;
  readonly time: number;
  /** [batch, 10 * time + 1] */
  readonly stream: readonly (readonly number[])[];
  readonly parameters: Record<string, string>;
  readonly logits: string;
  readonly lossNats: number;
  readonly gradients: Record<string, string>;
  readonly adam: {
    readonly steps: number;
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly clipNorm: number;
  };
  readonly adamLosses: number[];
  readonly adamGradientNorms: number[];
  readonly lastState: string;
}

const golden = readGolden<CharRnnGolden>('test/golden/charRnn.json', 1);
const config = charRnn.parseConfig(golden.config);
const { batch, time } = golden;
const specs = charRnn.parameters(config);
const { graph, lossNats, carried = [] } = charRnn.buildTrain(config, batch, time);
const zeros = Object.fromEntries(
  carried.map(({ name, shape }) => [name, float32(new Float32Array(batch * config.hiddenSize), shape)]),
);

after(() => assert.deepEqual(liveObjects(), {}));

test('parameters are those of nn.Embedding, nn.GRU and nn.Linear', () => {
  assert.deepEqual(specs.map(({ name }) => name).sort(), Object.keys(golden.parameters).sort());
});

test('logits', async () => {
  const bytes = toOnnx(charRnn.buildScore(config), { parameters: { embedded: parameters() } });
  await withSession(await openRuntime(), bytes, 1, async (session) => {
    const vocab = config.vocabularySize;
    const all = float32(new Float32Array(batch * time * vocab), [batch, time, vocab]);
    for (const [b, row] of golden.stream.entries()) {
      const { logits } = await session.run({ symbols: int32(Int32Array.from(row.slice(0, time)), [time]) }, ['logits']);
      all.data.set(logits!.data as Float32Array, b * time * vocab);
    }
    assertClose('logits', all, decodeFloats(golden.logits, all.shape), 2e-6);
  });
});

test('loss and every gradient', () =>
  withTrainSession(async (session) => {
    const results = await session.run(
      { ...Object.fromEntries(parameters()), ...rows(0), ...past(zeros) },
      session.outputNames,
    );
    assert.ok(Math.abs(Number(results['lossNats']!.data[0]) - golden.lossNats) < 2e-6 * golden.lossNats);
    for (const { name, shape } of specs)
      assertClose(name, results[`gradient.${name}`], decodeFloats(golden.gradients[name]!, shape), 5e-6);
  }));

test('ten steps of Adam along the stream, the state carried over', () =>
  withTrainSession(async (session) => {
    const memory = new ParameterMemory(specs);
    const inPlace = memory.tensors('parameters');
    for (const [name, { data }] of parameters()) inPlace.get(name)!.data.set(data);
    const optimizer = new AdamW(memory, golden.adam);
    let states = zeros;
    for (let step = 1; step <= golden.adam.steps; step++) {
      const inputs = { ...Object.fromEntries(inPlace), ...rows(step - 1), ...past(states) };
      const results = await session.run(inputs, session.outputNames);
      for (const [name, { data }] of memory.tensors('gradients'))
        data.set(results[`gradient.${name}`]!.data as Float32Array);
      const norm = optimizer.update(step, golden.adam.learningRate);
      assertNear(`loss of step ${step}`, Number(results['lossNats']!.data[0]), golden.adamLosses[step - 1]!);
      assertNear(`gradient norm of step ${step}`, norm, golden.adamGradientNorms[step - 1]!);
      states = Object.fromEntries(carried.map(({ name }) => [name, results[`next.${name}`] as FloatTensor]));
    }
    const last = Float32Array.from(carried.flatMap(({ name }) => [...states[name]!.data]));
    const expected = decodeFloats(golden.lastState, [config.numLayers, batch, config.hiddenSize]);
    assertClose('last state', float32(last, expected.shape), expected, 1e-4);
  }));

function parameters(): Map<string, FloatTensor> {
  return new Map(specs.map(({ name, shape }) => [name, decodeFloats(golden.parameters[name]!, shape)]));
}

/** Symbols and targets of one step. */
function rows(step: number): Record<string, Tensor> {
  const cut = (from: number) => Int32Array.from(golden.stream.flatMap((row) => row.slice(from, from + time)));
  return {
    symbols: int32(cut(step * time), [batch, time]),
    targets: int32(cut(step * time + 1), [batch, time]),
  };
}

function past(states: Readonly<Record<string, FloatTensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [`carried.${name}`, state]));
}

async function withTrainSession(use: (session: Session) => Promise<void>): Promise<void> {
  if (graph.outputs.length === 0) {
    graph.output('lossNats', lossNats);
    for (const [index, gradient] of gradients(graph, lossNats, graph.parameters).entries())
      graph.output(`gradient.${graph.parameters[index]!.name}`, gradient);
    for (const { name, next } of carried) graph.output(`next.${name}`, next);
  }
  await withSession(await openRuntime(), toOnnx(graph, { parameters: 'inputs' }), 1, use);
}

function assertNear(what: string, actual: number, expected: number): void {
  const error = Math.abs(actual - expected) / expected;
  assert.ok(error < 1e-4, `${what}: expected ${expected}, got ${actual}`);
}
