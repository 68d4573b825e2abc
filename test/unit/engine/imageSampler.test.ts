// What the sampler makes is what the model would draw if it were asked for the whole image before each value; and its graph, symbol by
// symbol, gives the distributions that score gives.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { logSoftmaxRows } from '../../../src/base/logSumExp.ts';
import { type Channels, type Pixels, pixels } from '../../../src/base/pixels.ts';
import { Random } from '../../../src/base/random.ts';
import { float32, int32, type Tensor } from '../../../src/base/tensor.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import type { ImageLines } from '../../../src/engine/imageSampler.ts';
import { type ImageModel, loadImageModel } from '../../../src/engine/loadImageModel.ts';
import { loadTextModel } from '../../../src/engine/loadModel.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { bitsOfImage } from '../../../src/likelihood/imageBits.ts';
import { pixelCnn } from '../../../src/models/pixelCnn.ts';
import { architectureNamed, readConfig } from '../../../src/models/registry.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { randomParameters, tinyConfigs, tinyModel, withSession } from '../../tinyModels.ts';
import { temporaryFolder } from '../formats/folder.ts';

const runtime = await openRuntime();
const architecture = architectureNamed('pixelCnn');
const configs = tinyConfigs['pixelCnn']!.map((json) => pixelCnn.parseConfig(json));

after(() => assert.deepEqual(liveObjects(), {}));

for (const [index, config] of configs.entries()) {
  const { levels } = config;
  const time = pixelCnn.contextLength(config);

  test(`pixelCnn ${index}: one symbol of each of a batch at a time gives what score gives, to 1e-5`, async () => {
    const random = new Random(index + 1);
    const { model, parameters } = tinyModel(runtime, architecture, config, random);
    const batch = 3;
    const sequences = Array.from({ length: batch }, () => symbolsOf(random, time, levels));
    const states = pixelCnn.stateTensors(config).map(({ name, shape }) => {
      const width = Number(shape[1]);
      return { name, width, rows: new Float32Array((time + 1) * batch * width) };
    });
    const bytes = toOnnx(architecture.buildSample!(config), { parameters: { embedded: parameters } });
    try {
      const scores: Float32Array[] = [];
      for (const sequence of sequences) scores.push((await model.score(sequence)).data); // [time, vocab]
      await withSession(runtime, bytes, 1, async (session) => {
        for (let t = 0; t < time; t++) {
          const before = sequences.map((sequence) => (t === 0 ? levels : sequence[t - 1]!));
          const inputs: Record<string, Tensor> = { symbols: int32(Int32Array.from(before), [batch]) };
          for (const { name, width, rows } of states) {
            const shape = [t + 1, batch, width];
            inputs[`past.${name}`] = float32(rows.subarray(0, (t + 1) * batch * width), shape);
          }
          const results = await session.run(inputs, session.outputNames);
          for (const { name, width, rows } of states)
            rows.set(results[`present.${name}`]!.data as Float32Array, (t + 1) * batch * width);
          const logits = results['logits']!.data as Float32Array; // [batch, levels]
          const logProbs = logSoftmaxRows(logits, levels, new Float32Array(batch * levels));
          for (let i = 0; i < batch; i++)
            for (let v = 0; v < levels; v++) {
              const error = Math.abs(logProbs[i * levels + v]! - scores[i]![t * (levels + 1) + v]!);
              assert.ok(error < 1e-5, `row ${t} of image ${i}: off by ${error}`);
            }
        }
      });
    } finally {
      model.dispose();
    }
  });

  test(`pixelCnn ${index}: images are those of asking for everything before each value`, async (context) => {
    const image = await exported(context, config, index);
    try {
      const made = await image.sampler.sample({ count: 1, temperature: 0, seed: 1 });
      assert.deepEqual(made, [await greedyByScore(image)]);
    } finally {
      image.dispose();
    }
  });
}

test('an image follows from the seed and its number, whatever the count; its start and its lines are told', async (context) => {
  const image = await exported(context, configs[1]!, 1);
  const { sampler, codec } = image;
  try {
    const told: ImageLines[] = [];
    const many = await sampler.sample({ count: 18, temperature: 1, seed: 5, onLine: (lines) => told.push(lines) });
    assert.equal(many.length, 18);
    assert.ok(new Set(many.map(({ data }) => data.join())).size > 10);
    const few = await sampler.sample({ count: 2, temperature: 1, seed: 5 });
    assert.deepEqual(few, many.slice(0, 2));
    assert.notDeepEqual(await sampler.sample({ count: 2, temperature: 1, seed: 6 }), few);
    assert.deepEqual(
      told.map(({ first, line, images }) => [first, line, images.length]),
      [...[1, 2, 3].map((line) => [0, line, 16]), ...[1, 2, 3].map((line) => [16, line, 2])],
    );
    const lineBytes = codec.width * codec.channels;
    assert.deepEqual(told[0]!.images[3]!.data.subarray(0, lineBytes), many[3]!.data.subarray(0, lineBytes));
    assert.deepEqual(told[2]!.images, many.slice(0, 16));
  } finally {
    image.dispose();
  }
});

