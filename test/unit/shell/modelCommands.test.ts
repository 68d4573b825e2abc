// Which model serves after a pick, over an editor in which the test picks and answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainedModel } from '../../../src/shell/trainedModels.ts';
import { standInForVscode } from './fakeVscode.ts';

const setting = 'chainrule.model.path';
const configured = new Map<string, string>();
const editor = {
  pick: '',
  folder: '',
  answer: undefined as string | undefined,
  labels: [] as string[],
  questions: [] as string[],
  errors: [] as string[],
};
standInForVscode({
  window: {
    showQuickPick: async (rows: { label: string }[]) => {
      editor.labels = rows.map(({ label }) => label);
      return rows.find(({ label }) => label.includes(editor.pick));
    },
    showOpenDialog: async () => [{ fsPath: editor.folder }],
    showWarningMessage: async (message: string) => {
      editor.questions.push(message);
      return editor.answer;
    },
    showInformationMessage: async () => undefined,
    showErrorMessage: async (message: string) => void editor.errors.push(message),
  },
  workspace: {
    getConfiguration: () => ({
      get: (key: string, otherwise: string) => configured.get(key) ?? otherwise,
      update: async (key: string, value: string) => void configured.set(key, value),
    }),
  },
  QuickPickItemKind: { Separator: -1 },
  ConfigurationTarget: { Global: 1 },
  ViewColumn: {},
  ProgressLocation: {},
  Uri: {},
  commands: {},
  env: {},
});

const trained: TrainedModel = {
  ...{ id: 'a', path: '/models/a', name: 'CharRNN of secret project', architecture: 'charRnn', eats: 'text' },
  ...{ bits: 2, channels: 1, width: 1, height: 1, levels: 1, data: 'src', steps: 1, changedMs: 0 },
  workspace: { hash: 'bb', name: 'secret project' },
};

async function chooser() {
  const { ModelCommands } = await import('../../../src/shell/modelCommands.ts');
  const folders = new Map<string, TrainedModel>([
    ['/models/a', trained],
    ['/elsewhere/plain', { ...trained, path: '/elsewhere/plain', workspace: null }],
    ['/elsewhere/images', { ...trained, path: '/elsewhere/images', eats: 'image' }],
  ]);
  const state = { chosenModel: undefined as string | undefined, reconfigured: 0 };
  const memory = {
    get chosenModel() {
      return state.chosenModel;
    },
    chooseModel: async (folder: string | undefined) => {
      state.chosenModel = folder;
    },
  };
  const models = { list: async () => [], read: async (folder: string) => folders.get(folder) };
  const deps = {
    ...{ models, memory, builtInModelPath: '/built-in', servingPath: () => state.chosenModel ?? '/built-in' },
    ...{ workspace: () => ({ hash: 'aa', name: 'demo' }), reconfigure: () => state.reconfigured++ },
    log: () => undefined,
  };
  const commands = new ModelCommands(deps as unknown as ConstructorParameters<typeof ModelCommands>[0]);
  const pick = async (label: string, more: Partial<typeof editor> = {}) => {
    Object.assign(editor, { answer: undefined, questions: [], errors: [], ...more, pick: label });
    await commands.actions.chooseModel();
  };
  return { state, pick, commands };
}

test('the built-in model is chosen for this workspace; what the setting says comes back, and stays what it is', async () => {
  configured.set(setting, '/set');
  const { state, pick, commands } = await chooser();
  await pick('Built-in model');
  assert.equal(state.chosenModel, 'built-in');
  await commands.checkChoice();
  assert.equal(state.chosenModel, 'built-in', 'it is always there');
  await pick('As the setting says');
  assert.equal(state.chosenModel, undefined);
  assert.equal(configured.get(setting), '/set');
  configured.delete(setting);
  await pick('Built-in model');
  assert.equal(state.chosenModel, undefined, 'the setting may name another one later');
  assert.ok(!editor.labels.some((label) => label.includes('setting')));
  assert.equal(state.reconfigured, 3);
});

test('a folder that learnt from another workspace asks first, and then serves this one only', async () => {
  const { state, pick } = await chooser();
  await pick('Choose a model folder', { folder: '/models/a' });
  assert.match(editor.questions.join(), /learnt from the workspace "secret project", not from this one/);
  assert.deepEqual([state.chosenModel, configured.get(setting)], [undefined, undefined]);
  await pick('Choose a model folder', { folder: '/models/a', answer: 'Use It Here' });
  assert.deepEqual([state.chosenModel, configured.get(setting)], ['/models/a', undefined]);
  await pick('Choose a model folder', { folder: '/elsewhere/images' });
  assert.match(editor.errors.join(), /draws images; expected a model of text/);
  await pick('Choose a model folder', { folder: '/elsewhere/plain' });
  assert.deepEqual([state.chosenModel, configured.get(setting)], [undefined, '/elsewhere/plain']);
  assert.deepEqual(editor.questions, []);
  configured.delete(setting);
});
