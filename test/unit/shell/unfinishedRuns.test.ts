import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnfinishedRun } from '../../../src/shell/trainingMemory.ts';
import { type HereFacts, unfinishedRow } from '../../../src/shell/unfinishedRuns.ts';

const run: UnfinishedRun = {
  ...{ architecture: 'charRnn', title: 'CharRNN on "demo"', eats: 'text', modelPath: '/models/a' },
  ...{ choices: { minutes: 10, preset: 'small', seed: 1, image: null }, offered: true, step: 5000, diverged: false },
};
const workspace = { hash: 'aa', name: 'demo' };
const folder = { path: '/models/a', isTraining: false, workspace };
const here: HereFacts = { busyFolder: undefined, paused: [], workspaceHash: 'aa' };

function check(part: Partial<typeof folder>, facts: Partial<HereFacts>, detail: RegExp, actions: string[]): void {
  const row = unfinishedRow({ ...folder, ...part }, 3e6, { ...here, ...facts });
  assert.match(row.detail, detail);
  assert.match(row.detail, /; 3\.0 MB$/);
  assert.deepEqual(row.actions, actions);
}

test('what a process trains in is left alone, of this window or of another', () => {
  check({ isTraining: true }, { busyFolder: '/models/a' }, /^being trained now/, []);
  // Its lock may not be placed yet.
  check({}, { busyFolder: '/models/a' }, /^being trained now/, []);
  check({ isTraining: true }, {}, /^being trained in another window/, []);
  check({ isTraining: true }, { paused: [run] }, /^being trained in another window/, []);
});

test('what is paused here can be resumed, what is paused elsewhere says where, and the rest was left behind', () => {
  check({}, { paused: [run] }, /^paused at step 5,000/, ['resume', 'delete']);
  assert.equal(unfinishedRow(folder, 1, { ...here, paused: [run] }).label, 'CharRNN on "demo"');
  check({}, { paused: [{ ...run, step: 0 }] }, /^paused before its first checkpoint/, ['resume', 'delete']);
  check({}, { paused: [{ ...run, diverged: true }] }, /no number/, ['delete']);
  check({ workspace: { hash: 'bb', name: 'other' } }, {}, /^paused in "other"/, ['delete']);
  check({}, {}, /^left behind by a training/, ['delete']);
  assert.equal(unfinishedRow(folder, 1, here).label, 'a');
});
