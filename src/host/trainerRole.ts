// The trainer role: tells what there is to learn from, tries a size out, and trains, once. It knows the wire; how any of it is done is
// behind `TrainingWorks`, so that tests run it with a fake.
import { CancelledError, messageOf, stackOf, UserError } from '../base/errors.ts';
import { SerialQueue } from '../base/serialQueue.ts';
import { bounded, type LogLevel, limits } from '../protocol/hostMessages.ts';
import {
  type ArchitectureRow,
  type EstimatedMessage,
  type EstimateMessage,
  type FromTrainer,
  type ImageOptions,
  readToTrainer,
  type SurveyedMessage,
  type SurveyMessage,
  type ToTrainer,
  type TrainingNews,
  type TrainMessage,
  trainerLimits,
  trainerProtocolVersion,
} from '../protocol/trainerMessages.ts';
import type { Wire } from './wire.ts';

export interface TrainingControl {
  /** Writes a checkpoint and ends. */
  readonly pause: AbortSignal;
  /** Ends and keeps the best. */
  readonly finish: AbortSignal;
  tell(news: TrainingNews): void;
  log(level: LogLevel, text: string): void;
}

export type TrainingEnd =
  | Omit<Extract<FromTrainer, { kind: 'done' }>, 'modelPath'>
  | Extract<FromTrainer, { kind: 'paused' | 'failed' }>;

/** All may let the event loop turn. @throws UserError for what a person can repair. @throws CancelledError */
export interface TrainingWorks {
  architectures(): readonly ArchitectureRow[];
  survey(
    question: SurveyMessage,
    signal: AbortSignal,
    tell: TrainingControl['tell'],
  ): Promise<Omit<SurveyedMessage, 'kind' | 'request'>>;
  preview(image: ImageOptions, count: number, signal: AbortSignal): Promise<readonly string[]>;
  estimate(question: EstimateMessage, signal: AbortSignal): Promise<Omit<EstimatedMessage, 'kind' | 'request'>>;
  train(wish: TrainMessage, control: TrainingControl): Promise<TrainingEnd>;
}

export type OpenWorks = (log: (level: LogLevel, text: string) => void) => TrainingWorks;

export function startTrainerRole(wire: Wire<FromTrainer>, openWorks: OpenWorks): void {
  const role = new TrainerRole(wire, openWorks);
  wire.onMessage((value) => role.receive(value));
}

type Question = 'survey' | 'preview' | 'estimate';

