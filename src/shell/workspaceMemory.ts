// What is remembered with a workspace on this machine, in no setting that is synchronized, as far as activation has to know it: the
// models that were chosen for it, and whether there is a training to go on with (which trainingMemory.ts reads).

/** As the editor's own. */
export interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const chosenModelKey = 'chainrule.chosenModel';
const likelihoodModelKey = 'chainrule.likelihoodModel';
export const unfinishedKey = 'chainrule.unfinishedTrainings';

export class WorkspaceMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  get chosenModel(): string | undefined {
    return this.#path(chosenModelKey);
  }

  async chooseModel(folder: string | undefined): Promise<void> {
    await this.#memento.update(chosenModelKey, folder);
  }

  /** The model that tells likelihoods; undefined: the one that completes. */
  get likelihoodModel(): string | undefined {
    return this.#path(likelihoodModelKey);
  }

  async chooseLikelihoodModel(folder: string | undefined): Promise<void> {
    await this.#memento.update(likelihoodModelKey, folder);
  }

  /** Whether something is remembered of a training; what it is was not looked at. */
  get hasUnfinished(): boolean {
    return this.#memento.get(unfinishedKey) !== undefined;
  }

  #path(key: string): string | undefined {
    const value = this.#memento.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }
}
