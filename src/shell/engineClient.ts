// The engine as the shell sees it: started on first need, never more than one process, started again with back-off when it
// dies, and every request settled whatever happens. Knows no editor.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, throwIfCancelled } from '../base/errors.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import {
  type CompleteMessage,
  type ConfigureMessage,
  type ExplainMessage,
  type ExplanationMessage,
  type MemoryMessage,
  protocolVersion,
  readToShell,
  type SuggestionMessage,
  type ToHost,
  type ToShell,
} from '../protocol/hostMessages.ts';
import { HostProcess, type Log, type RoleWire } from './hostProcess.ts';
import { type RestartDelays, RestartPolicy, usualRestartDelays } from './restartPolicy.ts';

export type EngineConfiguration = Omit<ConfigureMessage, 'kind'>;

export type EngineStatus =
  | { readonly state: 'stopped' | 'starting' | 'waiting' }
  | { readonly state: 'loading' | 'ready' | 'failed'; readonly detail: string };

interface NothingAnswer {
  readonly kind: 'nothing';
  readonly reason: string;
}

export type EngineAnswer = SuggestionMessage | NothingAnswer;
export type ExplainAnswer = ExplanationMessage | NothingAnswer;

export interface EngineClientOptions {
  readonly hostPath: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly configuration: () => EngineConfiguration;
  /** Of a process that is started. */
  readonly runtime?: () => RuntimeChoice;
  readonly onStatus: (status: EngineStatus) => void;
  /** A fresh process knows no document. */
  readonly onFreshProcess: () => void;
  readonly onReopen: (document: number) => void;
  readonly restartDelays?: RestartDelays;
}

interface Pending {
  resolve(answer: EngineAnswer | ExplainAnswer): void;
  reject(error: Error): void;
}

/** How long past its deadline an answer may be before the engine counts as hung; also one that nobody waits for any more. */
const hungAfterMs = 15_000;
/** How long a process may take from its start, or from the change of its model, until the model is there or has failed. */
const longestLoadMs = 180_000;

const engineWire: RoleWire<ToShell> = { role: 'engine', read: readToShell };

export class EngineClient implements Disposable {
  readonly #options: EngineClientOptions;
  readonly #restarts: RestartPolicy;
  readonly #pending = new Map<number, Pending>();
  /** By request, when its answer is overdue; the engine answers every one, also those that were cancelled. */
  readonly #unanswered = new Map<number, number>();
  #cancelAnswerWatch: (() => void) | undefined;
  #cancelLoadWatch: (() => void) | undefined;
  #process: HostProcess<ToShell, ToHost> | undefined;
  #startedAt = 0;
  #cancelRestart: (() => void) | undefined;
  #restartWanted = false;
  #disposed = false;
  #status: EngineStatus = { state: 'stopped' };
  #lastRequest = 0;
  #numStarts = 0;
  #memory: MemoryMessage | undefined;
  #ended: Promise<void> = Promise.resolve();
  #tellEnded: () => void = () => undefined;

  constructor(options: EngineClientOptions) {
    this.#options = options;
    this.#restarts = new RestartPolicy(options.restartDelays ?? usualRestartDelays);
  }

  get status(): EngineStatus {
    return this.#status;
  }

  /** False while a dead engine waits to be started again. */
  get running(): boolean {
    return this.#process !== undefined;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get numStarts(): number {
    return this.#numStarts;
  }

  get numRequests(): number {
    return this.#lastRequest;
  }

  /** As the engine last reported it. */
  get memory(): MemoryMessage | undefined {
    return this.#memory;
  }