class TrainerRole {
  readonly #wire: Wire<FromTrainer>;
  readonly #works: TrainingWorks;
  /** Surveys, previews and estimates come one after the other. */
  readonly #questions = new SerialQueue();
  readonly #pause = new AbortController();
  readonly #finish = new AbortController();
  readonly #receivers: { readonly [K in ToTrainer['kind']]: (message: Extract<ToTrainer, { kind: K }>) => void } = {
    hello: (message) => this.#hello(message.protocolVersion),
    survey: (message) => this.#answerNewest(message, (signal) => this.#surveyed(message, signal)),
    preview: (message) => this.#answerNewest(message, (signal) => this.#previewed(message, signal)),
    estimate: (message) => this.#answerNewest(message, (signal) => this.#estimated(message, signal)),
    train: (message) => void this.#train(message),
    pause: () => this.#pause.abort(),
    stop: () => this.#finish.abort(),
    shutdown: () => this.#shutdown(),
  };
  readonly #asked = new Map<Question, AbortController>();
  #training = false;
  #over = false;
  #ending = false;

  constructor(wire: Wire<FromTrainer>, openWorks: OpenWorks) {
    this.#wire = wire;
    this.#works = openWorks((level, text) => this.#log(level, text));
  }

  receive(value: unknown): void {
    let message: ToTrainer;
    try {
      message = readToTrainer(value);
    } catch (error) {
      this.#log('error', messageOf(error));
      this.#refuse(value, messageOf(error));
      return;
    }
    // The row of its own kind takes the message; TypeScript cannot tie the two.
    this.#receivers[message.kind](message as never);
  }

  /** What is no message is answered all the same, where it can be: somebody waits. */
  #refuse(value: unknown, reason: string): void {
    const { kind, request } = Object(value) as { readonly kind?: unknown; readonly request?: unknown };
    if (kind === 'train') this.#fail(reason);
    else if (typeof request === 'number' && Number.isInteger(request) && request >= 0) {
      this.#wire.send({ kind: 'refused', request, reason: reasonText(reason) });
    }
  }

  #fail(reason: string): void {
    this.#wire.send({ kind: 'failed', reason: reasonText(reason), diverged: false });
  }

  #hello(version: number): void {
    const architectures = [...this.#works.architectures()];
    this.#wire.send({ kind: 'ready', protocolVersion: trainerProtocolVersion, pid: process.pid, architectures });
    if (version !== trainerProtocolVersion) {
      this.#log('error', `The trainer speaks protocol ${trainerProtocolVersion}, the extension ${version}`);
    }
  }

  async #surveyed(message: SurveyMessage, signal: AbortSignal): Promise<FromTrainer> {
    const told = await this.#works.survey(message, signal, (news) => this.#wire.send(news));
    return { kind: 'surveyed', request: message.request, ...told };
  }

  async #previewed(message: Extract<ToTrainer, { kind: 'preview' }>, signal: AbortSignal): Promise<FromTrainer> {
    const images = [...(await this.#works.preview(message.image, message.count, signal))];
    return { kind: 'previewed', request: message.request, images };
  }

  async #estimated(message: EstimateMessage, signal: AbortSignal): Promise<FromTrainer> {
    return { kind: 'estimated', request: message.request, ...(await this.#works.estimate(message, signal)) };
  }

  /** A newer question of its kind supersedes it. */
  #answerNewest(
    { kind, request }: { readonly kind: Question; readonly request: number },
    work: (signal: AbortSignal) => Promise<FromTrainer>,
  ): void {
    this.#asked.get(kind)?.abort(superseded());
    const controller = new AbortController();
    this.#asked.set(kind, controller);
    const { signal } = controller;
    this.#answer(request, async () => {
      if (signal.aborted) throw superseded();
      return work(signal);
    });
  }

  /** Every question is answered exactly once. */
  #answer(request: number, work: () => Promise<FromTrainer>): void {
    if (this.#training) {
      this.#wire.send({ kind: 'refused', request, reason: 'A training is under way in this process' });
      return;
    }
    const answer = async () => {
      try {
        this.#wire.send(await work());
      } catch (error) {
        if (!(error instanceof UserError) && !(error instanceof CancelledError)) this.#log('error', stackOf(error));
        const reason = error instanceof CancelledError ? superseded().message : messageOf(error);
        this.#wire.send({ kind: 'refused', request, reason: reasonText(reason) });
      }
    };
    void this.#questions.run(answer);
  }

  async #train(message: TrainMessage): Promise<void> {
    if (this.#training) {
      this.#log('error', 'Told to train twice; one training for a process');
      return;
    }
    this.#training = true;
    for (const controller of this.#asked.values()) controller.abort(superseded());
    const control: TrainingControl = {
      pause: this.#pause.signal,
      finish: this.#finish.signal,
      tell: (news) => this.#wire.send(news),
      log: (level, text) => this.#log(level, text),
    };
    try {
      const end = await this.#questions.run(() => this.#works.train(message, control));
      this.#wire.send(end.kind === 'done' ? { ...end, modelPath: message.modelPath } : end);
    } catch (error) {
      if (!(error instanceof UserError)) this.#log('error', stackOf(error));
      this.#fail(messageOf(error));
    } finally {
      this.#over = true;
      if (this.#ending) this.#wire.exit(0);
    }
  }

  /** What was learnt since the last checkpoint is written first; whoever cannot wait kills the process. */
  #shutdown(): void {
    this.#ending = true;
    if (!this.#training || this.#over) this.#wire.exit(0);
    else this.#pause.abort();
  }

  #log(level: LogLevel, text: string): void {
    this.#wire.send({ kind: 'log', level, text: bounded(text, limits.logTextLength) });
  }
}

function superseded(): CancelledError {
  return new CancelledError('superseded');
}

export function reasonText(text: string): string {
  return bounded(text, trainerLimits.reasonLength);
}
