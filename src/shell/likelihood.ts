// Everything that shows how likely texts and images are, put together. The entry of a bundle of its own, which is loaded at the first of
// its commands.
import path from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import { BitsOfChange } from './bitsOfChange.ts';
import type { CommandActions } from './commands.ts';
import type { EngineClient } from './engineClient.ts';
import type { Log } from './hostProcess.ts';
import type { Part } from './latePart.ts';
import { scoreForAgent } from './likelihoodTool.ts';
import { ScorerClient } from './scorerClient.ts';
import type { Settings } from './settings.ts';
import { showErrors } from './showErrors.ts';
import type { Suggester } from './suggester.ts';
import { WorkspaceLikelihood } from './workspaceLikelihood.ts';
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
  readonly #workspace: WorkspaceLikelihood;
  readonly #change: BitsOfChange;
  readonly #servingPath: () => string;

  constructor({ context, hostPath, clock, log, settings, servingPath }: LikelihoodDeps) {
    this.#servingPath = servingPath;
    this.#scorer = this.#store.add(
      new ScorerClient({
        hostPath,
        clock,
        log,
        runtime: () => settings().runtime,
        configuration: () => ({ threads: 2, logLevel: 'info', storagePath: context.globalStorageUri.fsPath }),
      }),
    );
    const scorer = this.#scorer;
    const { extensionUri } = context;
    const model = async () => ({ path: servingPath(), name: path.basename(servingPath()) });
    this.#workspace = this.#store.add(new WorkspaceLikelihood({ extensionUri, scorer, model, log }));
    this.#change = this.#store.add(new BitsOfChange({ extensionUri, scorer, model, log }));
    const missing = () => {
      throw new UserError('not built yet');
    };
    this.actions = {
      showLikelihood: missing,
      chooseLikelihoodModel: missing,
      openLikelihoodView: missing,
      likelihoodOfWorkspace: () => showErrors(log, () => this.#workspace.show()),
      bitsOfChange: () => showErrors(log, () => this.#change.show()),
      openImageLikelihood: missing,
      explainSuggestion: missing,
    };
  }

  /** Views that the editor kept over a reload. */
  restoreWorkspace(panel: vscode.WebviewPanel): void {
    this.#workspace.restore(panel);
  }

  restoreChange(panel: vscode.WebviewPanel): void {
    this.#change.restore(panel);
  }

  /** What an agent asks for; JSON. */
  scoreForAgent(input: unknown, signal: AbortSignal): Promise<string> {
    return scoreForAgent(input, { scorer: this.#scorer, modelPath: this.#servingPath() }, signal);
  }

  dispose(): void {
    this.#store.dispose();
  }

  ended(): Promise<void> {
    return this.#scorer.ended();
  }
}
