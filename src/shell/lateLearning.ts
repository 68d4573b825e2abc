// Stands for the part that trains models and draws from them until that is first needed: it is a bundle of its own, and activation
// pays for none of it. It is needed when one of its commands is run, when its view comes back with a reloaded window, and when
// something that it must look after is remembered with the workspace. Knows no editor.
import type { WebviewPanel } from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from './hostProcess.ts';
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
  readonly #deps: LateLearningDeps;
  #loaded: LoadedLearning | undefined;
  #disposed = false;
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

  constructor(deps: LateLearningDeps) {
    this.#deps = deps;
  }

  /** Of the window's training; one that was interrupted is paused, whether or not it was looked at. */
  get phase(): TrainingPhase {
    return this.#loaded?.phase ?? (this.#deps.memory.hasUnfinished && !this.#disposed ? 'paused' : 'none');
  }

  /** What may wait until the window is up; nothing is loaded where nothing is remembered. */
  async begin(): Promise<void> {
    const { chosenModel, hasUnfinished } = this.#deps.memory;
    if (chosenModel !== undefined || hasUnfinished) await this.#load()?.begin();
  }

  /** A view that the editor kept over a reload. */
  restore(panel: WebviewPanel): void {
    const learning = this.#load();
    if (learning) learning.restore(panel);
    else panel.dispose();
  }

  dispose(): void {
    this.#disposed = true;
    this.#loaded?.dispose();
  }

  /** Resolves when no training process runs any more; after `dispose`. */
  async ended(): Promise<void> {
    await this.#loaded?.ended();
  }

  #run(name: keyof LoadedLearning['actions']): unknown {
    return this.#load((problem) => this.#deps.showError(problem))?.actions[name]();
  }

  /** Undefined when it cannot be loaded, which is told, or is not wanted any more. Another try may succeed. */
  #load(tell: (problem: string) => void = () => undefined): LoadedLearning | undefined {
    if (this.#disposed) return undefined;
    try {
      this.#loaded ??= this.#deps.load();
    } catch (error) {
      const problem = 'the part that trains models and draws from them could not be loaded';
      this.#deps.log('error', `${problem}: ${messageOf(error)}`);
      const [reason] = messageOf(error).split('\n'); // Node adds who asked for a missing file, line by line.
      tell(`Chainrule: ${problem} (${reason}). Reload the window; if that does not help, install the extension again`);
    }
    return this.#loaded;
  }
}
