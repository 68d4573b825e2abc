// The distributions of a sequence of any length, block by block, by the long-text rule: when the context is full, restart from its last
// half, recomputed. The next block is computed while whoever asked reduces this one, where the runtime leaves the thread free.
import { throwIfCancelled } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState } from '../base/model.ts';
import { type ContextWindow, contextWindows } from '../engine/contextWindow.ts';
import { nextTurn } from '../engine/turn.ts';

export interface BlockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Both give the same numbers; left out, the cheaper one for each window. */
  readonly by?: 'score' | 'step' | undefined;
  /** Awaited between two blocks, in place of a turn of the event loop: whoever has more urgent work does it there. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** Of `contextWindows` of the sequence these alone, in this order. */
  readonly windows?: Iterable<ContextWindow> | undefined;
}

/** The distributions of symbols [first, first + count), each up to a number of its own; good until the next block is asked for. */
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
  { signal, by, turn = nextTurn, windows }: BlockOptions,
): AsyncGenerator<RowBlock> {
  const ended = new AbortController();
  const stop = AbortSignal.any(signal ? [signal, ended.signal] : [ended.signal]);
  const pause = async () => {
    await turn();
    throwIfCancelled(stop);
  };
  const rooms = new Rooms(model);
  const blocks = runs(model, symbols, windows ?? contextWindows(symbols.length, model.contextLength), {
    ...{ by, pause, rooms, signal: stop },
  });
  if (!model.background) {
    yield* blocks;
    return;
  }
  const ask = () => {
    const asked = blocks.next();
    asked.catch(() => undefined); // It is told to whoever comes for it.
    return asked;
  };
  let next = ask();
  try {
    for (let { value } = await next; value; { value } = await next) {
      next = ask();
      // The run is under way after its own turn of the event loop.
      await nextTurn();
      await nextTurn();
      yield value;
    }
  } finally {
    ended.abort();
    await next.catch(() => undefined);
    await blocks.return(undefined);
    rooms.giveBack();
  }
}

interface RunOptions {
  readonly by: 'score' | 'step' | undefined;
  readonly signal: AbortSignal;
  /** Before each run. @throws CancelledError */
  readonly pause: () => Promise<void>;
  readonly rooms: Rooms;
}

/** Rooms that were used and are not, two at most: making one costs a tenth of the run that fills it. */
const spare: Float32Array[] = [];
const largestSpareBytes = 48 * 2 ** 20;

/** Two of them, so that rows are written into the one while those in the other are read. */
class Rooms {
  readonly #model: AutoregressiveModel;
  #before: Float32Array | undefined;
  #last: Float32Array | undefined;

  constructor(model: AutoregressiveModel) {
    this.#model = model;
  }

  /** A model that runs in the foreground makes its rows itself, and would have to copy them. */
  forRows(count: number): { readonly unnormalized: true; readonly into?: Float32Array } {
    if (!this.#model.background) return { unnormalized: true };
    const length = count * this.#model.vocabulary.size;
    const room = this.#before ?? spare.pop();
    this.#before = this.#last;
    this.#last = room && room.length >= length ? room : new Float32Array(length);
    return { unnormalized: true, into: this.#last };
  }

  /** No run writes any more. */
  giveBack(): void {
    for (const room of [this.#before, this.#last]) {
      if (room && room.byteLength <= largestSpareBytes && spare.length < 2) spare.push(room);
    }
  }
}

async function* runs(
  model: AutoregressiveModel,
  symbols: Int32Array,
  windows: Iterable<ContextWindow>,
  options: RunOptions,
): AsyncGenerator<RowBlock, undefined> {
  const { by, signal, pause, rooms } = options;
  const { size } = model.vocabulary;
  const fits = model.contextLength * size * 4 <= maxScoreBytes;
  for (const window of windows) {
    const { from, countFrom, to } = window;
    // Of what is only recomputed `step` makes no distributions: 1.6 times faster where half of the window is.
    const cheaper = fits && countFrom === from ? 'score' : 'step';
    if ((by ?? cheaper) === 'step') yield* steps(model, symbols, window, options);
    else {
      await pause();
      const { data } = await model.score(symbols.subarray(from, to), signal, rooms.forRows(to - from));
      yield { rows: data.subarray((countFrom - from) * size), first: countFrom, count: to - countFrom };
    }
  }
  return undefined;
}

async function* steps(
  model: AutoregressiveModel,
  symbols: Int32Array,
  { from, countFrom, to }: ContextWindow,
  { signal, pause, rooms }: RunOptions,
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
      const how = at < countFrom ? { lastOnly: true } : rooms.forRows(end - at);
      const next = await model.step(block.subarray(at - from, end - from), state, { ...how, signal });
      state.dispose();
      state = next.state;
      if (at >= countFrom) yield { rows: next.logProbs.data, first: at, count: end - at };
      at = end;
    }
  } finally {
    state.dispose();
  }
}
