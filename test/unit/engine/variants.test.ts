import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseWeights, toleranceNats } from '../../../src/engine/variants.ts';
import type { ModelDescription, VariantDescription } from '../../../src/formats/modelDescription.ts';

type Losses = readonly (readonly [VariantDescription['name'], number | null])[];

function described(bitsPerByte: number | null, losses: Losses): ModelDescription {
  return {
    formatVersion: 1,
    architecture: 'gpt',
    config: {},
    vocabularySize: 2,
    contextLength: 2,
    codec: { kind: 'bytes' },
    state: [],
    provenance: { data: '', steps: 0, symbols: 0, seed: 0 },
    bitsPerByte,
    variants: losses.map(([name, lossBitsPerByte], i) => ({ name, lossBitsPerByte, toleranceNats: (i + 1) / 8 })),
    files: {},
  };
}

function fastest(bitsPerByte: number | null, losses: Losses): string {
  const { decode, prefill } = chooseWeights('dir', described(bitsPerByte, losses), 'fastest');
  return `${decode} ${prefill}`;
}

test('the fastest is the first in the order that costs no more than half of one in a hundred bits', () => {
  assert.equal(fastest(2, []), 'fp32 fp32');
  assert.equal(
    fastest(2, [
      ['int4', 0.001],
      ['int8', 0.001],
    ]),
    'int4 fp32',
  );
  assert.equal(
    fastest(2, [
      ['int8', 0.001],
      ['int4', 0.009],
      ['dynamicInt8', 0.01],
    ]),
    'int4 dynamicInt8',
  );
  assert.equal(
    fastest(2, [
      ['int8', 0.001],
      ['int4', 0.011],
      ['dynamicInt8', 0.011],
    ]),
    'int8 fp32',
  );
  assert.equal(
    fastest(2, [
      ['int8', -0.001],
      ['int4', null],
    ]),
    'int8 fp32',
  );
  assert.equal(
    fastest(2, [
      ['int8', 0.02],
      ['dynamicInt8', 0.001],
    ]),
    'dynamicInt8 dynamicInt8',
  );
});

test('what was not measured is not taken by itself', () => {
  assert.equal(fastest(null, [['int8', 0.001]]), 'fp32 fp32');
  assert.equal(fastest(2, [['int8', null]]), 'fp32 fp32');
});

test('weights by name, or a refusal that says which there are', () => {
  const description = described(2, [
    ['int8', 5],
    ['int4', null],
  ]);
  assert.deepEqual(chooseWeights('dir', description, 'int8'), { decode: 'int8', prefill: 'int8' });
  assert.deepEqual(chooseWeights('dir', description, 'fp32'), { decode: 'fp32', prefill: 'fp32' });
  assert.throws(() => chooseWeights('dir', description, 'dynamicInt8'), {
    name: 'UserError',
    message: 'dir: expected weights that it has, fp32, int8, int4, got dynamicInt8; make them with chainrule quantize',
  });
});

test('the tolerance is the larger one of both', () => {
  const description = described(2, [
    ['int8', 0],
    ['dynamicInt8', 0],
  ]);
  assert.equal(toleranceNats(description, { decode: 'fp32', prefill: 'fp32' }), 1e-4);
  assert.equal(toleranceNats(description, { decode: 'int8', prefill: 'int8' }), 0.125);
  assert.equal(toleranceNats(description, { decode: 'int8', prefill: 'dynamicInt8' }), 0.25);
});
