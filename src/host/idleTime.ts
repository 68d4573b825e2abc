// Work that nobody waits for, in the time that nobody needs: it begins when there was no request for a while, and a request
// that comes meanwhile aborts it. A timer runs only while such work waits, so that an idle process sleeps.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError } from '../base/errors.ts';

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

export class IdleTime implements Disposable {
  readonly #clock: Clock;
  readonly #idleMs: number;
  #numBusy = 0;
  #freeSince: number;
  /** Since when nobody has wanted anything; there is a piece of work at most. */
  #waiting: Waiting | undefined;
  /** Who wants to know of the next request. */
  #listening: Waiting | undefined;
  #running: AbortController | undefined;
  #cancelTimer: () => void = () => undefined;
  #disposed = false;

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#freeSince = clock.now();
  }

  /** Runs what somebody waits for, at once. */
  async busy<R>(work: () => Promise<R>): Promise<R> {
    this.#numBusy += 1;
    this.#cancelTimer();
    this.#running?.abort(new CancelledError('a request came'));
    this.#listening?.resolve();
    this.#listening = undefined;
    try {
      return await work();
    } finally {
      this.#numBusy -= 1;
      this.#freeSince = this.#clock.now();
      this.#watch();
    }
  }

  /**
   * Runs a piece when it is quiet, and again from its beginning when a request aborts it. One caller at a time.
   * @throws CancelledError once this is disposed of; else what the piece throws.
   */
  async run<R>(piece: (signal: AbortSignal) => Promise<R>): Promise<R> {
    for (;;) {
      await this.#quiet();
      const controller = new AbortController();
      this.#running = controller;
      try {
        return await piece(controller.signal);
      } catch (error) {
        if (!(error instanceof CancelledError) || !controller.signal.aborted || this.#disposed) throw error;
      } finally {
        this.#running = undefined;
      }
    }
  }

  /** Resolves when somebody asks for something. One caller at a time. @throws CancelledError once this is disposed of. */
  nextRequest(): Promise<void> {
    if (this.#disposed) return Promise.reject(new CancelledError('the engine ends'));
    return new Promise((resolve, reject) => {
      this.#listening = { resolve, reject };
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelTimer();
    const ended = new CancelledError('the engine ends');
    this.#running?.abort(ended);
    this.#waiting?.reject(ended);
    this.#waiting = undefined;
    this.#listening?.reject(ended);
    this.#listening = undefined;
  }

  async #quiet(): Promise<void> {
    if (this.#disposed) throw new CancelledError('the engine ends');
    const quiet = new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#watch();
    await quiet;
  }

  #watch(): void {
    this.#cancelTimer();
    if (this.#numBusy > 0 || this.#waiting === undefined) return;
    // Also where it has been quiet long enough: messages that wait come first.
    const leftMs = Math.max(0, this.#freeSince + this.#idleMs - this.#clock.now());
    this.#cancelTimer = this.#clock.after(leftMs, () => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.resolve();
    });
  }
}
