import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runtimeChoices } from '../../../src/base/runtimeChoice.ts';
import { commandRows } from '../../../src/shell/commands.ts';
import { scoringThreadsFor } from '../../../src/shell/scorerClient.ts';
import {
  maxSymbolsRange,
  modelFolderPath,
  readEnabled,
  readSettings,
  settingRows,
  threadsRange,
  trainingThreadsFor,
} from '../../../src/shell/settings.ts';

interface Property {
  readonly default: unknown;
  readonly scope: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly markdownDescription: string;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const texts: Record<string, string> = JSON.parse(readFileSync('package.nls.json', 'utf8'));
const commands: { command: string; title: string; category: string }[] = manifest.contributes.commands;
const properties: Record<string, Property> = manifest.contributes.configuration.properties;

test('the manifest and the code know the same commands, all in one category', () => {
  assert.deepEqual(commands.map(({ command }) => command).sort(), Object.keys(commandRows).sort());
  for (const { command, category } of commands) {
    assert.equal(category, 'Chainrule');
    assert.match(command, /^chainrule\.[a-z][A-Za-z]*$/);
  }
});

test('the manifest and the code know the same settings, with the same defaults and bounds', () => {
  const rows = Object.values(settingRows);
  assert.deepEqual(Object.keys(properties).sort(), rows.map(({ key }) => key).sort());
  for (const { key, fallback } of rows) assert.deepEqual(properties[key]?.default, fallback, key);
  const bounds = (key: string) => ({ min: properties[key]?.minimum, max: properties[key]?.maximum });
  assert.deepEqual(bounds(settingRows.maxSymbols.key), maxSymbolsRange);
  assert.deepEqual(bounds(settingRows.threads.key), threadsRange);
  assert.deepEqual(bounds(settingRows.trainingThreads.key), threadsRange);
  assert.deepEqual(properties[settingRows.runtime.key]?.enum, runtimeChoices);
});

test('paths and threads belong to the machine, and a workspace cannot set them', () => {
  assert.equal(properties[settingRows.modelPath.key]?.scope, 'machine');
  assert.equal(properties[settingRows.threads.key]?.scope, 'machine');
  assert.equal(properties[settingRows.trainingThreads.key]?.scope, 'machine');
  assert.equal(properties[settingRows.runtime.key]?.scope, 'machine');
  assert.equal(properties[settingRows.enabled.key]?.scope, 'language-overridable');
});

test('every text of the manifest exists, and every existing one is used', () => {
  const used = JSON.stringify(manifest).match(/%[\w.]+%/g) ?? [];
  assert.deepEqual(used.map((key) => key.slice(1, -1)).sort(), Object.keys(texts).sort());
});

test('settings that are missing or wrong count as their defaults, and the wrong ones are reported', () => {
  const check = (values: Record<string, unknown>, expected: object, numProblems: number) => {
    const problems: string[] = [];
    const settings = readSettings(
      (key) => values[key],
      (problem) => problems.push(problem),
    );
    assert.deepEqual(settings, {
      modelPath: '',
      maxSymbols: 64,
      multiline: 'auto',
      workAhead: true,
      threads: 0,
      trainingThreads: 0,
      runtime: 'auto',
      weights: 'auto',
      unusualLines: false,
      ...expected,
    });
    assert.equal(problems.length, numProblems, problems.join('\n'));
  };
  check({}, {}, 0);
  check({ 'chainrule.completion.maxSymbols': 8, 'chainrule.model.path': '/m' }, { maxSymbols: 8, modelPath: '/m' }, 0);
  check(
    { 'chainrule.completion.maxSymbols': '8', 'chainrule.engine.threads': -1, 'chainrule.model.path': null },
    {},
    3,
  );
  check({ 'chainrule.engine.runtime': 'plain' }, { runtime: 'plain' }, 0);
  check({ 'chainrule.engine.runtime': 'fast' }, {}, 1);
  check({ 'chainrule.engine.weights': 'int4' }, { weights: 'int4' }, 0);
  check({ 'chainrule.engine.weights': 'fastest' }, {}, 1);
  assert.equal(
    readEnabled(() => false),
    false,
  );
  assert.equal(
    readEnabled(() => 'no'),
    true,
  );
});

test('training leaves a processor of many, and takes at most eight', () => {
  assert.deepEqual(
    [1, 2, 3, 8, 64].map((numProcessors) => trainingThreadsFor(0, numProcessors)),
    [1, 2, 2, 7, 8],
  );
  assert.equal(trainingThreadsFor(3, 64), 3);
  assert.deepEqual(
    [1, 2, 3, 8, 64].map((numProcessors) => scoringThreadsFor(0, numProcessors)),
    [1, 2, 3, 4, 4],
  );
  assert.equal(scoringThreadsFor(6, 2), 6);
});

test('what only makes sense during a training is enabled then, and training itself always says why not', () => {
  const enablement = (id: string) =>
    (manifest.contributes.commands as { command: string; enablement?: string }[]).find(({ command }) => command === id)
      ?.enablement;
  assert.equal(enablement('chainrule.pauseTraining'), 'chainrule.training == running');
  assert.equal(enablement('chainrule.resumeTraining'), 'chainrule.training == paused');
  assert.match(enablement('chainrule.stopTraining') ?? '', /running \|\| chainrule\.training == paused/);
  for (const id of ['trainCharRnn', 'trainPixelCnn', 'trainModel', 'sampleModel', 'manageModels', 'chooseModel']) {
    assert.equal(enablement(`chainrule.${id}`), undefined, id);
  }
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  assert.equal(manifest.capabilities.virtualWorkspaces.supported, 'limited');
});

test('a model folder may be given from the home folder', () => {
  assert.equal(modelFolderPath(' ~/models/a ', '/home/me'), '/home/me/models/a');
  assert.equal(modelFolderPath('/m/~a', '/home/me'), '/m/~a');
  assert.equal(modelFolderPath('', '/home/me'), '');
});
