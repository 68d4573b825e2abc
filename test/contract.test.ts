// Every architecture, at two tiny configurations, on both runtimes and in each form of its step, keeps the laws of an autoregressive model, and trains on the loss
// that `score` measures.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../src/base/disposable.ts';
import { Random } from '../src/base/random.ts';
import { int32 } from '../src/base/tensor.ts';
import { checkLaws } from '../src/engine/laws.ts';
import { toOnnx } from '../src/graph/onnx.ts';
import { type AnyArchitecture, architectures } from '../src/models/registry.ts';
import { runtimes } from './runtimes.ts';
import { tinyConfigs, tinyModel, withSession, zerosCarried } from './tinyModels.ts';

const toleranceNats = 1e-4;

after(() => assert.deepEqual(liveObjects(), {}));

test('every architecture has tiny configurations', () => {
  assert.deepEqual(Object.keys(tinyConfigs), [...architectures.keys()]);
});

function stepForms(architecture: AnyArchitecture, json: object): readonly ('rows' | 'inPlace')[] {
  return architecture.buildInPlaceStep?.(architecture.parseConfig(json)) ? ['rows', 'inPlace'] : ['rows'];
}

const cases = Object.entries(runtimes).flatMap(([name, runtime]) =>
  [...architectures.values()].flatMap((architecture) =>
    tinyConfigs[architecture.name]!.flatMap((json, index) =>
      stepForms(architecture, json).map((stepForm) => ({
        ...{ name, runtime, architecture, json, index, stepForm },
      })),
    ),
  ),
);

for (const { name, runtime, architecture, json, index, stepForm } of cases) {
  const config = architecture.parseConfig(json);
  const vocab = architecture.vocabularySize(config);
  // The start symbol of an image is impossible anywhere else, and has the last number.
  const predicted = architecture.consumes === 'image' ? vocab - 1 : vocab;
  const time = Math.min(architecture.contextLength(config), 150);

  test(`${name}: ${architecture.name} ${index}: the laws, ${stepForm}`, async () => {
    const random = new Random(index + 1);
    const { model } = tinyModel(runtime, architecture, config, random, { stepForm });
    try {
      const results = await checkLaws(model, randomSymbols(random, time, predicted), { toleranceNats, random });
      for (const { law, ok, differenceNats } of results) assert.ok(ok, `${law}: off by ${differenceNats} nats`);
    } finally {
      model.dispose();
    }
  });

  if (stepForm === 'inPlace') continue;
  test(`${name}: ${architecture.name} ${index}: the training loss is the mean surprisal under score`, async () => {
    const random = new Random(index + 10);
    const { model, parameters } = tinyModel(runtime, architecture, config, random);
    const batch = 2;
    const sequences = Array.from({ length: batch }, () => randomSymbols(random, time, predicted));
    try {
      let surprisal = 0;
      for (const sequence of sequences) {
        const { data } = await model.score(sequence); // [time, vocab]
        for (const [t, symbol] of sequence.entries()) surprisal -= data[t * vocab + symbol]!;
      }
      const train = architecture.buildTrain(config, batch, time);
      train.graph.output('lossNats', train.lossNats);
      const symbols = sequences.flatMap((sequence) => [model.vocabulary.start, ...sequence.subarray(0, time - 1)]);
      const inputs = {
        ...Object.fromEntries(parameters),
        ...zerosCarried(train),
        symbols: int32(Int32Array.from(symbols), [batch, time]),
        targets: int32(Int32Array.from(sequences.flatMap((sequence) => [...sequence])), [batch, time]),
      };
      const bytes = toOnnx(train.graph, { parameters: 'inputs' });
      const results = await withSession(runtime, bytes, 1, (session) => session.run(inputs, ['lossNats']));
      const difference = Math.abs(Number(results['lossNats']!.data[0]) - surprisal / (batch * time));
      assert.ok(difference < toleranceNats, `off by ${difference} nats`);
    } finally {
      model.dispose();
    }
  });
}

function randomSymbols(random: Random, time: number, numSymbols: number): Int32Array {
  return Int32Array.from({ length: time }, () => random.nextInteger(numSymbols));
}
