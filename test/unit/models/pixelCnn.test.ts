import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { UserError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { sizeOf } from '../../../src/base/tensor.ts';
import { pixelCnn } from '../../../src/models/pixelCnn.ts';
import type { PixelCnnConfig } from '../../../src/models/pixelLayers.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { tinyConfigs, tinyModel } from '../../tinyModels.ts';

const runtime = await openRuntime();
const valid = pixelCnn.defaultConfig;

after(() => assert.deepEqual(liveObjects(), {}));

test('a valid configuration is taken as it is', () => assert.deepEqual(pixelCnn.parseConfig(valid), valid));

test('every refusal names the field, what came and a remedy', () => {
  const check = (change: object, message: RegExp) =>
    assert.throws(
      () => pixelCnn.parseConfig({ ...valid, ...change }),
      (error) => error instanceof UserError && message.test(error.message),
    );
  for (const field of Object.keys(valid)) {
    check({ [field]: undefined }, new RegExp(`pixelCnn config: ${field}: expected .*, got nothing; set ${field}`));
    check({ [field]: 'many' }, new RegExp(`pixelCnn config: ${field}: expected .*, got "many"; set`));
    check({ [field]: -1 }, new RegExp(`${field}: expected .*, got -1`));
  }
  check({ channels: 2 }, /channels: expected one of 1, 3, got 2/);
  check({ levels: 257 }, /levels: expected a whole number from 2 to 256, got 257/);
  check({ firstKernel: 6 }, /firstKernel: expected an odd number, got 6/);
  check({ kernel: 4 }, /kernel: expected an odd number, got 4/);
  check({ hiddenSize: 63 }, /hiddenSize: expected a multiple of 2 with residual blocks, got 63/);
  check({ channels: 3, hiddenSize: 64 }, /hiddenSize: expected a multiple of 6 with residual blocks, got 64/);
  check({ channels: 3, hiddenSize: 60, outputSize: 64 }, /outputSize: expected a multiple of channels, 3, got 64/);
  check(
    { block: 'gated', width: 10, numLayers: 7 },
    /numLayers: expected so few that the vertical stack keeps up with a width of 10, got 7; take fewer layers/,
  );
  check({ depth: 1 }, /depth: expected only .*; remove it/);
});

test('the plain model that figures are compared with has only the weights of causal taps', () => {
  const config: PixelCnnConfig = { ...valid, block: 'plain', outputSize: 0 };
  const count = pixelCnn.parameters(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  assert.equal(count, 64 * (24 + 1) + 7 * 64 * (5 * 64 + 1) + 256 * (64 + 1));
  assert.equal(pixelCnn.contextLength(config), 784);
  assert.equal(pixelCnn.vocabularySize(config), 257);
});

test('state tensors are the inputs and outputs of the step graph', () => {
  for (const json of tinyConfigs['pixelCnn']!) {
    const config = pixelCnn.parseConfig(json);
    const { inputs, outputs } = pixelCnn.buildStep(config);
    const states = pixelCnn.stateTensors(config);
    assert.deepEqual(
      inputs.map(({ name }) => name),
      ['symbols', 'skippedRows', ...states.map(({ name }) => `past.${name}`)],
    );
    assert.deepEqual(
      outputs.map(({ name, value }) => [name, value.shape]),
      [
        ['logits', ['time-skippedRows', config.levels + 1]],
        ...states.map(({ name, shape }) => [`present.${name}`, ['time', shape[1]]]),
      ],
    );
  }
});

test('rows of training are whole images', () => {
  assert.throws(() => pixelCnn.buildTrain(valid, 1, 783), /expected rows of 784 symbols, whole images, got 783/);
});

test('a changed vocabulary changes the levels', () => {
  assert.deepEqual(pixelCnn.withVocabulary(valid, { size: 3, start: 2 }), { ...valid, levels: 2 });
});

/** Whether the place t sees the place j of an image. */
type Sees = (t: Place, j: Place) => boolean;
interface Place {
  readonly row: number;
  readonly column: number;
  readonly index: number;
}
const everythingBefore: Sees = (t, j) => j.index < t.index;
const shape = { height: 4, levels: 5, hiddenSize: 6, outputSize: 0, kernel: 3 };

for (const { title, config, sees } of [
  {
    title: 'gated layers have no blind spot',
    config: { ...shape, block: 'gated', width: 6, channels: 1, firstKernel: 5, numLayers: 3 },
    sees: everythingBefore,
  },
  {
    title: 'gated layers of RGB have no blind spot, and see red before green before blue',
    config: { ...shape, block: 'gated', width: 5, channels: 3, firstKernel: 3, numLayers: 3 },
    sees: everythingBefore,
  },
  {
    title: 'plain layers are blind to what is further right than above',
    config: { ...shape, block: 'plain', width: 6, channels: 1, firstKernel: 3, numLayers: 5 },
    sees: (t: Place, j: Place) => everythingBefore(t, j) && j.column - t.column <= t.row - j.row,
  },
  {
    title: 'residual blocks of RGB are as blind',
    config: { ...shape, block: 'residual', width: 5, channels: 3, firstKernel: 3, numLayers: 4 },
    sees: (t: Place, j: Place) => everythingBefore(t, j) && j.column - t.column <= t.row - j.row,
  },
  {
    title: 'one layer of 7 x 7 sees three rows up, and three columns to either side',
    config: { ...shape, block: 'plain', width: 8, height: 5, channels: 1, firstKernel: 7, numLayers: 0 },
    sees: (t: Place, j: Place) => everythingBefore(t, j) && Math.abs(j.column - t.column) <= 3 && t.row - j.row <= 3,
  },
] as const)
  test(title, async () => {
    const parsed = pixelCnn.parseConfig(config);
    const { width, height, channels } = parsed;
    const places = Array.from({ length: width * height * channels }, (_, index) => {
      const pixel = Math.floor(index / channels);
      return { row: Math.floor(pixel / width), column: pixel % width, index };
    });
    const influences = await measuredInfluence(parsed);
    for (const t of places)
      for (const j of places) {
        const where = `value ${t.index} at (${t.row}, ${t.column}), seeing ${j.index} at (${j.row}, ${j.column})`;
        assert.equal(influences(t.index, j.index), sees(t, j), where);
      }
  });

/** Whether changing value j moves the distribution of value t, in any of some random models. */
async function measuredInfluence(config: PixelCnnConfig): Promise<(t: number, j: number) => boolean> {
  const { levels } = config;
  const vocab = levels + 1;
  const time = pixelCnn.contextLength(config);
  const found = new Set<number>();
  for (let seed = 1; seed <= 3; seed++) {
    const random = new Random(seed);
    const { model } = tinyModel(runtime, architectureNamed('pixelCnn'), config, random);
    try {
      const image = Int32Array.from({ length: time }, () => random.nextInteger(levels));
      const before = (await model.score(image)).data;
      for (let j = 0; j < time; j++) {
        const changed = image.slice();
        changed[j] = (image[j]! + 1 + random.nextInteger(levels - 1)) % levels;
        const after = (await model.score(changed)).data;
        for (let at = 0; at < time * vocab; at++)
          if (after[at] !== before[at]) found.add(Math.floor(at / vocab) * time + j);
      }
    } finally {
      model.dispose();
    }
  }
  return (t, j) => found.has(t * time + j);
}
