// What a text begins with, over an editor with a selection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sampler } from '../../../src/shell/samplerClient.ts';
import type { TrainedModel } from '../../../src/shell/trainedModels.ts';
import { standInForVscode } from './fakeVscode.ts';

const editor = { selection: '', boxes: [] as (string | undefined)[], opened: '', hint: '' };
standInForVscode({
  window: {
    activeTextEditor: { document: { getText: () => editor.selection, languageId: 'python' } },
    showInputBox: async ({ value }: { value: string }) => {
      editor.boxes.push(value);
      return value;
    },
    showQuickPick: async (rows: unknown[], { placeHolder }: { placeHolder: string }) => {
      editor.hint = placeHolder;
      return rows[0];
    },
    showTextDocument: async () => undefined,
    withProgress: (_: unknown, task: (progress: unknown, token: unknown) => unknown) =>
      task({}, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
  },
  workspace: {
    openTextDocument: async ({ content }: { content: string }) => {
      editor.opened = content;
    },
    onDidCloseTextDocument: () => ({ dispose: () => undefined }),
  },
  ProgressLocation: {},
});

test('a selection of several lines is the prompt as it is; one line may be changed in a box', async () => {
  const { sampleText } = await import('../../../src/shell/textSampling.ts');
  const prompts: string[] = [];
  const sampler = { text: async ({ prompt }: { prompt: string }) => void prompts.push(prompt) } as unknown as Sampler;
  const deps = { sampler, threads: () => 1, newSeed: () => 1 };
  const model = { name: 'it', path: '/m' } as TrainedModel;
  editor.selection = 'def f(x):\r\n    return x\n';
  await sampleText(model, deps);
  assert.deepEqual(editor.boxes, []);
  assert.equal(editor.opened, 'def f(x):\n    return x\n');
  assert.match(editor.hint, /the selection of 2 lines/);
  editor.selection = 'def f(';
  await sampleText(model, deps);
  assert.deepEqual(editor.boxes, ['def f(']);
  assert.deepEqual(prompts, ['def f(x):\n    return x\n', 'def f(']);
});
