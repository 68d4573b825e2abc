import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { sizeOf } from '../../../src/base/tensor.ts';
import { gpt } from '../../../src/models/gpt.ts';
import { architectureNamed, architectures } from '../../../src/models/registry.ts';

const valid = gpt.defaultConfig;

test('a valid configuration is taken as it is', () => assert.deepEqual(gpt.parseConfig(valid), valid));

test('every refusal names the field, what came and a remedy', () => {
  const check = (change: object, message: RegExp) =>
    assert.throws(
      () => gpt.parseConfig({ ...valid, ...change }),
      (error) => error instanceof UserError && message.test(error.message),
    );
  for (const field of Object.keys(valid)) {
    check({ [field]: undefined }, new RegExp(`gpt config: ${field}: expected .*, got nothing; set ${field}`));
    check({ [field]: 'many' }, new RegExp(`gpt config: ${field}: expected .*, got "many"; set`));
    check({ [field]: -1 }, new RegExp(`${field}: expected a .*number from .*, got -1`));
    check({ [field]: Number.NaN }, new RegExp(`${field}: expected a .*number from`));
  }
  check({ hiddenSize: 190 }, /hiddenSize: expected a multiple of twice numHeads, 12, got 190/);
  check({ hiddenSize: 192.5 }, /hiddenSize: expected a whole number/);
  check({ numKeyValueHeads: 4 }, /numKeyValueHeads: expected a divisor of numHeads, 6, got 4/);
  check({ hidenSize: 1 }, /hidenSize: expected only .*; remove it/);
  assert.throws(() => gpt.parseConfig(null), /gpt config: expected an object, got null/);
  assert.throws(() => gpt.parseConfig([]), /gpt config: expected an object, got \[\]/);
});

test('parameters: number, decay, and smaller residual outputs', () => {
  const config = gpt.parseConfig(valid);
  const specs = gpt.parameters(config);
  assert.equal(specs.length, 2 + 9 * valid.numLayers);
  assert.equal(
    specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    8192 * 192 + 4 * (2 * 192 * 192 + 2 * 96 * 192 + 3 * 192 * 512 + 2 * 192) + 192,
  );
  const spec = (end: string) => specs.find(({ name }) => name.endsWith(end))!;
  const deviation = (end: string) => {
    const { initialization } = spec(end);
    return initialization.kind === 'normal' ? initialization.standardDeviation : undefined;
  };
  assert.equal(deviation('q_proj.weight'), 1 / Math.sqrt(192));
  assert.equal(deviation('o_proj.weight'), 1 / Math.sqrt(192) / Math.sqrt(8));
  assert.equal(deviation('down_proj.weight'), 1 / Math.sqrt(512) / Math.sqrt(8));
  assert.equal(deviation('embed_tokens.weight'), 0.1);
  assert.deepEqual(spec('model.norm.weight').initialization, { kind: 'constant', value: 1 });
  for (const { name, decay } of specs) assert.equal(decay, name.includes('_proj.'), name);
});

test('state tensors are the inputs and outputs of the step graph', () => {
  const config = gpt.parseConfig(valid);
  const { inputs, outputs } = gpt.buildStep(config);
  const states = gpt.stateTensors(config);
  assert.deepEqual(
    inputs.map(({ name }) => name),
    ['symbols', 'skippedRows', ...states.map(({ name }) => `past.${name}`)],
  );
  assert.deepEqual(
    outputs.map(({ name }) => name),
    ['logits', ...states.map(({ name }) => `present.${name}`)],
  );
  for (const [index, { shape }] of states.entries()) {
    assert.deepEqual(inputs[2 + index]!.shape, shape);
    assert.deepEqual(outputs[1 + index]!.value.shape, ['time', ...shape.slice(1)]);
  }
  assert.deepEqual(outputs[0]!.value.shape, ['time-skippedRows', 8192]);
});

test('a changed vocabulary changes nothing else', () => {
  const config = gpt.withVocabulary(gpt.parseConfig(valid), 262);
  assert.deepEqual(config, { ...valid, vocabularySize: 262 });
  assert.equal(gpt.vocabularySize(config), 262);
  assert.equal(gpt.contextLength(config), valid.contextLength);
});

test('architectures are found by name', () => {
  for (const [name, architecture] of architectures) {
    assert.equal(architecture.name, name);
    assert.equal(architectureNamed(name), architecture);
  }
  assert.throws(
    () => architectureNamed('rnn'),
    (error) => error instanceof UserError && /expected one of .*gpt.*, got "rnn"/.test(error.message),
  );
});
