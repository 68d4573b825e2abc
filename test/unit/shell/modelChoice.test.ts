import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consentQuestion, modelRow, modelSections } from '../../../src/shell/modelChoice.ts';
import { builtInChoice, servingModelPath } from '../../../src/shell/servingModel.ts';
import type { TrainedModel } from '../../../src/shell/trainedModels.ts';

const here = { hash: 'aa', name: 'demo' };
const model = (id: string, part: Partial<TrainedModel> = {}): TrainedModel => ({
  id,
  path: `/models/${id}`,
  name: id,
  architecture: 'charRnn',
  eats: 'text',
  bits: 2,
  channels: 1,
  width: 1,
  height: 1,
  levels: 1,
  workspace: here,
  data: 'demo',
  steps: 1200,
  changedMs: 0,
  ...part,
});
const elsewhere = { workspace: { hash: 'bb', name: 'secret project' } };

test('what was chosen for the workspace serves, then the setting, then the built-in model', () => {
  const facts = { choice: undefined, setting: '', builtIn: '/built-in' };
  assert.equal(servingModelPath(facts), '/built-in');
  assert.equal(servingModelPath({ ...facts, setting: '/set' }), '/set');
  assert.equal(servingModelPath({ ...facts, setting: '/set', choice: '/chosen' }), '/chosen');
  assert.equal(servingModelPath({ ...facts, setting: '/set', choice: builtInChoice }), '/built-in');
});

test('this workspace first, the best first, the unmeasured last', () => {
  const models = [model('far', elsewhere), model('b', { bits: null }), model('c', { bits: 1.9 }), model('d')];
  const sections = modelSections(models, here, '/models/d');
  assert.deepEqual(
    sections.map(({ title, rows }) => [title, rows.map(({ label }) => label)]),
    [
      ['trained on this workspace', ['c', '$(check) d', 'b']],
      ['trained on other workspaces', ['far']],
    ],
  );
  assert.deepEqual(modelSections([], here), []);
});

test('a model of another workspace asks first, and says what it learnt from', () => {
  assert.equal(consentQuestion(model('a'), here), undefined);
  const question = consentQuestion(model('a', { ...elsewhere, data: 'src, docs' }), here);
  assert.match(question?.message ?? '', /learnt from the workspace "secret project", not from this one/);
  assert.match(question?.detail ?? '', /src, docs/);
  assert.match(consentQuestion(model('a', { workspace: null }), here)?.message ?? '', /does not name/);
});

test('a row says what it is, how well it does, and where it learnt', () => {
  const row = modelRow(model('a'), false, 1_500_000);
  assert.equal(row.description, '2.00 bits per byte');
  assert.equal(row.detail, 'CharRNN, 1,200 steps on "demo", 1.5 MB');
  const image = model('p', { architecture: 'pixelCnn', eats: 'image', width: 28, height: 28, levels: 4, bits: 0.31 });
  assert.equal(modelRow(image, false).description, '0.310 bits per pixel');
  assert.match(modelRow(image, false).detail, /^PixelCNN, 28 x 28, grey, 4 levels, /);
});
