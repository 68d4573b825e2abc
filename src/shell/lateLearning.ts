// Stands for the part that trains models and draws from them until that is first needed: it is a bundle of its own, and activation
// pays for none of it. It is needed when one of its commands is run, when its view comes back with a reloaded window, and when
// something that it must look after is remembered with the workspace. Knows no editor.
import type { WebviewPanel } from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { Log } from './hostProcess.ts';
import { LatePart } from './latePart.ts';
import type { Learning } from './learning.ts';
import type { TrainingPhase } from './training.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';

export type LoadedLearning = Pick<Learning, 'actions' | 'phase' | 'begin' | 'restore' | 'dispose' | 'ended'>;

export interface LateLearningDeps {
  /** Loads the code and puts the part together. */
  readonly load: () => LoadedLearning;
  readonly memory: Pick<WorkspaceMemory, 'chosenModel' | 'hasUnfinished'>;
  readonly log: Log;
  readonly showError: (text: string) => void;
}

export const trainingViewType = 'chainrule.training';

export class LateLearning implements Disposable {
  readonly #memory: LateLearningDeps['memory'];
  readonly #part: LatePart<LoadedLearning>;
  readonly actions: LoadedLearning['actions'] = {
    chooseModel: () => this.#run('chooseModel'),
    trainCharRnn: () => this.#run('trainCharRnn'),
    trainPixelCnn: () => this.#run('trainPixelCnn'),
    trainModel: () => this.#run('trainModel'),
    showTraining: () => this.#run('showTraining'),
    pauseTraining: () => this.#run('pauseTraining'),
    resumeTraining: () => this.#run('resumeTraining'),
    stopTraining: () => this.#run('stopTraining'),
    discardTraining: () => this.#run('discardTraining'),
    sampleModel: () => this.#run('sampleModel'),
    manageModels: () => this.#run('manageModels'),
  };

  constructor({ load, memory, log, showError }: LateLearningDeps) {
    this.#memory = memory;
    this.#part = new LatePart({ name: 'the part that trains models and draws from them', load, log, showError });
  }

  /** Of the window's training; one that was interrupted is paused, whether or not it was looked at. */
  get phase(): TrainingPhase {
    return this.#part.loaded?.phase ?? (this.#memory.hasUnfinished && !this.#part.disposed ? 'paused' : 'none');
  }

  /** What may wait until the window is up; nothing is loaded where nothing is remembered. */
  async begin(): Promise<void> {
    const { chosenModel, hasUnfinished } = this.#memory;
    if (chosenModel !== undefined || hasUnfinished) await this.#part.quietly()?.begin();
  }

  /** A view that the editor kept over a reload. */
  restore(panel: WebviewPanel): void {
    const learning = this.#part.quietly();
    if (learning) learning.restore(panel);
    else panel.dispose();
  }

  dispose(): void {
    this.#part.dispose();
  }

  /** Resolves when no training process runs any more; after `dispose`. */
  ended(): Promise<void> {
    return this.#part.ended();
  }

  #run(name: keyof LoadedLearning['actions']): unknown {
    return this.#part.wanted()?.actions[name]();
  }
}
