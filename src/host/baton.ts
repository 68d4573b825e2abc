// One piece of work computes at a time, and hands over between two of its pieces to whoever is more urgent. The more urgent first; among
// equals, who came first.

/** Ascending: what a person waits for with the eyes on it, what was asked for, what is done in idle time. */
export const urgencies = ['visible', 'asked', 'idle'] as const;
export type Urgency = (typeof urgencies)[number];

interface Waiting {
  readonly rank: number;
  go(): void;
}

export class Baton {
  readonly #waiting: Waiting[] = [];
  #held = false;

  /** Runs `work` when it is its turn. It awaits `turn` between pieces of some 30 ms; there more urgent work goes first. */
  async run<T>(urgency: Urgency, work: (turn: () => Promise<void>) => Promise<T>): Promise<T> {
    const rank = urgencies.indexOf(urgency);
    await this.#take(rank);
    try {
      return await work(async () => {
        // Messages that came meanwhile are received first: they may bring more urgent work, or cancel this.
        await new Promise((resolve) => setImmediate(resolve));
        if (!this.#waiting.some((other) => other.rank < rank)) return;
        this.#release();
        await this.#take(rank);
      });
    } finally {
      this.#release();
    }
  }

  async #take(rank: number): Promise<void> {
    if (this.#held) {
      await new Promise<void>((go) => {
        const after = this.#waiting.findIndex((other) => other.rank > rank);
        this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, { rank, go });
      });
    }
    this.#held = true;
  }

  #release(): void {
    const next = this.#waiting.shift();
    // Handed on, not put down: nobody else may take it in between.
    if (next) next.go();
    else this.#held = false;
  }
}
