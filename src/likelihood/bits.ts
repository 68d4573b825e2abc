// The exact information of a sequence under a model: surprisal of each symbol, in nats, by the long-text rule, reduced block by block.
// Rows never leave this room.
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Reduced, RowReducer, type Wanted } from './reduceRows.ts';
import { type RowOptions, rowBlocks } from './rowBlocks.ts';

/** `rank`: also how many symbols are likelier than the one that came; `entropy`: also the expected surprisal, in nats. */
export interface SurprisalOptions extends RowOptions, Wanted {}

/** In nats; -ln p(x[t] given x[<t]). */
export type Surprisals = Reduced;

/** Of symbols [first, first + surprisal.length). */
export interface SurprisalPiece extends Surprisals {
  readonly first: number;
}

export interface SequenceBits {
  readonly bits: number;
  readonly numSymbols: number;
}

/** `symbols` without the start symbol, which conditions all and costs nothing. @throws CancelledError */
export async function surprisals(
  model: AutoregressiveModel,
  symbols: Int32Array,
  options: SurprisalOptions = {},
): Promise<Surprisals> {
  const time = symbols.length;
  const whole: Surprisals = {
    surprisal: new Float32Array(time),
    ...(options.rank && { rank: new Int32Array(time) }),
    ...(options.entropy && { entropy: new Float32Array(time) }),
  };
  for await (const { first, surprisal, rank, entropy } of surprisalPieces(model, symbols, options)) {
    whole.surprisal.set(surprisal, first);
    if (rank) whole.rank?.set(rank, first);
    if (entropy) whole.entropy?.set(entropy, first);
  }
  return whole;
}

/** The same in pieces, each as soon as it is known: in order, or in that of the windows asked for. @throws CancelledError */
export async function* surprisalPieces(
  model: AutoregressiveModel,
  symbols: Int32Array,
  options: SurprisalOptions = {},
): AsyncGenerator<SurprisalPiece> {
  const { rank = false, entropy = false } = options;
  const reducer = new RowReducer(model.vocabulary.size);
  for await (const { rows, first, count } of rowBlocks(model, symbols, options)) {
    const targets = symbols.subarray(first, first + count);
    yield { first, ...reducer.reduce(rows, targets, { rank, entropy }) };
  }
}

/** The sum, kept in double precision; no array of the sequence's length. @throws CancelledError */
export async function bitsOf(
  model: AutoregressiveModel,
  symbols: Int32Array,
  options: RowOptions = {},
): Promise<SequenceBits> {
  let nats = 0;
  for await (const { surprisal } of surprisalPieces(model, symbols, options)) {
    for (const one of surprisal) nats += one;
  }
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
