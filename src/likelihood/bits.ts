// The exact information of a sequence under a model: surprisal of each symbol, in nats, by the long-text rule (when the
// context is full, restart from its last half, recomputed), reduced window by window. Rows never leave this file.
import { throwIfCancelled } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type ContextWindow, contextWindows } from '../engine/contextWindow.ts';
import { nextTurn } from '../engine/turn.ts';

export interface SurprisalOptions {
  readonly signal?: AbortSignal | undefined;
  /** Both give the same numbers; left out, the cheaper one for each window. */
  readonly by?: 'score' | 'step';
  /** Also how many symbols are likelier than the one that came. */
  readonly rank?: boolean;
  /** Also the expected surprisal, in nats. */
  readonly entropy?: boolean;
}

export interface Surprisals {
  /** -ln p(x[t] given x[<t]), in nats. */
  readonly surprisal: Float32Array; // [time]
  readonly rank?: Int32Array; // [time]
  readonly entropy?: Float32Array; // [time]
}

export interface SequenceBits {
  readonly bits: number;
  readonly numSymbols: number;
}

/** Symbols per run where the model is asked step by step. */
const stepBlock = 256;
/** The largest tensor of rows to ask for at once. */
const maxScoreBytes = 256 * 2 ** 20;

/** `symbols` without the start symbol, which conditions all and costs nothing. */
export async function surprisals(
  model: AutoregressiveModel,
  symbols: Int32Array,
  options: SurprisalOptions = {},
): Promise<Surprisals> {
  const time = symbols.length;
  const result: Surprisals = {
    surprisal: new Float32Array(time),
    ...(options.rank && { rank: new Int32Array(time) }),
    ...(options.entropy && { entropy: new Float32Array(time) }),
  };
  const reduce = reducer(model.vocabulary.size, symbols, result);
  await visitRows(model, symbols, options, reduce);
  return result;
}

/** The sum, kept in double precision; no array of the sequence's length. */
export async function bitsOf(
  model: AutoregressiveModel,
  symbols: Int32Array,
  options: Pick<SurprisalOptions, 'signal' | 'by'> = {},
): Promise<SequenceBits> {
  const vocab = model.vocabulary.size;
  let nats = 0;
  await visitRows(model, symbols, options, (rows, first, count) => {
    for (let i = 0; i < count; i++) nats -= rows[i * vocab + symbols[first + i]!]!;
  });
  return { bits: nats / Math.LN2, numSymbols: symbols.length };
}

/** The symbols of a whole text: the codec's own segmentation, no header, the end symbol counted. */
export function wholeText(codec: TextCodec, bytes: Uint8Array): Int32Array {
  const symbols = codec.encode(bytes);
  const whole = new Int32Array(symbols.length + 1);
  whole.set(symbols);
  whole[symbols.length] = codec.specials.end;
  return whole;
}

/** Comparable between vocabularies; NaN for an empty text, which has no bytes to spread its bits over. */
export function bitsPerByte(bits: number, bytes: number): number {
  return bytes > 0 ? bits / bytes : Number.NaN;
}

/** Sees each row once, in order: `rows` holds the distributions of symbols [first, first + count), and is valid during the call. */
export type Visit = (rows: Float32Array, first: number, count: number) => void;

/** For who reduces rows otherwise than here; nobody keeps them. */
export async function visitRows(
  model: AutoregressiveModel,
  symbols: Int32Array,
  { signal, by }: SurprisalOptions,
  visit: Visit,
): Promise<void> {
  const fits = model.contextLength * model.vocabulary.size * 4 <= maxScoreBytes;
  for (const window of contextWindows(symbols.length, model.contextLength)) {
    // Of what is only recomputed `step` makes no distributions: 1.6 times faster where half of the window is.
    const cheaper = fits && window.countFrom === window.from ? 'score' : 'step';
    const visitWindow = (by ?? cheaper) === 'score' ? scoreWindow : stepWindow;
    await visitWindow(model, symbols, window, signal, visit);
  }
}

type WindowVisit = (
  model: AutoregressiveModel,
  symbols: Int32Array,
  window: ContextWindow,
  signal: AbortSignal | undefined,
  visit: Visit,
) => Promise<void>;

const scoreWindow: WindowVisit = async (model, symbols, { from, countFrom, to }, signal, visit) => {
  await nextTurn();
  throwIfCancelled(signal);
  const { data } = await model.score(symbols.subarray(from, to), signal); // [to - from, vocab]
  visit(data.subarray((countFrom - from) * model.vocabulary.size), countFrom, to - countFrom);
};

const stepWindow: WindowVisit = async (model, symbols, { from, countFrom, to }, signal, visit) => {
  const block = new Int32Array(to - from); // [start, ...x[from..to - 1)]
  block[0] = model.vocabulary.start;
  block.set(symbols.subarray(from, to - 1), 1);
  let state: ModelState = model.initialState();
  try {
    for (let at = from; at < to; ) {
      await nextTurn();
      throwIfCancelled(signal);
      // What is recomputed and what is counted go in separate runs, so that no row is computed for nothing.
      const end = Math.min(at < countFrom ? countFrom : to, at + stepBlock);
      const next = await model.step(block.subarray(at - from, end - from), state, {
        lastOnly: at < countFrom,
        ...(signal && { signal }),
      });
      state.dispose();
      state = next.state;
      if (at >= countFrom) visit(next.logProbs.data, at, end - at);
      at = end;
    }
  } finally {
    state.dispose();
  }
};

function reducer(vocab: number, symbols: Int32Array, { surprisal, rank, entropy }: Surprisals): Visit {
  return (rows, first, count) => {
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * vocab, (i + 1) * vocab);
      const logProb = row[symbols[first + i]!]!;
      surprisal[first + i] = -logProb;
      if (rank) rank[first + i] = countAbove(row, logProb);
      if (entropy) entropy[first + i] = entropyOf(row);
    }
  };
}

function countAbove(row: Float32Array, logProb: number): number {
  let count = 0;
  for (const other of row) if (other > logProb) count += 1;
  return count;
}

/** H = -sum p ln p; what is impossible adds nothing. */
function entropyOf(row: Float32Array): number {
  let sum = 0;
  for (const logProb of row) {
    if (logProb > Number.NEGATIVE_INFINITY) sum -= Math.exp(logProb) * logProb;
  }
  return sum;
}
