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
  assert.equal(memory.unfinished, undefined);
  await memory.chooseModel('/models/a');
  await memory.rememberUnfinished(run);
  assert.equal(memory.chosenModel, '/models/a');
  assert.deepEqual(memory.unfinished, run);
  await memory.chooseModel(undefined);
  await memory.rememberUnfinished(undefined);
  assert.equal(stored.size, 0);
});

test('what another version wrote is passed over and told', () => {
  for (const value of [1, {}, { ...run, step: -1 }, { ...run, choices: { minutes: 3 } }]) {
    const { memory, lines } = remembering({ 'chainrule.unfinishedTraining': value, 'chainrule.chosenModel': 7 });
    assert.equal(memory.unfinished, undefined);
    assert.equal(memory.chosenModel, undefined);
    assert.equal(lines.length, 1);
  }
});
