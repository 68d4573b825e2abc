// Wiring only: who is told what. Activation registers and returns: settings are read with the first question about them, and
// the engine process starts when an editor in which completions are on has been visible for a moment, or with the first request.
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { systemClock } from './base/clock.ts';
import { commandActions } from './shell/actions.ts';
import { commandRows } from './shell/commands.ts';
import { DocumentMirror } from './shell/documentMirror.ts';
import { documentFacts, keyOf, textEdits } from './shell/editorDocument.ts';
import { whyOff } from './shell/eligibility.ts';
import { EngineClient, type EngineConfiguration } from './shell/engineClient.ts';
import { InlineCompletionProvider, selector } from './shell/inlineCompletionProvider.ts';
import { createLogChannel } from './shell/log.ts';
import { modelFolderPath, readSettings, type Settings, settingRows, threadsFor } from './shell/settings.ts';
import { StatusBar } from './shell/statusBar.ts';
import { Suggester } from './shell/suggester.ts';

const warmUpMs = 500;
const stateCommand = 'chainrule.internal.state';

let client: EngineClient | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const startedAt = systemClock.now();
  const clock = systemClock;
  const { channel, log, level } = createLogChannel();
  const statusBar = new StatusBar(clock);
  const builtInModelPath = context.asAbsolutePath(path.join('models', 'default'));
  let settings: Settings | undefined;

  function currentSettings(): Settings {
    if (settings) return settings;
    const configuration = vscode.workspace.getConfiguration();
    settings = readSettings(
      (key) => configuration.get(key),
      (problem) => log('warning', problem),
    );
    return settings;
  }
  function configuration(): EngineConfiguration {
    const { modelPath, threads } = currentSettings();
    return {
      modelPath: modelFolderPath(modelPath, os.homedir()) || builtInModelPath,
      threads: threadsFor(threads, os.availableParallelism()),
      logLevel: level(),
    };
  }

  const mirror = new DocumentMirror((message) => engine.send(message));
  const engine = new EngineClient({
    hostPath: path.join(__dirname, 'host.js'),
    clock,
    log,
    configuration,
    onStatus: (status) => statusBar.setEngine(status),
    onFreshProcess: () => mirror.reset(),
    onReopen: (document) => mirror.reopen(document),
  });
  client = engine;
  const suggester = new Suggester({
    client: engine,
    mirror,
    clock,
    log,
    completion: () => {
      const { maxSymbols, multiline } = currentSettings();
      return { maxSymbols, multiline };
    },
    onThinking: (thinking) => statusBar.setThinking(thinking),
  });

  const refresh = () => {
    cancelNext();
    const document = vscode.window.activeTextEditor?.document;
    const off = document && whyOff(documentFacts(document));
    statusBar.setOff(off);
    if (document && off === undefined) cancelNext = clock.after(warmUpMs, () => engine.start());
  };
  let cancelNext = clock.after(0, refresh);
  const actions = commandActions({ client: engine, channel, builtInModelPath });

  context.subscriptions.push(
    channel,
    statusBar,
    engine,
    { dispose: () => cancelNext() },
    ...Object.entries(commandRows).map(([id, action]) => vscode.commands.registerCommand(id, () => actions[action]())),
    vscode.languages.registerInlineCompletionItemProvider(selector, new InlineCompletionProvider(suggester)),
    vscode.workspace.onDidChangeTextDocument((event) => {
      const key = keyOf(event.document);
      const edits = textEdits(event);
      mirror.changed(key, edits);
      suggester.edited(key, edits);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => mirror.closed(keyOf(document))),
    // Another language for a document closes it and opens it again.
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (document === vscode.window.activeTextEditor?.document) refresh();
    }),
    vscode.window.onDidChangeActiveTextEditor(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration('chainrule')) return;
      settings = undefined;
      currentSettings();
      if ([settingRows.modelPath, settingRows.threads].some(({ key }) => event.affectsConfiguration(key))) {
        engine.reconfigure();
      }
      suggester.forget();
      refresh();
    }),
    channel.onDidChangeLogLevel(() => engine.reconfigure()),
  );
  if (context.extensionMode === vscode.ExtensionMode.Test) {
    context.subscriptions.push(
      vscode.commands.registerCommand(stateCommand, () => ({
        status: engine.status,
        statusBar: statusBar.view,
        pid: engine.pid,
        memory: engine.memory,
        numStarts: engine.numStarts,
        numRequests: engine.numRequests,
        numAnsweredAlong: suggester.numAnsweredAlong,
      })),
    );
  }
  log('info', `Activated in ${(clock.now() - startedAt).toFixed(1)} ms`);
}

/** Resolves when the engine process is gone. */
export function deactivate(): Promise<void> | undefined {
  client?.dispose();
  return client?.ended();
}
