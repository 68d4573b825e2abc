// The distributions of a sequence of any length, block by block, by the long-text rule: when the context is full, restart from its last
// half, recomputed. The next block is computed while whoever asked reduces this one, where the runtime leaves the thread free.
import { throwIfCancelled } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState } from '../base/model.ts';
import { type ContextWindow, contextWindows } from '../engine/contextWindow.ts';
import { nextTurn } from '../engine/turn.ts';

export interface RowOptions {
  readonly signal?: AbortSignal | undefined;
  /** Both give the same numbers; left out, the cheaper one for each window. */
  readonly by?: 'score' | 'step' | undefined;
  /** Awaited between two blocks, in place of a turn of the event loop: whoever has more urgent work does it there. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** Of `contextWindows` of the sequence these alone, in this order. */
  readonly windows?: Iterable<ContextWindow> | undefined;
}

/** The distributions of symbols [first, first + count). */
export interface RowBlock {
  readonly rows: Float32Array; // [count, vocab]
  readonly first: number;
  readonly count: number;
}

/** Symbols per run where the model is asked step by step. */
const stepBlock = 256;
/** The largest tensor of rows to ask for at once. */
const maxScoreBytes = 256 * 2 ** 20;

/** @throws CancelledError */
export async function* rowBlocks(
  model: AutoregressiveModel,
  symbols: Int32Array,
  { signal, by, turn = nextTurn, windows }: RowOptions,
): AsyncGenerator<RowBlock> {
  const pause = async () => {
    await turn();
    throwIfCancelled(signal);
  };
  const fits = model.contextLength * model.vocabulary.size * 4 <= maxScoreBytes;
  for (const window of windows ?? contextWindows(symbols.length, model.contextLength)) {
    // Of what is only recomputed `step` makes no distributions: 1.6 times faster where half of the window is.
    const cheaper = fits && window.countFrom === window.from ? 'score' : 'step';
    if ((by ?? cheaper) === 'step') yield* stepWindow(model, symbols, window, { signal, pause });
    else {
      const { from, countFrom, to } = window;
      await pause();
      const { data } = await model.score(symbols.subarray(from, to), signal); // [to - from, vocab]
      yield {
        rows: data.subarray((countFrom - from) * model.vocabulary.size),
        first: countFrom,
        count: to - countFrom,
      };
    }
  }
}

async function* stepWindow(
  model: AutoregressiveModel,
  symbols: Int32Array,
  { from, countFrom, to }: ContextWindow,
  { signal, pause }: { readonly signal: AbortSignal | undefined; readonly pause: () => Promise<void> },
): AsyncGenerator<RowBlock> {
  const block = new Int32Array(to - from); // [start, ...x[from..to - 1)]
  block[0] = model.vocabulary.start;
  block.set(symbols.subarray(from, to - 1), 1);
  let state: ModelState = model.initialState();
  try {
    for (let at = from; at < to; ) {
      await pause();
      // What is recomputed and what is counted go in separate runs, so that no row is computed for nothing.
      const end = Math.min(at < countFrom ? countFrom : to, at + stepBlock);
      const next = await model.step(block.subarray(at - from, end - from), state, {
        lastOnly: at < countFrom,
        ...(signal && { signal }),
      });
      state.dispose();
      state = next.state;
      if (at >= countFrom) yield { rows: next.logProbs.data, first: at, count: end - at };
      at = end;
    }
  } finally {
    state.dispose();
  }
}
