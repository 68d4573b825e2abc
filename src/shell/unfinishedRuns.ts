// The trainings of this workspace that are not finished: remembered with it, and true as far as the disk says so. And how all of them
// are shown where models are managed, those of other windows and workspaces included.
import path from 'node:path';
import type { Log } from './hostProcess.ts';
import { countText, sizeText } from './quantities.ts';
import type { TrainedModels, UnfinishedFolder } from './trainedModels.ts';
import type { TrainingMemory, UnfinishedRun } from './trainingMemory.ts';

export class UnfinishedRuns {
  readonly #memory: TrainingMemory;
  readonly #models: Pick<TrainedModels, 'reachedStep'>;
  readonly #log: Log;

  constructor(memory: TrainingMemory, models: Pick<TrainedModels, 'reachedStep'>, log: Log) {
    this.#memory = memory;
    this.#models = models;
    this.#log = log;
  }

  /** The one that was trained last first. */
  get all(): readonly UnfinishedRun[] {
    return this.#memory.unfinished;
  }

  remember(run: UnfinishedRun): void {
    void this.#memory.rememberUnfinished(run);
  }

  async forget(folder: string): Promise<void> {
    await this.#memory.forgetUnfinished(folder);
  }

  /** With the step of the checkpoint that there is; undefined when those that there were are gone: then it is forgotten. */
  async asOnDisk(run: UnfinishedRun): Promise<UnfinishedRun | undefined> {
    const step = await this.#models.reachedStep(run.modelPath);
    if (step === 0 && run.step > 0) {
      this.#log('warning', `The checkpoints of ${run.title} in ${run.modelPath} are gone; it is forgotten`);
      await this.forget(run.modelPath);
      return undefined;
    }
    return { ...run, step };
  }

  /** All of them; their order stays. */
  async checkAll(): Promise<void> {
    for (const run of this.all.toReversed()) {
      const there = await this.asOnDisk(run);
      if (there) this.remember(there);
    }
  }
}

export interface UnfinishedRow {
  readonly label: string;
  readonly detail: string;
  /** What a person may do with it here. */
  readonly actions: readonly ('resume' | 'delete')[];
}

export interface HereFacts {
  /** The folder that this window trains in. */
  readonly busyFolder: string | undefined;
  /** What can be resumed here. */
  readonly paused: readonly UnfinishedRun[];
  readonly workspaceHash: string;
}

/** What a process trains in is left alone, whatever the window. */
export function unfinishedRow(folder: UnfinishedFolder, sizeBytes: number, here: HereFacts): UnfinishedRow {
  const run = here.paused.find(({ modelPath }) => modelPath === folder.path);
  const label = run?.title ?? path.basename(folder.path);
  const row = (state: string, ...actions: UnfinishedRow['actions']) => ({
    label,
    detail: `${state}; ${sizeText(sizeBytes)}`,
    actions,
  });
  if (folder.path === here.busyFolder) return row('being trained now');
  if (folder.isTraining) return row('being trained in another window');
  if (run) {
    const at = run.step > 0 ? `paused at step ${countText(run.step)}` : 'paused before its first checkpoint';
    return run.diverged ? row(`${at}; its loss was no number any more`, 'delete') : row(at, 'resume', 'delete');
  }
  const { workspace } = folder;
  if (workspace && workspace.hash !== here.workspaceHash) return row(`paused in "${workspace.name}"`, 'delete');
  return row('left behind by a training', 'delete');
}
