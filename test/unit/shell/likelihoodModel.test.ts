import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LikelihoodModel } from '../../../src/shell/likelihoodModel.ts';
import { builtInChoice } from '../../../src/shell/servingModel.ts';
import type { TrainedModel } from '../../../src/shell/trainedModels.ts';
import { WorkspaceMemory } from '../../../src/shell/workspaceMemory.ts';

function choosing(stored: Record<string, unknown> = {}) {
  const values = new Map(Object.entries(stored));
  const memory = new WorkspaceMemory({
    get: (key) => values.get(key),
    update: async (key, value) => void values.set(key, value),
  });
  const log: string[] = [];
  const chosen = new LikelihoodModel({
    memory,
    servingPath: () => '/serving',
    builtInModelPath: '/built-in',
    models: { read: async (folder) => (folder === '/there' ? ({ name: 'There' } as TrainedModel) : undefined) },
    log: (_, text) => log.push(text),
  });
  return { chosen, log };
}

test('the model that completes, unless another was chosen', async () => {
  const { chosen } = choosing();
  let told = 0;
  const listening = chosen.onChange(() => told++);
  assert.equal(chosen.path(), '/serving');
  await chosen.choose('/there');
  assert.equal(chosen.path(), '/there');
  await chosen.choose(builtInChoice);
  assert.equal(chosen.path(), '/built-in');
  await chosen.choose(undefined);
  assert.equal(chosen.path(), '/serving');
  assert.equal(told, 3);
  listening.dispose();
  chosen.changed();
  assert.equal(told, 3);
});

test('names, and a choice that is gone', async () => {
  const { chosen, log } = choosing({ 'chainrule.likelihoodModel': '/gone' });
  assert.equal(await chosen.nameOf('/built-in'), 'Built-in model');
  assert.equal(await chosen.nameOf('/there'), 'There');
  assert.equal(await chosen.nameOf('/some/folder'), 'folder');
  assert.equal(chosen.path(), '/gone');
  await chosen.checkChoice();
  assert.equal(chosen.path(), '/serving');
  assert.match(log[0]!, /no model any more/);
  await chosen.choose('/there');
  await chosen.checkChoice();
  assert.equal(chosen.path(), '/there');
});
