// What the panels of likelihood views refuse to read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOptions } from '../../../src/protocol/likelihoodViewMessages.ts';
import { until } from '../until.ts';
import { standInForVscode } from './fakeVscode.ts';

const posted: { name?: string; note?: string }[] = [];
const nothing = () => ({ dispose: () => undefined });
const webview = {
  ...{ options: {}, html: '', cspSource: 'x', asWebviewUri: String, onDidReceiveMessage: nothing },
  postMessage: (message: object) => posted.push(message),
};
const panel = {
  webview,
  visible: true,
  title: '',
  onDidDispose: nothing,
  onDidChangeViewState: nothing,
  dispose: nothing,
};
const uriOf = (path: string) => ({ path, scheme: 'file', toString: () => `file://${path}` });
const read: string[] = [];
standInForVscode({
  workspace: {
    ...{ onDidChangeTextDocument: nothing, onDidRenameFiles: nothing, onDidDeleteFiles: nothing },
    createFileSystemWatcher: () => ({
      onDidCreate: nothing,
      onDidChange: nothing,
      onDidDelete: nothing,
      dispose: () => undefined,
    }),
    asRelativePath: ({ path }: { path: string }) => path,
    openTextDocument: async ({ path }: { path: string }) => {
      read.push(path);
      return { languageId: 'dotenv', isDirty: true, getText: () => 'A=1' };
    },
  },
  RelativePattern: class {},
  window: { createWebviewPanel: () => panel },
  Disposable: { from: nothing },
  Uri: { joinPath: () => 'address', parse: (text: string) => uriOf(text.slice('file://'.length)) },
  ViewColumn: { Active: -1 },
});
const { LikelihoodViews } = await import('../../../src/shell/likelihoodViewPanel.ts');

test('a file that may hold secrets is refused: by its path unread, by its language unsent', async () => {
  const sent: object[] = [];
  const refuse = async () => assert.fail('nothing is to be asked');
  const views = new LikelihoodViews({
    extensionUri: uriOf('/e') as never,
    scorer: { ask: refuse as never, send: (message) => void sent.push(message) },
    models: async () => [{ path: '/m', name: 'M' }],
    log: () => undefined,
  });
  await assert.rejects(views.openDocument(uriOf('/w/.env') as never), /\.env: files that may hold secrets/);
  // What the editor kept over a reload is asked anew.
  const remembered = { document: 'file:///w/.env', a: '/m', b: '' };
  views.restore(panel as never, { remembered, options: firstOptions });
  await views.openDocument(uriOf('/w/settings') as never);
  const told = (name: string) => posted.some((one) => one.name === name && one.note?.includes('may hold secrets'));
  await until('both are refused', () => told('.env') && told('settings'));
  assert.deepEqual([read, sent], [['/w/settings'], []]);
  views.dispose();
});
