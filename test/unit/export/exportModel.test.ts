// What leaves training is what was trained: the exported graphs, with their parameters in the safetensors file, give the loss of the
// training graph, and the folder reads back.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { logSoftmaxRows } from '../../../src/base/logSumExp.ts';
import { Random } from '../../../src/base/random.ts';
import { int32, int64, type Tensor } from '../../../src/base/tensor.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { modelCard } from '../../../src/export/modelCard.ts';
import { renewGraphs } from '../../../src/export/renewGraphs.ts';
import { type Provenance, readModelFolder } from '../../../src/formats/modelFolder.ts';
import { readSafetensors } from '../../../src/formats/safetensors.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { Session } from '../../../src/runtime/session.ts';
import { ParameterMemory } from '../../../src/train/parameterMemory.ts';
import { recipe } from '../../../src/train/recipe.ts';
import { TrainSession } from '../../../src/train/trainSession.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const codec = bytesCodec();
const size = codec.vocabulary.size;
const wishes = {
  hiddenSize: 16,
  numLayers: 2,
  numHeads: 2,
  numKeyValueHeads: 1,
  intermediateSize: 24,
  contextLength: 32,
};
const { architecture, config } = recipe('gpt', wishes, codec, undefined);
const memory = new ParameterMemory(architecture.parameters(config));
memory.initialize(new Random(3));
const model = {
  architecture,
  config,
  codec,
  parameters: memory.tensors('parameters'),
  provenance: { data: 'numbered lines', steps: 7, symbols: 1234, seed: 3 },
  bitsPerByte: 2.345678,
};
const row = Int32Array.of(codec.specials.start, ...codec.encodeText('for (let i = 0;'));

async function exported(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-'));
  after(() => rm(folder, { recursive: true, force: true }));
  await exportModel(folder, model);
  return folder;
}

test('the folder reads back, hashes and all', async () => {
  const folder = await exported();
  const { description, codec: readCodec } = await readModelFolder(folder, { verify: true });
  assert.equal(description.architecture, 'gpt');
  assert.deepEqual(description.config, config);
  assert.equal(description.bitsPerByte, 2.345678);
  assert.deepEqual(description.provenance, model.provenance);
  assert.equal(readCodec.vocabulary.size, size);
  assert.deepEqual(description.state[0], {
    name: 'layers.0.key',
    shape: ['past', 8],
    kind: 'appended',
    axis: 0,
    heads: 1,
  });
  assert.deepEqual((await readdir(folder)).sort(), [
    ...['README.md', 'config.json', 'model.json', 'model.safetensors', 'score.onnx', 'step.onnx'],
  ]);
  const parameters = await readSafetensors(path.join(folder, 'model.safetensors'));
  for (const [name, { data }] of memory.tensors('parameters')) assert.deepEqual(parameters.get(name)?.data, data, name);
});

test('graphs made afresh are those of an export; what they lack comes with it', async () => {
  const folder = await exported();
  const names = ['step.onnx', 'score.onnx', 'model.json', 'README.md'];
  const readAll = () => Promise.all(names.map((name) => readFile(path.join(folder, name))));
  const before = await readAll();
  await renewGraphs(folder);
  assert.deepEqual(await readAll(), before);
  await writeFile(path.join(folder, 'step.onnx'), 'half a graph');
  await renewGraphs(folder);
  assert.deepEqual(await readAll(), before);
  await writeFile(path.join(folder, 'model.safetensors'), 'something else');
  await assert.rejects(renewGraphs(folder), /model.safetensors/);
});

test('config.json is what transformers reads as a Llama', async () => {
  const folder = await exported();
  const json: unknown = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'));
  assert.deepEqual(json, {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 262,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 8,
    max_position_embeddings: 32,
    rope_theta: 10000,
    rms_norm_eps: 1e-5,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: 0,
    tie_word_embeddings: true,
    bos_token_id: 256,
    eos_token_id: 257,
    torch_dtype: 'float32',
  });
});

test('the model card holds the numbers of the run', async () => {
  const card = await readFile(path.join(await exported(), 'README.md'), 'utf8');
  const numParameters = [...memory.tensors('parameters').values()].reduce((sum, { data }) => sum + data.length, 0);
  for (const expected of [
    numParameters.toLocaleString('en-US'),
    '2.346',
    'numbered lines',
    '1,234 symbols',
    '7 steps',
  ]) {
    assert.ok(card.includes(expected), `${expected} is not in the card`);
  }
});

