import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { sizeOf } from '../../../src/base/tensor.ts';
import { charRnn } from '../../../src/models/charRnn.ts';
import { readConfig } from '../../../src/models/registry.ts';

const valid = charRnn.defaultConfig;

test('every refusal names the field, what came and a remedy', () => {
  assert.deepEqual(charRnn.parseConfig(valid), valid);
  const check = (change: object, message: RegExp) =>
    assert.throws(
      () => charRnn.parseConfig({ ...valid, ...change }),
      (error) => error instanceof UserError && message.test(error.message),
    );
  for (const field of Object.keys(valid)) {
    check({ [field]: undefined }, new RegExp(`charRnn config: ${field}: expected .*, got nothing; set ${field}`));
    check({ [field]: 'many' }, new RegExp(`charRnn config: ${field}: expected .*, got "many"; set`));
    check({ [field]: -1 }, new RegExp(`${field}: expected a whole number from .*, got -1`));
  }
  check({ numLayers: 4 }, /numLayers: expected a whole number from 1 to 3, got 4/);
  check({ startSymbol: 262 }, /startSymbol: expected a symbol below vocabularySize, 262, got 262/);
  check({ contextLength: 64 }, /contextLength: expected only .*; remove it/);
});

test('its context has no bound, and its vocabulary brings the start symbol', () => {
  const config = charRnn.withVocabulary(valid, { size: 90, start: 3 });
  assert.deepEqual(config, { ...valid, vocabularySize: 90, startSymbol: 3 });
  assert.deepEqual(readConfig('charRnn', config), { vocabularySize: 90, contextLength: Infinity, startSymbol: 3 });
});

test('parameters have the names and shapes of nn.Embedding, nn.GRU and nn.Linear', () => {
  const config = { vocabularySize: 96, startSymbol: 0, embeddingSize: 32, hiddenSize: 256, numLayers: 2 };
  const specs = charRnn.parameters(config);
  assert.deepEqual(
    specs.map(({ name, shape }) => `${name} ${shape.join()}`),
    [
      'embedding.weight 96,32',
      ...['rnn.weight_ih_l0 768,32', 'rnn.weight_hh_l0 768,256', 'rnn.bias_ih_l0 768', 'rnn.bias_hh_l0 768'],
      ...['rnn.weight_ih_l1 768,256', 'rnn.weight_hh_l1 768,256', 'rnn.bias_ih_l1 768', 'rnn.bias_hh_l1 768'],
      'linear.weight 96,256',
      'linear.bias 96',
    ],
  );
  assert.equal(
    specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    96 * 32 + 768 * (32 + 256 + 2) + 768 * (256 + 256 + 2) + 96 * 256 + 96,
  );
  for (const { name, decay } of specs) assert.equal(decay, name.includes('weight_'), name);
});

test('what a row hands on has the shape of a batch of states', () => {
  const config = { ...valid, numLayers: 3 };
  const { graph, carried = [] } = charRnn.buildTrain(config, 5, 7);
  assert.deepEqual(
    carried.map(({ name, shape }) => `${name} ${shape.join()}`),
    [0, 1, 2].map((layer) => `layers.${layer}.hidden 5,512`),
  );
  for (const { name, shape, next } of carried) {
    assert.deepEqual(next.shape, shape);
    assert.deepEqual(graph.inputs.find((input) => input.name === `carried.${name}`)?.shape, shape);
  }
  assert.deepEqual(
    charRnn.stateTensors(config).map(({ name, shape, kind }) => `${name} ${shape.join()} ${kind}`),
    [0, 1, 2].map((layer) => `layers.${layer}.hidden 1,512 replaced`),
  );
});
