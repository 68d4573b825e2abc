// Everything that shows how likely texts and images are, put together. The entry of a bundle of its own, which is loaded at the first of
// its commands.
import { randomInt } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import { CancelledError, messageOf } from '../base/errors.ts';
import type { LogLevel } from '../protocol/hostMessages.ts';
import { BitsOfChange } from './bitsOfChange.ts';
import type { CommandActions } from './commands.ts';
import { EditorLikelihood } from './editorLikelihood.ts';
import type { EngineClient } from './engineClient.ts';
import { ExplainPanel } from './explainPanel.ts';
import type { Log } from './hostProcess.ts';
import { ImageLikelihood } from './imageLikelihood.ts';
import type { Part } from './latePart.ts';
import { LikelihoodModel } from './likelihoodModel.ts';
import { pickLikelihoodModel } from './likelihoodModelPicker.ts';
import { likelihoodModels } from './likelihoodModels.ts';
import { scoreForAgent } from './likelihoodTool.ts';
import { LikelihoodViews } from './likelihoodViewPanel.ts';
import { ScorerClient, scoringThreadsFor } from './scorerClient.ts';
import { modelFolderPath, type Settings } from './settings.ts';
import { showErrors } from './showErrors.ts';
import type { Suggester } from './suggester.ts';
import { TrainedModels } from './trainedModels.ts';
import { WorkspaceLikelihood } from './workspaceLikelihood.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';

export interface LikelihoodDeps {
  readonly context: vscode.ExtensionContext;
  readonly hostPath: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly level: () => LogLevel;
  readonly channel: vscode.LogOutputChannel;
  readonly memory: WorkspaceMemory;
  readonly builtInModelPath: string;
  readonly settings: () => Settings;
  /** The model that completes in this window. */
  readonly servingPath: () => string;
  readonly engine: EngineClient;
  readonly suggester: Suggester;
}

type LikelihoodActions = Pick<
  CommandActions,
  | 'showLikelihood'
  | 'chooseLikelihoodModel'
  | 'openLikelihoodView'
  | 'likelihoodOfWorkspace'
  | 'bitsOfChange'
  | 'openImageLikelihood'
  | 'explainSuggestion'
>;

export class Likelihood implements Part {
  readonly actions: LikelihoodActions;
  readonly #scorer: ScorerClient;
  readonly #images: ImageLikelihood;
  readonly #store = new DisposableStore();
  readonly #views: LikelihoodViews;
  readonly #workspace: WorkspaceLikelihood;
  readonly #change: BitsOfChange;
  readonly #modelPath: () => string;

  constructor(deps: LikelihoodDeps) {
    const { context, hostPath, clock, log, level, settings, memory, servingPath, builtInModelPath } = deps;
    const { engine, suggester } = deps;
    this.#scorer = this.#store.add(
      new ScorerClient({
        hostPath,
        clock,
        log,
        runtime: () => settings().runtime,
        configuration: () => ({
          threads: scoringThreadsFor(settings().threads, os.availableParallelism()),
          logLevel: level(),
          storagePath: context.globalStorageUri.fsPath,
        }),
      }),
    );
    const models = new TrainedModels(path.join(context.globalStorageUri.fsPath, 'models'), (problem) =>
      log('warning', problem),
    );
    const chosen = new LikelihoodModel({ memory, servingPath, builtInModelPath, models, log });
    void chosen.checkChoice().catch((error: unknown) => log('warning', messageOf(error)));
    const editors = this.#store.add(new EditorLikelihood({ scorer: this.#scorer, clock, log, chosen, settings }));
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => editors.opened(document)));
    this.#store.add(vscode.workspace.onWillRenameFiles(({ files }) => editors.renaming(files)));
    const picker = { chosen, models, builtInModelPath, servingPath, settings };
    this.#images = this.#store.add(
      new ImageLikelihood({
        ...{ extensionUri: context.extensionUri, clock, log, memory, models, scorer: this.#scorer },
        newSeed: () => randomInt(2 ** 32),
      }),
    );
    const settingPath = () => modelFolderPath(settings().modelPath, os.homedir());
    this.#views = this.#store.add(
      new LikelihoodViews({
        extensionUri: context.extensionUri,
        scorer: this.#scorer,
        models: () => likelihoodModels({ chosen, models, builtInModelPath, settingPath, servingPath }),
        log,
      }),
    );
    const explanation = this.#store.add(
      new ExplainPanel({ extensionUri: context.extensionUri, engine, suggester, log }),
    );
    const scorer = this.#scorer;
    const { extensionUri } = context;
    const model = async () => ({ path: chosen.path(), name: await chosen.nameOf(chosen.path()) });
    this.#workspace = this.#store.add(new WorkspaceLikelihood({ extensionUri, scorer, model, log }));
    this.#change = this.#store.add(new BitsOfChange({ extensionUri, scorer, model, log }));
    this.#modelPath = chosen.path;
    this.actions = {
      showLikelihood: () => editors.toggle(),
      chooseLikelihoodModel: () => showErrors(log, () => pickLikelihoodModel(picker)),
      openLikelihoodView: () => showErrors(log, () => this.#views.open()),
      likelihoodOfWorkspace: () => showErrors(log, () => this.#workspace.show()),
      bitsOfChange: () => showErrors(log, () => this.#change.show()),
      openImageLikelihood: (target) => this.#images.open(target),
      explainSuggestion: () => showErrors(log, () => explanation.explain()),
    };
  }

  /** What the scoring process is told of settings has changed. */
  reconfigure(): void {
    this.#scorer.reconfigure();
  }

  /** The editor shows an image so. */
  showImage(uri: vscode.Uri, panel: vscode.WebviewPanel): void {
    this.#images.show(uri, panel);
  }

  /** Views that the editor kept over a reload. */
  restoreWorkspace(panel: vscode.WebviewPanel): void {
    this.#workspace.restore(panel);
  }

  restoreChange(panel: vscode.WebviewPanel): void {
    this.#change.restore(panel);
  }

  /** What an agent asks for; JSON. */
  async answerAgent(input: unknown, token: vscode.CancellationToken): Promise<vscode.LanguageModelToolResult> {
    const controller = new AbortController();
    const abort = () => controller.abort(new CancelledError('cancelled'));
    if (token.isCancellationRequested) abort();
    const listener = token.onCancellationRequested(abort);
    try {
      const asked = { scorer: this.#scorer, modelPath: this.#modelPath() };
      const json = await scoreForAgent(input, asked, controller.signal);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(json)]);
    } finally {
      listener.dispose();
    }
  }

  /** A likelihood view that the editor kept over a reload. */
  restoreView(panel: vscode.WebviewPanel, state: unknown): void {
    this.#views.restore(panel, state);
  }

  dispose(): void {
    this.#store.dispose();
  }

  ended(): Promise<void> {
    return this.#scorer.ended();
  }
}
