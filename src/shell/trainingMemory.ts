// The trainings that are not finished, as they are remembered with a workspace on this machine. What comes back is checked: another
// version may have written it.
import { messageOf } from '../base/errors.ts';
import { jsonObject } from '../base/json.ts';
import { readTrainingChoices, type TrainingChoices } from '../protocol/webviewMessages.ts';
import type { Log } from './hostProcess.ts';
import { type Memento, unfinishedKey } from './workspaceMemory.ts';

export interface UnfinishedRun {
  readonly architecture: string;
  readonly title: string;
  readonly eats: 'text' | 'image';
  /** The folder of the model to be, with its checkpoints. */
  readonly modelPath: string;
  readonly choices: TrainingChoices;
  /** Whether it was offered to be resumed since it was interrupted; it is offered once. */
  readonly offered: boolean;
  /** Of its last checkpoint; 0: there is none. */
  readonly step: number;
  /** Its loss was no number any more: going on would lead there again, but the best until then can be kept. */
  readonly diverged: boolean;
}

/** What is older is still on the disk, where it can be deleted. */
const mostUnfinished = 20;

export class TrainingMemory {
  readonly #memento: Memento;
  readonly #log: Log;

  constructor(memento: Memento, log: Log) {
    this.#memento = memento;
    this.#log = log;
  }

  /** The one that was trained last first. */
  get unfinished(): readonly UnfinishedRun[] {
    const values = this.#memento.get(unfinishedKey);
    if (!Array.isArray(values)) return [];
    return values.flatMap((value: unknown) => {
      try {
        return [readUnfinished(value)];
      } catch (error) {
        this.#log('warning', `An unfinished training is passed over: ${messageOf(error)}`);
        return [];
      }
    });
  }

  /** Takes the place of what was remembered of the same folder. */
  async rememberUnfinished(run: UnfinishedRun): Promise<void> {
    const others = this.unfinished.filter(({ modelPath }) => modelPath !== run.modelPath);
    await this.#memento.update(unfinishedKey, [run, ...others].slice(0, mostUnfinished));
  }

  async forgetUnfinished(folder: string): Promise<void> {
    const others = this.unfinished.filter(({ modelPath }) => modelPath !== folder);
    await this.#memento.update(unfinishedKey, others.length === 0 ? undefined : others);
  }
}

function readUnfinished(value: unknown): UnfinishedRun {
  const run = jsonObject(value, 'unfinished training');
  return {
    architecture: run.string('architecture'),
    title: run.string('title'),
    eats: run.oneOf('eats', ['text', 'image']),
    modelPath: run.string('modelPath'),
    choices: readTrainingChoices(run.object('choices')),
    offered: run.boolean('offered'),
    step: run.integer('step', { min: 0 }),
    diverged: run.boolean('diverged'),
  };
}
