// A sequence of any length under a model of bounded context, by the long-text rule: a state while it fits, and a restart from
// the last half of the context, recomputed, when it is full.
import type { Disposable } from '../base/disposable.ts';
import { throwIfCancelled } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState } from '../base/model.ts';
import { windowStart } from './contextWindow.ts';
import { nextTurn } from './turn.ts';

export interface LongSequenceOptions {
  /** Symbols per run; a run cannot be interrupted. */
  readonly chunkSymbols?: number;
  /** Awaited before each run. */
  readonly turn?: () => Promise<void>;
}

export class LongSequence implements Disposable {
  readonly #model: AutoregressiveModel;
  readonly #chunkSymbols: number;
  readonly #turn: () => Promise<void>;
  /** What the context holds, start symbol left out; empty and unused when the context has no bound. */
  #context: number[] = [];
  #from = 0;
  #length = 0;
  #state: ModelState | undefined;

  constructor(model: AutoregressiveModel, { chunkSymbols = 128, turn = nextTurn }: LongSequenceOptions = {}) {
    this.#model = model;
    this.#chunkSymbols = chunkSymbols;
    this.#turn = turn;
  }

  /** How many symbols it stands for, the start symbol left out. */
  get length(): number {
    return this.#length;
  }

  /** Appends symbols, or none to begin with; the distribution after them. After an error the sequence is spent. */
  async append(symbols: Int32Array, signal?: AbortSignal): Promise<Float32Array> {
    const { contextLength, vocabulary } = this.#model;
    this.#length += symbols.length;
    if (contextLength === Infinity) {
      return this.#feed(this.#state ? symbols : Int32Array.of(vocabulary.start, ...symbols), signal);
    }
    for (const symbol of symbols) this.#context.push(symbol);
    const from = windowStart(this.#length, contextLength);
    if (this.#state && from === this.#from) return this.#feed(symbols, signal);
    this.#context = this.#context.slice(from - this.#from);
    this.#from = from;
    this.dispose();
    return this.#feed(Int32Array.of(vocabulary.start, ...this.#context), signal);
  }

  /** Forgets the state; the next append would compute it again. */
  dispose(): void {
    this.#state?.dispose();
    this.#state = undefined;
  }

  async #feed(block: Int32Array, signal: AbortSignal | undefined): Promise<Float32Array> {
    if (block.length === 0) throw new RangeError('longSequence: expected a symbol, got none after the beginning');
    for (let at = 0; ; at += this.#chunkSymbols) {
      await this.#turn();
      throwIfCancelled(signal);
      this.#state ??= this.#model.initialState();
      const chunk = block.subarray(at, at + this.#chunkSymbols);
      const next = await this.#model.step(chunk, this.#state, { lastOnly: true, ...(signal && { signal }) });
      this.#state.dispose();
      this.#state = next.state;
      if (at + this.#chunkSymbols >= block.length) return next.logProbs.data;
    }
  }
}
