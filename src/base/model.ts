// The one idea: every model answers `score` (teacher forced) and `step` (incremental), and the two agree:
// score(x) equals step([start, ...x[0..T-1)]), however that block is cut into pieces, up to `contextLength`.
import type { Disposable } from './disposable.ts';
import type { FloatTensor } from './tensor.ts';

/** A symbol's number in its vocabulary. */
export type SymbolId = number;

export interface Vocabulary {
  readonly size: number;
  /** What every sequence is conditioned on; never predicted. */
  readonly start: SymbolId;
  /** Ends a text; absent for signals of fixed length. */
  readonly end?: SymbolId;
}

export interface Codec<Signal> {
  readonly vocabulary: Vocabulary;
  /** True when decode(encode(s)) is s for every s. */
  readonly lossless: boolean;
  encode(signal: Signal): Int32Array;
  decode(symbols: Int32Array): Signal;
}

/** A value: `step` never changes the state it is given. Disposing of it frees what only it refers to. */
export interface ModelState extends Disposable {
  /** How many symbols it stands for, the start symbol among them. */
  readonly position: number;
}

/** Leave that whoever reduces rows gives for them. A model may make use of it or not. */
export interface RowOptions {
  /** Each row may lack a number of its own, what normalizes it. */
  unnormalized?: boolean;
  /** Where rows may lie, if there is room for them, until it is handed over again. */
  into?: Float32Array;
}

export interface StepOptions extends RowOptions {
  /** Compute the distribution after the last symbol of the block only; `logProbs` then has one row. */
  lastOnly?: boolean;
  signal?: AbortSignal;
}

export interface AutoregressiveModel extends Disposable {
  readonly vocabulary: Vocabulary;
  /** In symbols; Infinity for a recurrent model. */
  readonly contextLength: number;
  /** Whether a run of many symbols leaves the thread free. Default: it does not. */
  readonly background?: boolean;
  /** ln p(x[t] = v | x[0..t)) for all t at once. At most `contextLength` symbols. [time, vocab], nats. */
  score(symbols: Int32Array, signal?: AbortSignal, options?: RowOptions): Promise<FloatTensor>;
  /** The state before any symbol, the start symbol included. */
  initialState(): ModelState;
  /** Feeds a block of symbols; row t of `logProbs` is the distribution after block[t]. [time or 1, vocab], nats. */
  step(
    block: Int32Array,
    state: ModelState,
    options?: StepOptions,
  ): Promise<{ logProbs: FloatTensor; state: ModelState }>;
}
