// One training process as the shell sees it: asked about the workspace, then told to train; its end is told once. A process that
// is not wanted any more is asked to end and then killed, which loses nothing but the steps since the last checkpoint.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import {
  type ArchitectureRow,
  type EstimatedMessage,
  type EstimateMessage,
  type FromTrainer,
  type ImageOptions,
  readFromTrainer,
  type SurveyedMessage,
  type SurveyMessage,
  type ToTrainer,
  type TrainingEvent,
  type TrainMessage,
  trainerProtocolVersion,
} from '../protocol/trainerMessages.ts';
import { HostProcess, type Log, type RoleWire } from './hostProcess.ts';
import { Requests } from './requests.ts';

export interface TrainerHandlers {
  event(event: TrainingEvent): void;
  /** The process is gone; nothing comes after this. `reason` is fit to be shown. */
  ended(reason: string): void;
}

/** What the shell needs of a training process; tests put another in its place. */
export interface Trainer extends Disposable {
  /** What can be trained; rejects when the process ends before it is ready. */
  architectures(): Promise<readonly ArchitectureRow[]>;
  survey(question: Omit<SurveyMessage, 'kind' | 'request'>): Promise<SurveyedMessage>;
  preview(image: ImageOptions, count: number): Promise<readonly string[]>;
  estimate(question: Omit<EstimateMessage, 'kind' | 'request'>): Promise<EstimatedMessage>;
  train(wish: Omit<TrainMessage, 'kind'>): void;
  pause(): void;
  stop(): void;
  kill(): void;
  /** Resolves when the process is gone. */
  ended(): Promise<void>;
}

export type OpenTrainer = (handlers: TrainerHandlers) => Trainer;

type Answer = Extract<FromTrainer, { kind: 'surveyed' | 'previewed' | 'estimated' }>;

const wire: RoleWire<FromTrainer> = { role: 'trainer', read: readFromTrainer };
/** Within the time that the editor grants an extension that ends; the last checkpoint may be written meanwhile. */
const patienceMs = 3000;

export class TrainerClient implements Trainer {
  readonly #process: HostProcess<FromTrainer, ToTrainer>;
  readonly #handlers: TrainerHandlers;
  readonly #log: Log;
  readonly #requests = new Requests<Answer>();
  #gone: Error | undefined;
  readonly #ready: Promise<readonly ArchitectureRow[]>;
  #tellReady: (rows: readonly ArchitectureRow[]) => void = () => undefined;
  #tellNotReady: (error: Error) => void = () => undefined;
  readonly #ended: Promise<void>;
  #tellEnded: () => void = () => undefined;

  constructor(options: {
    hostPath: string;
    clock: Clock;
    log: Log;
    handlers: TrainerHandlers;
    runtime?: RuntimeChoice;
  }) {
    const { hostPath, clock, log, handlers, runtime } = options;
    this.#handlers = handlers;
    this.#log = log;
    this.#ready = new Promise((resolve, reject) => {
      this.#tellReady = resolve;
      this.#tellNotReady = reject;
    });
    this.#ready.catch(() => undefined); // Whoever asked is told; nobody may have.
    this.#ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    this.#process = new HostProcess<FromTrainer, ToTrainer>(hostPath, wire, {
      clock,
      log,
      runtime,
      handlers: {
        message: (message) => this.#receive(message),
        exited: (reason) => this.#exited(reason),
      },
    });
    this.#process.send({ kind: 'hello', protocolVersion: trainerProtocolVersion });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  architectures(): Promise<readonly ArchitectureRow[]> {
    return this.#ready;
  }

  async survey(question: Omit<SurveyMessage, 'kind' | 'request'>): Promise<SurveyedMessage> {
    const answer = await this.#ask((request) => ({ kind: 'survey', request, ...question }));
    if (answer.kind !== 'surveyed') throw unexpected(answer);
    return answer;
  }

  async preview(image: ImageOptions, count: number): Promise<readonly string[]> {
    const answer = await this.#ask((request) => ({ kind: 'preview', request, image, count }));
    if (answer.kind !== 'previewed') throw unexpected(answer);
    return answer.images;
  }

  async estimate(question: Omit<EstimateMessage, 'kind' | 'request'>): Promise<EstimatedMessage> {
    const answer = await this.#ask((request) => ({ kind: 'estimate', request, ...question }));
    if (answer.kind !== 'estimated') throw unexpected(answer);
    return answer;
  }

  train(wish: Omit<TrainMessage, 'kind'>): void {
    this.#process.send({ kind: 'train', ...wish });
  }

  pause(): void {
    this.#process.send({ kind: 'pause' });
  }

  stop(): void {
    this.#process.send({ kind: 'stop' });
  }

  kill(): void {
    this.#process.kill();
  }

  dispose(): void {
    this.#process.stop(patienceMs);
  }

  ended(): Promise<void> {
    return this.#ended;
  }

  async #ask(message: (request: number) => ToTrainer): Promise<Answer> {
    if (this.#gone) throw this.#gone;
    return this.#requests.ask((request) => this.#process.send(message(request)));
  }

  #receive(message: FromTrainer): void {
    switch (message.kind) {
      case 'ready':
        this.#log('info', `Training process ${message.pid} runs`);
        if (message.protocolVersion === trainerProtocolVersion) this.#tellReady(message.architectures);
        else this.#tellNotReady(new UserError('The training process is of another version; reload the window'));
        break;
      case 'surveyed':
      case 'previewed':
      case 'estimated':
        this.#requests.answer(message.request, message);
        break;
      case 'refused':
        this.#requests.refuse(message.request, new UserError(message.reason));
        break;
      case 'log':
        this.#log(message.level, message.text);
        break;
      default:
        this.#handlers.event(message);
    }
  }

  #exited(reason: string): void {
    const error = new Error(`The training process ended (${reason})`);
    this.#gone = error;
    this.#tellNotReady(error);
    this.#requests.refuseAll(error);
    this.#tellEnded();
    this.#handlers.ended(reason);
  }
}

function unexpected({ kind, request }: Answer): Error {
  return new Error(`trainerClient: request ${request} was answered by ${kind}`);
}
