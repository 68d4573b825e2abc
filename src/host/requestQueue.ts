// One job runs at a time. A newer job for the same document supersedes the older one: a waiting one is dropped, the running
// one is aborted. Every job is settled exactly once, by `run` or by `dropped`.
import { CancelledError } from '../base/errors.ts';

export interface Job {
  readonly request: number;
  readonly document: number;
}

export interface QueueHandlers<T extends Job> {
  /** Must settle soon after its signal aborts; a rejection is a bug of the handler. */
  run(job: T, signal: AbortSignal): Promise<void>;
  dropped(job: T, reason: string): void;
  /** Nothing runs and nothing waits any more. */
  idle?(): void;
}

export class RequestQueue<T extends Job> {
  readonly #handlers: QueueHandlers<T>;
  /** By document, in order of arrival. */
  readonly #waiting = new Map<number, T>();
  #running: { readonly job: T; readonly controller: AbortController } | undefined;

  constructor(handlers: QueueHandlers<T>) {
    this.#handlers = handlers;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  add(job: T): void {
    const older = this.#waiting.get(job.document);
    this.#waiting.delete(job.document);
    if (older) this.#handlers.dropped(older, 'superseded');
    if (this.#running?.job.document === job.document) this.#abortRunning('superseded');
    this.#waiting.set(job.document, job);
    this.#startNext();
  }

  cancel(request: number): void {
    if (this.#running?.job.request === request) this.#abortRunning('cancelled');
    for (const job of this.#waiting.values()) if (job.request === request) this.#drop(job, 'cancelled');
  }

  cancelAll(reason: string): void {
    for (const job of [...this.#waiting.values()]) this.#drop(job, reason);
    this.#abortRunning(reason);
  }

  #drop(job: T, reason: string): void {
    this.#waiting.delete(job.document);
    this.#handlers.dropped(job, reason);
  }

  #abortRunning(reason: string): void {
    this.#running?.controller.abort(new CancelledError(reason));
  }

  #startNext(): void {
    if (this.#running) return;
    const [job] = this.#waiting.values();
    if (job === undefined) {
      this.#handlers.idle?.();
      return;
    }
    this.#waiting.delete(job.document);
    const controller = new AbortController();
    this.#running = { job, controller };
    void this.#handlers.run(job, controller.signal).finally(() => {
      this.#running = undefined;
      this.#startNext();
    });
  }
}
