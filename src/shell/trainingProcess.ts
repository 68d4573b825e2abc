// The training process of a window: at most one, started when something is asked of it. Of one that was given up nothing is heard.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Log } from './hostProcess.ts';
import type { OpenTrainer, Trainer, TrainerHandlers } from './trainerClient.ts';

export interface TrainingProcessDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly openTrainer: OpenTrainer;
}

/** What is asked about a workspace before a training. */
export type WorkspaceQuestions = Pick<Trainer, 'survey' | 'preview' | 'estimate'>;

/** How long a process may take from the wish to pause until its checkpoint is written; a step may last seconds. */
const longestPauseMs = 60_000;

export class TrainingProcess implements Disposable {
  readonly #deps: TrainingProcessDeps;
  readonly #handlers: TrainerHandlers;
  #trainer: Trainer | undefined;
  #cancelPauseWatch: (() => void) | undefined;

  constructor(deps: TrainingProcessDeps, handlers: TrainerHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
  }

  /** The one there is, or a fresh one. */
  get trainer(): Trainer {
    if (this.#trainer) return this.#trainer;
    const trainer: Trainer = this.#deps.openTrainer({
      event: (event) => this.#trainer === trainer && this.#handlers.event(event),
      ended: (reason) => this.#trainer === trainer && this.#handlers.ended(reason),
    });
    this.#trainer = trainer;
    return trainer;
  }

  /** A fresh process has to look at the workspace first: the one before may have died, as of a size for which there is no memory. */
  questions(source: Parameters<Trainer['survey']>[0]): WorkspaceQuestions {
    let known: { readonly trainer: Trainer; readonly surveyed: ReturnType<Trainer['survey']> } | undefined;
    const survey = () => {
      const { trainer } = this;
      if (known?.trainer !== trainer) known = { trainer, surveyed: trainer.survey(source) };
      return known.surveyed;
    };
    return {
      survey,
      preview: async (image, count) => {
        await survey();
        return this.trainer.preview(image, count);
      },
      estimate: async (question) => {
        await survey();
        return this.trainer.estimate(question);
      },
    };
  }

  pause(): void {
    this.#trainer?.pause();
    this.#cancelPauseWatch ??= this.#deps.clock.after(longestPauseMs, () => {
      this.#deps.log('warning', `The training process has not paused in ${longestPauseMs} ms; killing it`);
      this.#trainer?.kill();
    });
  }

  stop(): void {
    this.#trainer?.stop();
  }

  /** From here on nothing of that process is heard; it ends by itself. */
  close(): void {
    this.#trainer?.dispose();
    this.#trainer = undefined;
    this.#cancelPauseWatch?.();
    this.#cancelPauseWatch = undefined;
  }

  /** Resolves when it is gone, with whatever it has not written. */
  async kill(): Promise<void> {
    const trainer = this.#trainer;
    trainer?.kill();
    this.close();
    await trainer?.ended();
  }

  dispose(): void {
    this.close();
  }
}
