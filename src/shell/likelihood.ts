// Everything that shows how likely texts and images are, put together. The entry of a bundle of its own, which is loaded at the first of
// its commands.
import os from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { CommandActions } from './commands.ts';
import type { EngineClient } from './engineClient.ts';
import { ExplainPanel } from './explainPanel.ts';
import type { Log } from './hostProcess.ts';
import type { Part } from './latePart.ts';
import { LikelihoodModel } from './likelihoodModel.ts';
import { likelihoodModels } from './likelihoodModels.ts';
import { LikelihoodViews } from './likelihoodViewPanel.ts';
import { ScorerClient } from './scorerClient.ts';
import { modelFolderPath, type Settings } from './settings.ts';
import { showErrors } from './showErrors.ts';
import type { Suggester } from './suggester.ts';
import { TrainedModels } from './trainedModels.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';

export interface LikelihoodDeps {
  readonly context: vscode.ExtensionContext;
  readonly hostPath: string;
  readonly clock: Clock;
  readonly log: Log;
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
  readonly #store = new DisposableStore();
  readonly #views: LikelihoodViews;

  constructor(deps: LikelihoodDeps) {
    const { context, hostPath, clock, log, settings, memory, servingPath, builtInModelPath, engine, suggester } = deps;
    this.#scorer = this.#store.add(
      new ScorerClient({
        hostPath,
        clock,
        log,
        runtime: () => settings().runtime,
        configuration: () => ({ threads: 2, logLevel: 'info', storagePath: context.globalStorageUri.fsPath }),
      }),
    );
    const models = new TrainedModels(path.join(context.globalStorageUri.fsPath, 'models'), (problem) =>
      log('warning', problem),
    );
    const chosen = new LikelihoodModel({ memory, servingPath, builtInModelPath, models, log });
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
    const missing = () => {
      throw new UserError('not built yet');
    };
    this.actions = {
      showLikelihood: missing,
      chooseLikelihoodModel: missing,
      openLikelihoodView: () => showErrors(log, () => this.#views.open()),
      likelihoodOfWorkspace: missing,
      bitsOfChange: missing,
      openImageLikelihood: missing,
      explainSuggestion: () => showErrors(log, () => explanation.explain()),
    };
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
