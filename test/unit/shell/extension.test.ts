// The wiring, over an editor that is no more than the names that it uses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standInForVscode } from './fakeVscode.ts';

type Listener = (event: unknown) => void;
type Events = Readonly<Record<string, Listener[]>>;

class FakeEditor {
  readonly listeners: Record<string, Listener[]> = {};
  readonly configurationReads: string[] = [];
  readonly item = { text: '', tooltip: '', show: () => undefined, dispose: () => undefined };
  readonly document = { uri: { scheme: 'file', path: '/a.txt', toString: () => 'file:///a.txt' }, languageId: 'off' };
  readonly stub: Readonly<Record<string, unknown>>;

  constructor() {
    const nothing = () => ({ dispose: () => undefined });
    const on = (name: string) => (listener: Listener) => {
      this.listeners[name] = [...(this.listeners[name] ?? []), listener];
      return nothing();
    };
    const channel = { logLevel: 3, info: nothing, warn: nothing, onDidChangeLogLevel: nothing, dispose: nothing };
    this.stub = {
      window: {
        activeTextEditor: { document: this.document },
        createOutputChannel: () => channel,
        createStatusBarItem: () => this.item,
        onDidChangeActiveTextEditor: on('active'),
        registerWebviewPanelSerializer: nothing,
      },
      workspace: {
        getConfiguration: (_section: unknown, scope?: { languageId: string }) => ({
          get: (key: string) => {
            this.configurationReads.push(key);
            return key === 'chainrule.enabled' ? scope?.languageId !== 'off' : undefined;
          },
        }),
        onDidChangeTextDocument: on('change'),
        onDidOpenTextDocument: on('open'),
        onDidCloseTextDocument: on('close'),
        onDidChangeConfiguration: on('configuration'),
      },
      commands: { registerCommand: nothing },
      languages: { registerInlineCompletionItemProvider: nothing },
      StatusBarAlignment: { Right: 2 },
      ExtensionMode: { Test: 3 },
      LogLevel: { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 },
    };
  }

  fire(name: keyof Events, event: unknown): void {
    for (const listener of this.listeners[name] ?? []) listener(event);
  }
}

test('activation registers and reads nothing; the status bar follows the language of the document', async () => {
  const editor = new FakeEditor();
  standInForVscode(editor.stub);
  const { activate, deactivate } = await import('../../../src/extension.ts');
  const subscriptions: { dispose(): unknown }[] = [];
  const memento = { get: () => undefined, update: async () => undefined };
  const uri = { fsPath: '/nowhere' };
  const context = {
    subscriptions,
    extensionMode: 1,
    asAbsolutePath: (path: string) => path,
    workspaceState: memento,
    globalStorageUri: uri,
    extensionUri: uri,
  };
  activate(context as unknown as Parameters<typeof activate>[0]);
  assert.deepEqual(editor.configurationReads, []);
  assert.match(editor.item.tooltip, /starts when needed/);

  editor.fire('active', undefined);
  assert.match(editor.item.tooltip, /off here/);
  editor.document.languageId = 'on';
  editor.fire('close', editor.document);
  editor.fire('open', { ...editor.document });
  assert.match(editor.item.tooltip, /off here/, 'another document was opened');
  editor.fire('open', editor.document);
  assert.match(editor.item.tooltip, /starts when needed/);

  for (const subscription of subscriptions) subscription.dispose();
  await deactivate();
});
