// One place of a sequence: how likely the symbol there was, and which would have been likelier, by the same rule as everywhere.
import { throwIfCancelled } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState, SymbolId } from '../base/model.ts';
import { windowStart } from '../engine/contextWindow.ts';
import { likeliestOf } from '../engine/sampler.ts';
import { nextTurn } from '../engine/turn.ts';
import { RowReducer } from './reduceRows.ts';

export interface Alternative {
  readonly symbol: SymbolId;
  /** In nats. */
  readonly logProb: number;
}

export interface PlaceInSequence {
  /** In nats. */
  readonly surprisal: number;
  /** How many symbols are likelier. */
  readonly rank: number;
  /** In nats. */
  readonly entropy: number;
  /** The likeliest first; of equals, the first. What is impossible is none. */
  readonly alternatives: readonly Alternative[];
}

export interface AlternativesOptions {
  /** How many alternatives at most. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
  /** Awaited between two runs, in place of a turn of the event loop. */
  readonly turn?: (() => Promise<void>) | undefined;
}

/** Symbols per run: some 30 ms. */
const chunkSymbols = 256;

/** Of symbols[index], given what comes before it. @throws CancelledError; RangeError where there is no such symbol. */
export async function alternativesAt(
  model: AutoregressiveModel,
  symbols: Int32Array,
  index: number,
  { most, signal, turn = nextTurn }: AlternativesOptions,
): Promise<PlaceInSequence> {
  if (!(Number.isInteger(index) && index >= 0 && index < symbols.length)) {
    throw new RangeError(`alternativesAt: expected a place from 0 to ${symbols.length - 1}, got ${index}`);
  }
  const row = await rowBefore(model, symbols.subarray(0, index), signal, turn);
  const target = symbols.subarray(index, index + 1);
  const { surprisal, rank, entropy } = new RowReducer(row.length).reduce(row, target, { rank: true, entropy: true });
  return {
    surprisal: surprisal[0]!,
    rank: rank![0]!,
    entropy: entropy![0]!,
    alternatives: likeliestOf(row, most).filter(({ logProb }) => logProb > Number.NEGATIVE_INFINITY),
  };
}

/** The distribution after all of `before`, of which only the context is read. */
async function rowBefore(
  model: AutoregressiveModel,
  before: Int32Array,
  signal: AbortSignal | undefined,
  turn: () => Promise<void>,
): Promise<Float32Array> {
  const context = before.subarray(windowStart(before.length, model.contextLength));
  const block = new Int32Array(context.length + 1); // [start, ...context]
  block[0] = model.vocabulary.start;
  block.set(context, 1);
  let state: ModelState = model.initialState();
  try {
    for (let at = 0; ; at += chunkSymbols) {
      await turn();
      throwIfCancelled(signal);
      const chunk = block.subarray(at, at + chunkSymbols);
      const next = await model.step(chunk, state, { lastOnly: true, ...(signal && { signal }) });
      state.dispose();
      state = next.state;
      if (at + chunkSymbols >= block.length) return next.logProbs.data;
    }
  } finally {
    state.dispose();
  }
}
