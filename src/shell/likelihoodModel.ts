// Which model tells how likely things are: the one that completes in this window, unless another was chosen for that alone. The choice is
// kept with the workspace. Knows no editor; likelihoodModelPicker.ts is what a person sees of it.
import type { Disposable } from '../base/disposable.ts';
import type { Log } from './hostProcess.ts';
import { builtInChoice } from './servingModel.ts';
import type { TrainedModel } from './trainedModels.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';

export interface LikelihoodModelDeps {
  readonly memory: Pick<WorkspaceMemory, 'likelihoodModel' | 'chooseLikelihoodModel'>;
  /** The model that completes in this window. */
  readonly servingPath: () => string;
  readonly builtInModelPath: string;
  readonly models: { read(folder: string): Promise<TrainedModel | undefined> };
  readonly log: Log;
}

export class LikelihoodModel {
  readonly #deps: LikelihoodModelDeps;
  readonly #listeners = new Set<() => void>();

  constructor(deps: LikelihoodModelDeps) {
    this.#deps = deps;
  }

  /** The folder of the model. Ask each time: it changes with the choice and with the settings. */
  readonly path = (): string => {
    const { memory, servingPath, builtInModelPath } = this.#deps;
    const { likelihoodModel } = memory;
    if (likelihoodModel === builtInChoice) return builtInModelPath;
    return likelihoodModel ?? servingPath();
  };

  /** Undefined: the one that completes. */
  get choice(): string | undefined {
    return this.#deps.memory.likelihoodModel;
  }

  /** A folder, `built-in`, or undefined for the one that completes. */
  async choose(choice: string | undefined): Promise<void> {
    await this.#deps.memory.chooseLikelihoodModel(choice);
    this.changed();
  }

  /** Tells who listens that another model may be meant; also to be called when what completes has changed. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** The caller disposes of it. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** What a person calls the model in that folder. */
  async nameOf(folder: string): Promise<string> {
    if (folder === this.#deps.builtInModelPath) return 'Built-in model';
    return (await this.#deps.models.read(folder))?.name ?? folder.slice(lastSlash(folder) + 1);
  }

  /** A choice whose model is gone is forgotten: what completes counts again. */
  async checkChoice(): Promise<void> {
    const { models, log } = this.#deps;
    const { choice } = this;
    if (choice === undefined || choice === builtInChoice || (await models.read(choice))) return;
    if (this.choice !== choice) return; // Chosen anew meanwhile.
    log(
      'warning',
      `${choice} was chosen for likelihoods and is no model any more; the one that completes counts again`,
    );
    await this.choose(undefined);
  }
}

function lastSlash(folder: string): number {
  return Math.max(folder.lastIndexOf('/'), folder.lastIndexOf('\\'));
}
