// The wiring, over an editor that is no more than the names that it uses.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { standInForVscode } from './fakeVscode.ts';

type Listener = (event: unknown) => void;
type Events = Readonly<Record<string, Listener[]>>;

class FakeEditor {
  readonly listeners: Record<string, Listener[]> = {};
  readonly configurationReads: string[] = [];
  readonly commands = new Map<string, () => unknown>();
  readonly errors: string[] = [];
  readonly item = { text: '', tooltip: '', show: () => undefined, dispose: () => undefined };
  readonly document = { uri: { scheme: 'file', path: '/a.txt', toString: () => 'file:///a.txt' }, languageId: 'off' };
  readonly stub: Readonly<Record<string, unknown>>;

  constructor() {
    const nothing = () => ({ dispose: () => undefined });
    const on = (name: string) => (listener: Listener) => {
      this.listeners[name] = [...(this.listeners[name] ?? []), listener];
      return nothing();
    };
    const write = { info: nothing, warn: nothing, error: nothing };
    const channel = { logLevel: 3, ...write, onDidChangeLogLevel: nothing, dispose: nothing };
    this.stub = {
      window: {
        activeTextEditor: { document: this.document },
        createOutputChannel: () => channel,
        createStatusBarItem: () => this.item,
        onDidChangeActiveTextEditor: on('active'),
        onDidChangeTextEditorSelection: on('selection'),
        registerWebviewPanelSerializer: nothing,
        registerCustomEditorProvider: nothing,
        showErrorMessage: async (text: string) => void this.errors.push(text),
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
      commands: {
        registerCommand: (id: string, run: () => unknown) => {
          this.commands.set(id, run);
          return nothing();
        },
      },
      languages: { registerInlineCompletionItemProvider: nothing },
      lm: { registerTool: nothing },
      StatusBarAlignment: { Right: 2 },
      ExtensionMode: { Test: 3 },
      LogLevel: { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 },
    };
  }

  fire(name: keyof Events, event: unknown): void {
    for (const listener of this.listeners[name] ?? []) listener(event);
  }
}

const editor = new FakeEditor();
standInForVscode(editor.stub);
const extension = import('../../../src/extension.ts');

/** Activates it as if its bundles were in `folder`; returns how it ends. */
async function activated(folder = '.'): Promise<() => Promise<void>> {
  Object.assign(globalThis, { __dirname: folder });
  const { activate, deactivate } = await extension;
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
  return async () => {
    for (const subscription of subscriptions) subscription.dispose();
    await deactivate();
  };
}

test('activation registers and reads nothing; the status bar follows the language of the document', async () => {
  const end = await activated();
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

  await end();
});

test('a training command loads the bundle that lies beside the extension; where there is none, that is said', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-bundles-'));
  try {
    const end = await activated(folder);
    const command = editor.commands.get('chainrule.trainModel') ?? assert.fail('it is not registered');
    command();
    assert.match(editor.errors[0] ?? '', /could not be loaded \(Cannot find module .*learning\.js/);
    writeFileSync(
      path.join(folder, 'learning.js'),
      `exports.Learning = class {
        constructor({ hostPath }) { this.actions = { trainModel: () => hostPath }; }
        dispose() { globalThis.learningDisposed = true; }
        async ended() { globalThis.learningEnded = true; }
      };`,
    );
    assert.equal(command(), path.join(folder, 'host.js'));
    await end();
    assert.ok(Reflect.get(globalThis, 'learningDisposed') && Reflect.get(globalThis, 'learningEnded'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a likelihood command loads a bundle of its own, which is told of settings once it is there', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-bundles-'));
  try {
    const end = await activated(folder);
    const command = editor.commands.get('chainrule.showLikelihood') ?? assert.fail('it is not registered');
    editor.errors.length = 0;
    command();
    assert.match(editor.errors[0] ?? '', /could not be loaded \(Cannot find module .*likelihood\.js/);
    editor.fire('configuration', { affectsConfiguration: () => true });
    writeFileSync(
      path.join(folder, 'likelihood.js'),
      `exports.Likelihood = class {
        constructor({ hostPath, servingPath }) { this.actions = { showLikelihood: () => [hostPath, typeof servingPath()] }; }
        reconfigure() { globalThis.likelihoodReconfigured = true; }
        dispose() { globalThis.likelihoodDisposed = true; }
        async ended() { globalThis.likelihoodEnded = true; }
      };`,
    );
    assert.deepEqual(command(), [path.join(folder, 'host.js'), 'string']);
    editor.fire('configuration', { affectsConfiguration: () => true });
    await end();
    for (const what of ['Reconfigured', 'Disposed', 'Ended'])
      assert.ok(Reflect.get(globalThis, `likelihood${what}`), what);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