for (const index of [0, 2, 3])
  test(`pixelCnn ${index}: the lower part is made after the upper as if the model had made both`, async (context) => {
    const image = await exported(context, configs[index]!, index);
    const { sampler, codec } = image;
    try {
      const [whole] = await sampler.sample({ count: 1, temperature: 0, seed: 1 });
      for (const height of [1, codec.height - 1, codec.height]) {
        const upper = upperLines(whole!, height);
        const made = await sampler.sample({ count: 2, temperature: 0, seed: 1, upper });
        assert.deepEqual(made, [whole, whole], `${height} lines given`);
      }
      const noise = pixels(codec.width, 2, codec.channels, new Uint8Array(2 * codec.width * codec.channels).fill(255));
      const [completed] = await sampler.sample({ count: 1, temperature: 1, seed: 1, upper: noise });
      assert.deepEqual(upperLines(completed!, 2), noise);
    } finally {
      image.dispose();
    }
  });

test('bits of an image are those of its values under score, however it is asked', async (context) => {
  const image = await exported(context, configs[2]!, 2);
  try {
    const [made] = await image.sampler.sample({ count: 1, temperature: 1, seed: 3 });
    const byScore = await bitsOfImage(image.model, image.codec, made!, { by: 'score' });
    const byStep = await bitsOfImage(image.model, image.codec, made!, { by: 'step' });
    assert.ok(Math.abs(byScore.bits - byStep.bits) < 1e-4);
    assert.equal(byScore.numDimensions, 24);
    assert.equal(byScore.bitsPerDimension, byScore.bits / 24);
    assert.ok(byScore.bitsPerDimension > 0);
  } finally {
    image.dispose();
  }
});

test('cancelling ends it between two lines; wrong requests are refused with a remedy', async (context) => {
  const image = await exported(context, configs[0]!, 0);
  const { sampler, codec } = image;
  try {
    const controller = new AbortController();
    const lines: number[] = [];
    const onLine = ({ line }: ImageLines) => {
      lines.push(line);
      controller.abort();
    };
    const request = { count: 1, temperature: 1, seed: 1 };
    await assert.rejects(sampler.sample({ ...request, onLine, signal: controller.signal }), { name: 'CancelledError' });
    assert.deepEqual(lines, [1]);
    const upper = (width: number, height: number, channels: Channels) => ({
      ...request,
      upper: pixels(width, height, channels, new Uint8Array(width * height * channels)),
    });
    const refusal = {
      name: 'UserError',
      message: /expected an image of 5 x 4 x 1 or its upper lines, got one of .*; resize/,
    };
    for (const wrong of [upper(4, 2, 1), upper(5, 5, 1), upper(5, 2, 3)])
      await assert.rejects(sampler.sample(wrong), refusal);
    await assert.rejects(sampler.sample({ ...request, count: 0 }), /expected at least one image, got 0/);
    await assert.rejects(sampler.sample({ ...request, temperature: -1 }), /a temperature of at least 0, got -1/);
    assert.equal(codec.kind, 'image');
  } finally {
    image.dispose();
  }
  await assert.rejects(
    sampler.sample({ count: 1, temperature: 1, seed: 1 }),
    /it was disposed of; load the model again/,
  );
});

test('two requests at once share a session; one that is disposed of meanwhile ends', async (context) => {
  const image = await exported(context, configs[0]!, 0);
  const request = { count: 1, temperature: 1, seed: 1 };
  try {
    const [a, b] = await Promise.all([image.sampler.sample(request), image.sampler.sample(request)]);
    assert.deepEqual(a, b);
  } finally {
    image.dispose();
  }
  const other = await exported(context, configs[0]!, 0);
  const late = other.sampler.sample(request);
  other.dispose();
  await assert.rejects(late, /it was disposed of/);
  await new Promise((resolve) => setImmediate(resolve)); // What was being opened is closed by now.
});

test('a model of images is none of text', async (context) => {
  const dir = await folderOf(context, configs[0]!, 0);
  const options = { runtime, threads: 1, verify: true, readConfig };
  await assert.rejects(loadTextModel(dir, options), {
    name: 'UserError',
    message: /expected a model of text, got one of/,
  });
});

async function exported(context: TestContext, config: (typeof configs)[number], seed: number): Promise<ImageModel> {
  return loadImageModel(await folderOf(context, config, seed), { runtime, threads: 1, verify: true, readConfig });
}

async function folderOf(context: TestContext, config: (typeof configs)[number], seed: number): Promise<string> {
  const dir = temporaryFolder(context);
  await exportModel(dir, {
    architecture,
    config,
    codec: imageCodec(config),
    parameters: randomParameters(architecture, config, new Random(seed + 1)),
    provenance: { data: 'noise', steps: 0, symbols: 0, seed },
    bitsPerByte: null,
  });
  return dir;
}

async function greedyByScore({ model, codec }: ImageModel): Promise<Pixels> {
  const vocab = codec.vocabulary.size;
  const symbols = new Int32Array(codec.width * codec.height * codec.channels);
  for (let t = 0; t < symbols.length; t++) {
    const { data } = await model.score(symbols);
    const row = data.subarray(t * vocab, (t + 1) * vocab);
    symbols[t] = row.indexOf(Math.max(...row));
  }
  return codec.decode(symbols);
}

function upperLines({ width, channels, data }: Pixels, height: number): Pixels {
  return pixels(width, height, channels, data.slice(0, width * height * channels));
}

function symbolsOf(random: Random, count: number, levels: number): Int32Array {
  return Int32Array.from({ length: count }, () => random.nextInteger(levels));
}
