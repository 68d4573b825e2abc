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
  diverged: false,
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
  assert.deepEqual(training.unfinished, []);
  await memory.chooseModel('/models/a');
  await training.rememberUnfinished(run);
  assert.equal(memory.chosenModel, '/models/a');
  assert.deepEqual(training.unfinished, [run]);
  assert.equal(memory.hasUnfinished, true);
  await memory.chooseModel(undefined);
  await training.forgetUnfinished(run.modelPath);
  assert.equal(memory.hasUnfinished, false);
  assert.equal(stored.size, 0);
});

test('of several unfinished trainings the last one comes first, each once, and not without end', async () => {
  const { training } = remembering();
  const [a, b] = [run, { ...run, modelPath: '/models/b' }];
  for (const one of [a, b, { ...a, step: 200 }]) await training.rememberUnfinished(one);
  assert.deepEqual(training.unfinished, [{ ...a, step: 200 }, b]);
  await training.forgetUnfinished(a.modelPath);
  assert.deepEqual(training.unfinished, [b]);
  for (let i = 0; i < 50; i++) await training.rememberUnfinished({ ...run, modelPath: `/models/${i}` });
  assert.deepEqual([training.unfinished.length, training.unfinished[0]?.modelPath], [20, '/models/49']);
});

test('what another version wrote is passed over and told, and hides nothing else', () => {
  for (const value of [1, {}, { ...run, step: -1 }, { ...run, choices: { minutes: 3 } }]) {
    const unfinished = [value, run];
    const { memory, training, lines } = remembering({
      'chainrule.unfinishedTrainings': unfinished,
      'chainrule.chosenModel': 7,
    });
    assert.deepEqual(training.unfinished, [run]);
    assert.equal(memory.chosenModel, undefined);
    assert.equal(lines.length, 1);
  }
  assert.deepEqual(remembering({ 'chainrule.unfinishedTrainings': run }).training.unfinished, []);
});
