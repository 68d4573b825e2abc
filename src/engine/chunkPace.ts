// How many symbols a run takes while catching up. A run that blocks the thread cannot be interrupted, so it should last no longer than
// whoever asks meanwhile may wait; and few symbols per run waste time. What a symbol takes is the middle one of the last few
// measurements: a run that the machine held up shrinks no chunk, and when the machine has become slower a few runs tell. The size at
// most doubles from run to run, so that a lucky measurement is not believed at once.
import type { Clock } from '../base/clock.ts';

export interface ChunkPaceOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** How long a run should take. */
  readonly targetMs: number;
  readonly maxSymbols: number;
}

/** Fewer gain nothing: such a run takes hardly longer than one of a single symbol. */
export const minChunkSymbols = 16;
const numMeasurements = 5;

export class ChunkPace {
  readonly #options: ChunkPaceOptions;
  /** Milliseconds per symbol, the latest last. */
  readonly #measured: number[] = [];
  /** Of the last run that was measured. */
  #lastSymbols = 0;

  constructor(options: ChunkPaceOptions) {
    this.#options = options;
  }

  /** For the next run. The first ones are small: nobody knows how fast the model is. */
  get symbols(): number {
    const { targetMs, maxSymbols } = this.#options;
    const sorted = [...this.#measured].sort((a, b) => a - b);
    const msPerSymbol = sorted[(sorted.length - 1) >> 1];
    const affordable = msPerSymbol === undefined ? 0 : targetMs / Math.max(msPerSymbol, 1e-6);
    const most = Math.min(maxSymbols, 2 * this.#lastSymbols);
    const whole = Math.floor(Math.min(affordable, most) / minChunkSymbols) * minChunkSymbols;
    return Math.min(maxSymbols, Math.max(minChunkSymbols, whole));
  }

  /** Runs `work`, which takes so many symbols, and takes note of the time when it succeeds. */
  async measure<T>(symbols: number, work: () => Promise<T>): Promise<T> {
    const { clock, maxSymbols } = this.#options;
    const startedAt = clock.now();
    const result = await work();
    // The time of a few symbols says nothing of many.
    if (symbols < Math.min(minChunkSymbols, maxSymbols)) return result;
    this.#measured.push((clock.now() - startedAt) / symbols);
    if (this.#measured.length > numMeasurements) this.#measured.shift();
    // The rest of a prompt is no reason to begin anew.
    this.#lastSymbols = Math.max(symbols, Math.min(this.#lastSymbols, this.symbols));
    return result;
  }
}
