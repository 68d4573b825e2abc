import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type UnfinishedRun, WorkspaceMemory } from '../../../src/shell/workspaceMemory.ts';

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
  return { memory: new WorkspaceMemory(memento, (_, text) => lines.push(text)), stored, lines };
}

test('what was remembered comes back, and is forgotten when told', async () => {
  const { memory, stored } = remembering();
  assert.equal(memory.chosenModel, undefined);
  assert.deepEqual(memory.unfinished, []);
  await memory.chooseModel('/models/a');
  await memory.rememberUnfinished(run);
  assert.equal(memory.chosenModel, '/models/a');
  assert.deepEqual(memory.unfinished, [run]);
  await memory.chooseModel(undefined);
  await memory.forgetUnfinished(run.modelPath);
  assert.equal(stored.size, 0);
});

test('of several unfinished trainings the last one comes first, each once, and not without end', async () => {
  const { memory } = remembering();
  const [a, b] = [run, { ...run, modelPath: '/models/b' }];
  for (const one of [a, b, { ...a, step: 200 }]) await memory.rememberUnfinished(one);
  assert.deepEqual(memory.unfinished, [{ ...a, step: 200 }, b]);
  await memory.forgetUnfinished(a.modelPath);
  assert.deepEqual(memory.unfinished, [b]);
  for (let i = 0; i < 50; i++) await memory.rememberUnfinished({ ...run, modelPath: `/models/${i}` });
  assert.deepEqual([memory.unfinished.length, memory.unfinished[0]?.modelPath], [20, '/models/49']);
});

test('what another version wrote is passed over and told, and hides nothing else', () => {
  for (const value of [1, {}, { ...run, step: -1 }, { ...run, choices: { minutes: 3 } }]) {
    const unfinished = [value, run];
    const { memory, lines } = remembering({ 'chainrule.unfinishedTrainings': unfinished, 'chainrule.chosenModel': 7 });
    assert.deepEqual(memory.unfinished, [run]);
    assert.equal(memory.chosenModel, undefined);
    assert.equal(lines.length, 1);
  }
  assert.deepEqual(remembering({ 'chainrule.unfinishedTrainings': run }).memory.unfinished, []);
});
