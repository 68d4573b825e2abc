// The scoring process as the shell sees it: started with the first question, ended when nobody has asked for a while and nobody keeps
// it, so that no model stays in memory for nothing. A process that dies refuses what it owes; the next question starts another.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, throwIfCancelled, UserError } from '../base/errors.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import { type FromScorer, readFromScorer, scorerProtocolVersion, type ToScorer } from '../protocol/scorerMessages.ts';
import { HostProcess, type Log, type RoleWire } from './hostProcess.ts';
import { Requests } from './requests.ts';
import { RestartPolicy, usualRestartDelays } from './restartPolicy.ts';

export type ScorerConfiguration = Omit<Extract<ToScorer, { kind: 'configure' }>, 'kind'>;

/** What carries the number of a question. */
type Answering = Extract<FromScorer, { request: number }>;
type Asking = Exclude<Extract<ToScorer, { request: number }>, { kind: 'cancel' }>;
type WithoutRequest<T> = T extends unknown ? Omit<T, 'request'> : never;
export type ScorerQuestion = WithoutRequest<Asking>;

export interface ScorerClientOptions {
  readonly hostPath: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Of a process that is started. */
  readonly configuration: () => ScorerConfiguration;
  readonly runtime?: () => RuntimeChoice;
}

const wire: RoleWire<FromScorer> = { role: 'scorer', read: readFromScorer };
const idleMs = 60_000;

export class ScorerClient implements Disposable {
  readonly #options: ScorerClientOptions;
  readonly #requests = new Requests<FromScorer>();
  readonly #news = new Map<number, (message: FromScorer) => void>();
  readonly #listeners = new Set<(message: FromScorer) => void>();
  readonly #freshListeners = new Set<() => void>();
  #process: HostProcess<FromScorer, ToScorer> | undefined;
  readonly #restarts = new RestartPolicy(usualRestartDelays);
  #cancelIdle: (() => void) | undefined;
  #cancelFresh: (() => void) | undefined;
  #keepers = 0;
  #disposed = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ScorerClientOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Resolves with the answer of kind `answer`; every other message that carries the question's number is news.
   * @throws CancelledError, UserError, and Error when the process ends.
   */
  async ask<Kind extends Answering['kind']>(
    question: ScorerQuestion,
    answer: Kind,
    options: { readonly signal?: AbortSignal; readonly news?: (message: FromScorer) => void } = {},
  ): Promise<Extract<FromScorer, { kind: Kind }>> {
    throwIfCancelled(options.signal);
    const process = this.#running();
    let asked = 0;
    try {
      const message = await this.#requests.ask(
        (request) => {
          asked = request;
          this.#news.set(request, (news) => {
            if (news.kind === answer) this.#requests.answer(request, news);
            else options.news?.(news);
          });
          process.send({ ...question, request });
        },
        options.signal,
        (request) => process.send({ kind: 'cancel', request }),
      );
      return message as Extract<FromScorer, { kind: Kind }>;
    } finally {
      this.#news.delete(asked);
      this.#endWhenIdle();
    }
  }

  /** Starts the process when there is none, such as for the edits of a mirrored document; but not to end something. */
  send(message: ToScorer): void {
    if (message.kind === 'closeDocument' && !this.#process) return;
    this.#running().send(message);
    this.#endWhenIdle();
  }

  /**
   * Messages that answer no question. The caller disposes of it; a process lives at least as long. `fresh`: what it was told is forgotten, for
   * it died; told after a pause, which grows while processes die young.
   */
  listen(listener: (message: FromScorer) => void, fresh: () => void = () => undefined): Disposable {
    this.#listeners.add(listener);
    this.#freshListeners.add(fresh);
    this.#keepers += 1;
    let kept = true;
    return {
      dispose: () => {
        if (!kept) return;
        kept = false;
        this.#listeners.delete(listener);
        this.#freshListeners.delete(fresh);
        this.#keepers -= 1;
        this.#endWhenIdle();
      },
    };
  }

  /** Sends the configuration again. */
  reconfigure(): void {
    this.#process?.send({ kind: 'configure', ...this.#options.configuration() });
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelIdle?.();
    this.#cancelFresh?.();
    this.#requests.refuseAll(new CancelledError('The extension is ending'));
    this.#process?.stop();
  }

  /** Resolves when no process runs any more; after `dispose`. */
  ended(): Promise<void> {
    return this.#ended;
  }

  #running(): HostProcess<FromScorer, ToScorer> {
    if (this.#disposed) throw new CancelledError('The extension is ending');
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    this.#process ??= this.#start();
    return this.#process;
  }

  #endWhenIdle(): void {
    if (this.#requests.size > 0 || this.#keepers > 0 || this.#disposed || !this.#process) return;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.clock.after(idleMs, () => {
      this.#cancelIdle = undefined;
      const idle = this.#process;
      this.#process = undefined; // Who asks while it ends gets another.
      idle?.stop();
    });
  }

  #start(): HostProcess<FromScorer, ToScorer> {
    const { hostPath, clock, log, runtime, configuration } = this.#options;
    let tellEnded: () => void = () => undefined;
    const before = this.#ended;
    const ended = new Promise<void>((resolve) => {
      tellEnded = resolve;
    });
    this.#ended = before.then(() => ended);
    const startedAt = clock.now();
    const process: HostProcess<FromScorer, ToScorer> = new HostProcess(hostPath, wire, {
      clock,
      log,
      runtime: runtime?.(),
      handlers: {
        message: (message) => this.#receive(message),
        exited: (reason) => {
          tellEnded();
          if (this.#process !== process) return;
          this.#process = undefined;
          this.#cancelIdle?.();
          this.#cancelIdle = undefined;
          this.#requests.refuseAll(new Error(`The scoring process ended (${reason})`));
          if (this.#disposed) return;
          this.#cancelFresh?.();
          this.#cancelFresh = clock.after(this.#restarts.delayAfter(clock.now() - startedAt), () => {
            this.#cancelFresh = undefined;
            for (const fresh of [...this.#freshListeners]) fresh();
          });
        },
      },
    });
    process.send({ kind: 'hello', protocolVersion: scorerProtocolVersion });
    process.send({ kind: 'configure', ...configuration() });
    return process;
  }

  #receive(message: FromScorer): void {
    if (message.kind === 'log') this.#options.log(message.level, message.text);
    else if (message.kind === 'failed') {
      const { request, cancelled, reason } = message;
      this.#requests.refuse(request, cancelled ? new CancelledError(reason) : new UserError(reason));
    } else if ('request' in message) this.#news.get(message.request)?.(message);
    else if (message.kind !== 'ready') for (const listener of [...this.#listeners]) listener(message);
  }
}

/** Of what scores: as many as the engine is told, else all processors, at most four, for it runs beside the engine. */
export function scoringThreadsFor(setting: number, numProcessors: number): number {
  return setting > 0 ? setting : Math.max(1, Math.min(4, numProcessors));
}