test('the card gives the command where the options are known, and says so where they are not', () => {
  const { provenance } = model;
  const cardOf = (changes: Partial<Provenance>) =>
    modelCard({
      description: {
        ...{ formatVersion: 1, architecture: 'gpt', config: { vocabularySize: size }, vocabularySize: size },
        ...{ contextLength: null, codec: { kind: 'bytes' }, state: [], bitsPerByte: null },
        provenance: { ...provenance, ...changes },
      },
      architecture,
      numParameters: 3_196_608,
      sections: ['## Evaluation\n\na table\n'],
    });
  const unknown = cardOf({});
  assert.match(unknown, /With which options is not recorded/);
  assert.match(unknown, /3\.2 million parameters/);
  assert.match(unknown, /context \| without bound/);
  assert.match(unknown, /Nothing was measured.*\n\n## Evaluation\n\na table\n\n## Limits/);
  const partly = cardOf({ totalSteps: 9, decayStart: 6 });
  assert.match(partly, /7 steps, seed 3: the best of a run of 9/);
  assert.match(partly, /--steps 9 \\\n {2}--decay-start 6/);
  assert.match(partly, /other options are not recorded/);
});

test('exporting again replaces the model, whatever else lies in its folder', async () => {
  const folder = await exported();
  await writeFile(path.join(folder, 'my notes.txt'), 'a name that model.json would not take');
  await exportModel(folder, { ...model, bitsPerByte: null });
  assert.equal((await readModelFolder(folder, { verify: true })).description.bitsPerByte, null);
});

test('score and step, from the files, give the loss of the training graph', async () => {
  const folder = await exported();
  const runtime = await openRuntime();
  const time = row.length - 1;
  const training = await TrainSession.create(runtime, { architecture, config, batch: 1, time, threads: 1 }, memory);
  training.setRow(0, row);
  const lossNats = await training.loss();
  assert.equal(await training.run({ accumulate: false }), lossNats);
  training.dispose();

  const score = await runtime.createSession({ path: path.join(folder, 'score.onnx') }, { threads: 1 });
  const { logits } = await score.run({ symbols: int32(row.subarray(0, time), [time]) }, ['logits']);
  score.dispose();
  assert.deepEqual(logits?.shape, [time, size]);
  assert.ok(Math.abs(meanNats(logits) - lossNats) < 1e-4, `score ${meanNats(logits)}, training ${lossNats}`);

  const step = await runtime.createSession({ path: path.join(folder, 'step.onnx') }, { threads: 1 });
  const stepped = await stepLogits(step, row.subarray(0, time), 5);
  step.dispose();
  const difference = stepped.reduce((max, value, i) => Math.max(max, Math.abs(value - Number(logits.data[i]))), 0);
  assert.ok(difference < 1e-4, `step and score differ by ${difference}`);
});

function meanNats({ data }: Tensor): number {
  const logProbs = logSoftmaxRows(Float32Array.from(data as Float32Array), size);
  let sum = 0;
  for (let t = 1; t < row.length; t++) sum -= logProbs[(t - 1) * size + row[t]!]!;
  return sum / (row.length - 1);
}

/** Feeds the symbols in blocks, keeping the state as the engine does. */
async function stepLogits(session: Session, symbols: Int32Array, block: number): Promise<number[]> {
  const names = architecture.stateTensors(config).map(({ name }) => name);
  const past = new Map(names.map((name) => [name, [] as number[]]));
  const all: number[] = [];
  for (let from = 0; from < symbols.length; from += block) {
    const part = symbols.subarray(from, from + block);
    const inputs: Record<string, Tensor> = {
      symbols: int32(part, [part.length]),
      skippedRows: int64(BigInt64Array.of(0n), [1]),
    };
    for (const [name, rows] of past) {
      inputs[`past.${name}`] = { dtype: 'float32', shape: [from, 8], data: Float32Array.from(rows) };
    }
    const results = await session.run(inputs, ['logits', ...names.map((name) => `present.${name}`)]);
    all.push(...(results['logits']!.data as Float32Array));
    for (const name of names) past.get(name)!.push(...(results[`present.${name}`]!.data as Float32Array));
  }
  return all;
}
