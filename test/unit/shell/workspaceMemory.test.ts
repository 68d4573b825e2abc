import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrainingMemory, type UnfinishedRun } from '../../../src/shell/trainingMemory.ts';
import { WorkspaceMemory } from '../../../src/shell/workspaceMemory.ts';

const run: UnfinishedRun = {
  architecture: 'charRnn',
  title: 'CharRNN on "demo"',
  eats: 'text',
  modelPath: '/models/a',
  choices: { minutes: 10, preset: 'small', seed: 1, image: null },
  offered: false,
  step: 120,
};

function remembering(values: Record<string, unknown> = {}) {
  const stored = new Map(Object.entries(values));
  const lines: string[] = [];
  const memento = {
    get: (key: string) => stored.get(key),
    async update(key: string, value: unknown) {
      if (value === undefined) stored.delete(key);
      else stored.set(key, JSON.parse(JSON.stringify(value)));
    },
  };
  const training = new TrainingMemory(memento, (_, text) => lines.push(text));
  return { memory: new WorkspaceMemory(memento), training, stored, lines };
}

test('what was remembered comes back, and is forgotten when told', async () => {
  const { memory, training, stored } = remembering();
  assert.equal(memory.chosenModel, undefined);
  assert.equal(training.unfinished, undefined);
  await memory.chooseModel('/models/a');
  await training.rememberUnfinished(run);
  assert.equal(memory.chosenModel, '/models/a');
  assert.deepEqual(training.unfinished, run);
  assert.equal(memory.hasUnfinished, true);
  await memory.chooseModel(undefined);
  await training.rememberUnfinished(undefined);
  assert.equal(memory.hasUnfinished, false);
  assert.equal(stored.size, 0);
});

test('what another version wrote is passed over and told', () => {
  for (const value of [1, {}, { ...run, step: -1 }, { ...run, choices: { minutes: 3 } }]) {
    const { memory, training, lines } = remembering({
      'chainrule.unfinishedTraining': value,
      'chainrule.chosenModel': 7,
    });
    assert.equal(training.unfinished, undefined);
    assert.equal(memory.chosenModel, undefined);
    assert.equal(lines.length, 1);
  }
});
