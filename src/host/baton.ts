// One piece of work computes at a time, and hands over between two of its pieces to whoever is more urgent. The more urgent first; among
// equals, who came first.
import { CancelledError } from '../base/errors.ts';

/** Ascending: what a person waits for with the eyes on it, what was asked for, what is done in idle time. */
export const urgencies = ['visible', 'asked', 'idle'] as const;
export type Urgency = (typeof urgencies)[number];

interface Waiting {
  /** The smaller first: urgency, then arrival. */
  readonly rank: number;
  readonly arrival: number;
  go(): void;
}

export class Baton {
  readonly #waiting: Waiting[] = [];
  #held = false;
  #arrivals = 0;

  /**
   * Runs `work` when it is its turn. It awaits `turn` between pieces of some 30 ms, one at a time; there more urgent work goes first.
   * @throws CancelledError where the signal aborts while it waits.
   */
  async run<T>(urgency: Urgency, work: (turn: () => Promise<void>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const place = { rank: urgencies.indexOf(urgency), arrival: this.#arrivals++ };
    await this.#take(place, signal);
    let holding = true;
    try {
      return await work(async () => {
        // Messages that came meanwhile are received first: they may bring more urgent work, or cancel this.
        await new Promise((resolve) => setImmediate(resolve));
        if (!this.#waiting.some(({ rank }) => rank < place.rank)) return;
        holding = false;
        this.#release();
        await this.#take(place, signal);
        holding = true;
      });
    } finally {
      if (holding) this.#release();
    }
  }

  async #take(place: Omit<Waiting, 'go'>, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw new CancelledError('cancelled');
    if (!this.#held) {
      this.#held = true;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new CancelledError('cancelled'));
      };
      const waiting: Waiting = {
        ...place,
        go: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      const after = this.#waiting.findIndex((other) => comesBefore(waiting, other));
      this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    // Handed on, not put down: nobody else may take it in between.
    if (next) next.go();
    else this.#held = false;
  }
}

function comesBefore(one: Waiting, other: Waiting): boolean {
  return one.rank < other.rank || (one.rank === other.rank && one.arrival < other.arrival);
}
