// A training that is not finished, as it is remembered with a workspace on this machine. What comes back is checked: another
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
  /** As it was last told. */
  readonly step: number;
}

export class TrainingMemory {
  readonly #memento: Memento;
  readonly #log: Log;

  constructor(memento: Memento, log: Log) {
    this.#memento = memento;
    this.#log = log;
  }

  get unfinished(): UnfinishedRun | undefined {
    const value = this.#memento.get(unfinishedKey);
    if (value === undefined) return undefined;
    try {
      return readUnfinished(value);
    } catch (error) {
      this.#log('warning', `An unfinished training is passed over: ${messageOf(error)}`);
      return undefined;
    }
  }

  async rememberUnfinished(run: UnfinishedRun | undefined): Promise<void> {
    await this.#memento.update(unfinishedKey, run);
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
  };
}
