// Bits of a text by its bytes, so that any part of it has its exact share: a symbol's bits are spread evenly over the bytes that it stands
// for, and the end symbol, which stands for none, belongs to whatever part holds the last byte. Where only parts are asked for, only the
// windows of the long-text rule that predict them are computed.
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { contextWindows } from '../engine/contextWindow.ts';
import { surprisals, type SurprisalOptions, wholeText } from './bits.ts';

/** Of bytes, the end excluded. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface ScoredText {
  /** Without the start symbol, the end symbol last. */
  readonly symbols: Int32Array;
  /** Of the bytes: symbol i stands for those from starts[i] to starts[i + 1]. */
  readonly starts: Int32Array; // [symbols + 1]
  /** Nats; NaN where nobody asked. */
  readonly surprisal: Float32Array; // [symbols]
  /** How many symbols were likelier; only where it was asked for. */
  readonly rank?: Int32Array; // [symbols]
  readonly byteBits: ByteBits;
}

export class ByteBits {
  /** Of the bytes before each place; the last also holds the end symbol. */
  readonly #sums: Float64Array; // [bytes + 2]
  readonly numBytes: number;

  constructor(numBytes: number, sums: Float64Array) {
    this.numBytes = numBytes;
    this.#sums = sums;
  }

  /** Of everything. */
  get total(): number {
    return this.#sums[this.numBytes + 1]!;
  }

  /** 0 for an empty range. NaN when it holds what nobody asked for. */
  between({ from, to }: ByteRange): number {
    if (from >= to) return 0;
    return this.#sums[to === this.numBytes ? to + 1 : to]! - this.#sums[from]!;
  }
}

export interface ScoredTextOptions extends Pick<SurprisalOptions, 'signal' | 'rank' | 'turn'> {
  /** What will be asked of it; left out, everything. */
  readonly needed?: readonly ByteRange[];
}

/** @throws CancelledError */
export async function scoreText(
  { model, codec }: { readonly model: AutoregressiveModel; readonly codec: TextCodec },
  bytes: Uint8Array,
  options: ScoredTextOptions = {},
): Promise<ScoredText> {
  const { needed, rank: wantsRank = false, ...others } = options;
  const symbols = wholeText(codec, bytes);
  const starts = symbolStarts(codec, symbols);
  const surprisal = new Float32Array(symbols.length).fill(Number.NaN);
  const rank = new Int32Array(wantsRank ? symbols.length : 0);
  for (const { from, countFrom, to } of contextWindows(symbols.length, model.contextLength)) {
    const held = { from: starts[countFrom]!, to: starts[to]! };
    // The end symbol has no byte: who asks for the last byte asks for it.
    const ends = to === symbols.length;
    const wanted = (one: ByteRange) =>
      one.from < one.to && ((one.from < held.to && held.from < one.to) || (ends && one.to === bytes.length));
    if (needed && !needed.some(wanted)) continue;
    // No longer than the context, so that it is one window from its first symbol, as it is in the whole.
    const window = await surprisals(model, symbols.subarray(from, to), { ...others, rank: wantsRank });
    surprisal.set(window.surprisal.subarray(countFrom - from), countFrom);
    if (window.rank) rank.set(window.rank.subarray(countFrom - from), countFrom);
  }
  const byteBits = spread(bytes.length, starts, surprisal);
  return { symbols, starts, surprisal, byteBits, ...(wantsRank && { rank }) };
}

/** @throws Error when the codec is not lossless, which none is. */
function symbolStarts(codec: TextCodec, symbols: Int32Array): Int32Array {
  const starts = new Int32Array(symbols.length + 1);
  for (let i = 0; i < symbols.length; i++) starts[i + 1] = starts[i]! + codec.symbolBytes(symbols[i]!).length;
  return starts;
}

/** What nobody asked for is left at 0 in the sums, and told as NaN by none: a caller asks for what it needed. */
function spread(numBytes: number, starts: Int32Array, surprisal: Float32Array): ByteBits {
  const sums = new Float64Array(numBytes + 2);
  let sum = 0;
  for (let i = 0; i < surprisal.length; i++) {
    const [from, to] = [starts[i]!, starts[i + 1]!];
    const nats = surprisal[i]!;
    const bits = Number.isNaN(nats) ? 0 : nats / Math.LN2;
    for (let at = from + 1; at <= to; at++) sums[at] = sum + (bits * (at - from)) / (to - from);
    sum += bits;
    if (to === numBytes) sums[numBytes + 1] = sum;
  }
  return new ByteBits(numBytes, sums);
}
