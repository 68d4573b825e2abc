// Wiring only: who is told what. Activation registers and returns: settings are read with the first question about them, and
// the engine process starts when an editor in which completions are on has been visible for a moment, or with the first request.
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { systemClock } from './base/clock.ts';
import { engineActions } from './shell/actions.ts';
import { commandRows } from './shell/commands.ts';
import { DocumentMirror } from './shell/documentMirror.ts';
import { documentFacts, frontPlace, keyOf, textEdits } from './shell/editorDocument.ts';
import { whyOff } from './shell/eligibility.ts';
import { EngineClient, type EngineConfiguration } from './shell/engineClient.ts';
import { InlineCompletionProvider, selector } from './shell/inlineCompletionProvider.ts';
import { LateLearning, trainingViewType } from './shell/lateLearning.ts';
import { likelihoodActions, registerLikelihood } from './shell/lateLikelihood.ts';
import { LatePart } from './shell/latePart.ts';
import type { LearningDeps } from './shell/learning.ts';
import type { Likelihood, LikelihoodDeps } from './shell/likelihood.ts';
import { createLogChannel } from './shell/log.ts';
import { PlaceAhead } from './shell/placeAhead.ts';
import { servingModelPath } from './shell/servingModel.ts';
import { modelFolderPath, readSettings, type Settings, settingRows } from './shell/settings.ts';
import { StatusBar } from './shell/statusBar.ts';
import { Suggester } from './shell/suggester.ts';
import { WorkspaceMemory } from './shell/workspaceMemory.ts';

const warmUpMs = 500;
const stateCommand = 'chainrule.internal.state';

let client: EngineClient | undefined;
let learning: LateLearning | undefined;
let likelihood: LatePart<Likelihood> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const startedAt = systemClock.now();
  const clock = systemClock;
  const { channel, log, level } = createLogChannel();
  const statusBar = new StatusBar(clock);
  const builtInModelPath = context.asAbsolutePath(path.join('models', 'default'));
  const hostPath = path.join(__dirname, 'host.js');
  const memory = new WorkspaceMemory(context.workspaceState);
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
  function servingPath(): string {
    const setting = modelFolderPath(currentSettings().modelPath, os.homedir());
    return servingModelPath({ choice: memory.chosenModel, setting, builtIn: builtInModelPath });
  }
  function configuration(): EngineConfiguration {
    const { threads, weights, workAhead } = currentSettings();
    return {
      modelPath: servingPath(),
      threads,
      weights,
      storagePath: context.globalStorageUri.fsPath,
      logLevel: level(),
      workAhead,
    };
  }

  const mirror = new DocumentMirror((message) => engine.send(message));
  const engine = new EngineClient({
    hostPath,
    clock,
    log,
    configuration,
    runtime: () => currentSettings().runtime,
    onStatus: (status) => {
      statusBar.setEngine(status);
      if (status.state === 'ready') placeAhead.moved();
    },
    onFreshProcess: () => mirror.reset(),
    onReopen: (document) => mirror.reopen(document),
  });
  client = engine;
  const maxSymbols = () => currentSettings().maxSymbols;
  const front = () => (currentSettings().workAhead ? frontPlace() : undefined);
  const placeAhead = new PlaceAhead({ client: engine, mirror, clock, front, maxSymbols });
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

  const learningDeps: LearningDeps = {
    context,
    hostPath,
    clock,
    log,
    channel,
    memory,
    builtInModelPath,
    settings: currentSettings,
    servingPath,
    reconfigure: () => {
      engine.reconfigure();
      suggester.forget();
    },
  };
  const learnt = new LateLearning({
    load: () => new (loadPart<typeof import('./shell/learning.ts')>('learning').Learning)(learningDeps),
    memory,
    log,
    showError: (text) => void vscode.window.showErrorMessage(text),
  });
  learning = learnt;

  const likelihoodDeps: LikelihoodDeps = {
    ...{ context, hostPath, clock, log, level, channel, memory, builtInModelPath, engine, suggester },
    settings: currentSettings,
    servingPath,
  };
  const shown = new LatePart<Likelihood>({
    name: 'the part that shows likelihoods',
    load: () => new (loadPart<typeof import('./shell/likelihood.ts')>('likelihood').Likelihood)(likelihoodDeps),
    log,
    showError: (text) => void vscode.window.showErrorMessage(text),
  });
  likelihood = shown;

  const refresh = () => {
    cancelNext();
    const document = vscode.window.activeTextEditor?.document;
    const off = document && whyOff(documentFacts(document));
    statusBar.setOff(off);
    placeAhead.moved();
    if (document && off === undefined) cancelNext = clock.after(warmUpMs, () => engine.start());
  };
  let cancelNext = clock.after(0, refresh);
  const cancelBegin = clock.after(warmUpMs, () => void learnt.begin());
  const isTraining = () => learnt.phase !== 'none';
  const actions = {
    ...engineActions({ client: engine, channel, isTraining }),
    ...learnt.actions,
    ...likelihoodActions(shown),
  };

  context.subscriptions.push(
    channel,
    statusBar,
    engine,
    placeAhead,
    learnt,
    shown,
    { dispose: () => cancelNext() },
    { dispose: cancelBegin },
    ...Object.entries(commandRows).map(([id, action]) => {
      const run: (...args: unknown[]) => unknown = actions[action];
      return vscode.commands.registerCommand(id, (target: unknown) => run(target));
    }),
    ...registerLikelihood(shown),
    vscode.window.registerWebviewPanelSerializer(trainingViewType, {
      deserializeWebviewPanel: async (panel) => learnt.restore(panel),
    }),
    vscode.languages.registerInlineCompletionItemProvider(selector, new InlineCompletionProvider(suggester)),
    vscode.workspace.onDidChangeTextDocument((event) => {
      const key = keyOf(event.document);
      const edits = textEdits(event);
      mirror.changed(key, edits);
      suggester.edited(key, edits);
      if (event.document === vscode.window.activeTextEditor?.document) placeAhead.edited();
    }),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === vscode.window.activeTextEditor) placeAhead.moved();
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
      const told = [settingRows.modelPath, settingRows.threads, settingRows.weights, settingRows.workAhead];
      if (told.some(({ key }) => event.affectsConfiguration(key))) {
        engine.reconfigure();
        shown.loaded?.reconfigure();
      }
      if (event.affectsConfiguration(settingRows.runtime.key) && engine.running) engine.restart();
      suggester.forget();
      refresh();
    }),
    channel.onDidChangeLogLevel(() => {
      engine.reconfigure();
      shown.loaded?.reconfigure();
    }),
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
        training: learnt.phase,
      })),
    );
  }
  log('info', `Activated in ${(clock.now() - startedAt).toFixed(1)} ms`);
}

/** A bundle of its own (scripts/build.mjs), so that its code is not read until it is needed. */
function loadPart<T>(name: 'learning' | 'likelihood'): T {
  return require(path.join(__dirname, `${name}.js`));
}

/** Resolves when no process of this extension runs any more. */
export async function deactivate(): Promise<void> {
  client?.dispose();
  learning?.dispose();
  likelihood?.dispose();
  await Promise.all([client?.ended(), learning?.ended(), likelihood?.ended()]);
}
