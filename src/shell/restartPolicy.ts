// How long to wait before an engine that died is started again: doubling up to a cap, from the start again once a process
// has lived long enough to count as healthy.

export interface RestartDelays {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly healthyAfterMs: number;
}

export const usualRestartDelays: RestartDelays = { firstMs: 250, longestMs: 60_000, healthyAfterMs: 60_000 };

export class RestartPolicy {
  readonly #delays: RestartDelays;
  #nextMs: number;

  constructor(delays: RestartDelays) {
    this.#delays = delays;
    this.#nextMs = delays.firstMs;
  }

  delayAfter(lifetimeMs: number): number {
    const { firstMs, longestMs, healthyAfterMs } = this.#delays;
    const delayMs = lifetimeMs >= healthyAfterMs ? firstMs : this.#nextMs;
    this.#nextMs = Math.min(longestMs, delayMs * 2);
    return delayMs;
  }

  /** A person asked for the restart: no more waiting. */
  forget(): void {
    this.#nextMs = this.#delays.firstMs;
  }
}