  /** Starts the process unless there is one, or one is due. */
  start(): void {
    if (this.#disposed || this.#process || this.#cancelRestart) return;
    const { hostPath, clock, log, onFreshProcess, configuration, runtime } = this.#options;
    this.#startedAt = clock.now();
    this.#numStarts++;
    this.#ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    this.#setStatus({ state: 'starting' });
    const handlers = {
      message: (message: ToShell) => this.#receive(message),
      exited: (reason: string) => this.#exited(reason),
    };
    this.#process = new HostProcess<ToShell, ToHost>(hostPath, engineWire, {
      clock,
      log,
      handlers,
      runtime: runtime?.(),
    });
    this.#watchLoading();
    onFreshProcess();
    this.send({ kind: 'hello', protocolVersion });
    this.send({ kind: 'configure', ...configuration() });
  }

  /** Sends the configuration again; the engine loads another model when it must. */
  reconfigure(): void {
    if (this.#process) this.send({ kind: 'configure', ...this.#options.configuration() });
  }

  /** At once, whatever the back-off says. */
  restart(): void {
    this.#restarts.forget();
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    if (this.#process) {
      this.#restartWanted = true;
      this.#process.stop();
    } else this.start();
  }

  /** Dropped while no process runs: a fresh one is told everything it needs. */
  send(message: ToHost): void {
    this.#process?.send(message);
  }

  /** @throws CancelledError when the signal aborts, Error when the engine fails or ends. */
  complete(question: Omit<CompleteMessage, 'kind' | 'request'>, signal: AbortSignal): Promise<EngineAnswer> {
    return this.#ask<EngineAnswer>((request) => ({ kind: 'complete', request, ...question }), question, signal);
  }

  /** What makes the suggestion shown there. @throws CancelledError when the signal aborts, Error when the engine fails or ends. */
  explain(question: Omit<ExplainMessage, 'kind' | 'request'>, signal: AbortSignal): Promise<ExplainAnswer> {
    return this.#ask<ExplainAnswer>((request) => ({ kind: 'explain', request, ...question }), question, signal);
  }

  async #ask<Answer>(
    message: (request: number) => ToHost,
    { deadlineMs }: { readonly deadlineMs: number },
    signal: AbortSignal,
  ): Promise<Answer> {
    throwIfCancelled(signal);
    const process = this.#process;
    if (!process) throw new Error('The engine process is not running');
    const request = ++this.#lastRequest;
    const cancel = () => {
      process.send({ kind: 'cancel', request });
      this.#pending.get(request)?.reject(new CancelledError('cancelled'));
    };
    this.#unanswered.set(request, this.#options.clock.now() + deadlineMs + hungAfterMs);
    this.#watchAnswers();
    signal.addEventListener('abort', cancel);
    try {
      // The engine answers a question with the messages that its row in the protocol names.
      const resolved = (resolve: (answer: Answer) => void) => (answer: EngineAnswer | ExplainAnswer) =>
        resolve(answer as Answer);
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(request, { resolve: resolved(resolve), reject });
        process.send(message(request));
      });
    } finally {
      this.#pending.delete(request);
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Ends the process; `ended` tells when it is gone. */
  dispose(): void {
    this.#disposed = true;
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    this.#process?.stop();
    this.#rejectPending('The extension is ending');
  }

  /** Resolves when no process runs any more; after `dispose`. */
  ended(): Promise<void> {
    return this.#ended;
  }

  /** While a model loads nothing is answered: the time that takes has its own bound. */
  #watchAnswers(): void {
    this.#cancelAnswerWatch?.();
    this.#cancelAnswerWatch = undefined;
    const { clock } = this.#options;
    if (this.#unanswered.size === 0 || this.#cancelLoadWatch) return;
    const overdueAt = Math.min(...this.#unanswered.values());
    this.#cancelAnswerWatch = clock.after(Math.max(0, overdueAt - clock.now()), () =>
      this.#killHung(`No answer from the engine ${hungAfterMs} ms after the deadline`),
    );
  }

  #watchLoading(): void {
    this.#cancelLoadWatch?.();
    this.#cancelLoadWatch = this.#options.clock.after(longestLoadMs, () =>
      this.#killHung(`The engine has not loaded the model in ${longestLoadMs} ms`),
    );
    this.#watchAnswers();
  }

  #loaded(): void {
    this.#cancelLoadWatch?.();
    this.#cancelLoadWatch = undefined;
    const overdueAt = this.#options.clock.now() + hungAfterMs;
    for (const [request, before] of this.#unanswered) this.#unanswered.set(request, Math.max(before, overdueAt));
    this.#watchAnswers();
  }

  #killHung(why: string): void {
    this.#options.log('error', `${why}; killing it`);
    this.#process?.kill();
  }

  #answered(request: number): Pending | undefined {
    this.#unanswered.delete(request);
    this.#watchAnswers();
    return this.#pending.get(request);
  }

  #receive(message: ToShell): void {
    switch (message.kind) {
      case 'ready':
        this.#options.log('info', `Engine process ${message.pid} runs`);
        break;
      case 'status':
        if (message.state === 'loading') this.#watchLoading();
        else this.#loaded();
        if (message.state === 'failed') this.#options.log('error', message.detail);
        if (message.state === 'ready') this.send({ kind: 'reportMemory' });
        this.#setStatus({ state: message.state, detail: message.detail });
        break;
      case 'log':
        this.#options.log(message.level, message.text);
        break;
      case 'memory':
        this.#memory = message;
        this.#options.log('info', `The engine process holds ${Math.round(message.residentBytes / 2 ** 20)} MB`);
        break;
      case 'reopen':
        this.#options.onReopen(message.document);
        break;
      case 'suggestion':
      case 'explanation':
      case 'nothing':
        this.#answered(message.request)?.resolve(message);
        break;
      case 'failed':
        this.#answered(message.request)?.reject(new Error(message.reason));
        break;
      default:
        message satisfies never;
    }
  }

  #exited(reason: string): void {
    const { clock, log } = this.#options;
    this.#process = undefined;
    this.#memory = undefined;
    this.#unanswered.clear();
    this.#loaded();
    this.#tellEnded();
    this.#rejectPending(`The engine process ended (${reason})`);
    if (this.#disposed) return;
    if (this.#restartWanted) {
      this.#restartWanted = false;
      this.start();
      return;
    }
    const delayMs = this.#restarts.delayAfter(clock.now() - this.#startedAt);
    log('error', `The engine process ended (${reason}); starting it again in ${delayMs} ms`);
    this.#cancelRestart = clock.after(delayMs, () => {
      this.#cancelRestart = undefined;
      this.start();
    });
    this.#setStatus({ state: 'waiting' });
  }

  #rejectPending(reason: string): void {
    for (const { reject } of [...this.#pending.values()]) reject(new Error(reason));
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    this.#options.onStatus(status);
  }
}
