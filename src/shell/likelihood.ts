// Everything that shows how likely texts and images are, put together. The entry of a bundle of its own, which is loaded at the first of
// its commands.
import { randomInt } from 'node:crypto';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { CommandActions } from './commands.ts';
import type { EngineClient } from './engineClient.ts';
import { ExplainPanel } from './explainPanel.ts';
import type { Log } from './hostProcess.ts';
import { ImageLikelihood } from './imageLikelihood.ts';
import type { Part } from './latePart.ts';
import { ScorerClient } from './scorerClient.ts';
import type { Settings } from './settings.ts';
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
  readonly #images: ImageLikelihood;
  readonly #store = new DisposableStore();

  constructor({ context, hostPath, clock, log, memory, settings, engine, suggester }: LikelihoodDeps) {
    this.#scorer = this.#store.add(
      new ScorerClient({
        hostPath,
        clock,
        log,
        runtime: () => settings().runtime,
        configuration: () => ({ threads: 2, logLevel: 'info', storagePath: context.globalStorageUri.fsPath }),
      }),
    );
    const modelsFolder = path.join(context.globalStorageUri.fsPath, 'models');
    const models = new TrainedModels(modelsFolder, (problem) => log('warning', problem));
    this.#images = this.#store.add(
      new ImageLikelihood({
        ...{ extensionUri: context.extensionUri, clock, log, memory, models, scorer: this.#scorer },
        newSeed: () => randomInt(2 ** 32),
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
      openLikelihoodView: missing,
      likelihoodOfWorkspace: missing,
      bitsOfChange: missing,
      openImageLikelihood: (target) => this.#images.open(target),
      explainSuggestion: () => showErrors(log, () => explanation.explain()),
    };
  }

  /** The editor shows an image so. */
  showImage(uri: vscode.Uri, panel: vscode.WebviewPanel): void {
    this.#images.show(uri, panel);
  }

  dispose(): void {
    this.#store.dispose();
  }

  ended(): Promise<void> {
    return this.#scorer.ended();
  }
}
