// Bits of a text by its bytes, so that any part of it has its exact share: a symbol's bits are spread evenly over the bytes that it stands
// for, and the end symbol, which stands for none, belongs to whatever part holds the last byte. Where only parts are asked for, only the
// windows of the long-text rule that predict them are computed.
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type ContextWindow, contextWindows } from '../engine/contextWindow.ts';
import { type SurprisalOptions, surprisalPieces, wholeText } from './bits.ts';

/** Of bytes, the end excluded. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface ScoredText {
  /** Without the start symbol, the end symbol last. */
  readonly symbols: Int32Array; // [symbols]
  /** Of the bytes: symbol i stands for those from starts[i] to starts[i + 1]. */
  readonly starts: Int32Array; // [symbols + 1]
  /** Nats; NaN where it was not needed. */
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

  /** 0 for an empty range. To be asked for what was needed alone; the rest counts as nothing. */
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
  const { needed, ...others } = options;
  const symbols = wholeText(codec, bytes);
  const starts = symbolStarts(codec, symbols);
  const surprisal = new Float32Array(symbols.length).fill(Number.NaN);
  const rank = options.rank ? new Int32Array(symbols.length) : undefined;
  const wanted = needed ? new WantedSymbols(starts, bytes.length, needed) : undefined;
  // What comes after the last one that is wanted changes nothing before it.
  const read = symbols.subarray(0, wanted?.end ?? symbols.length);
  const windows = [...contextWindows(read.length, model.contextLength)].filter((one) => wanted?.within(one) ?? true);
  for await (const piece of surprisalPieces(model, read, { ...others, windows })) {
    surprisal.set(piece.surprisal, piece.first);
    if (piece.rank) rank?.set(piece.rank, piece.first);
  }
  const byteBits = spread(bytes.length, starts, surprisal);
  return { symbols, starts, surprisal, byteBits, ...(rank && { rank }) };
}

/** Which symbols hold bytes of some ranges; the end symbol is held by whatever holds the last byte. */
class WantedSymbols {
  readonly #wanted: Uint8Array; // [symbols]
  /** After the last of them. */
  readonly end: number;

  constructor(starts: Int32Array, numBytes: number, ranges: readonly ByteRange[]) {
    const numSymbols = starts.length - 1;
    const bytes = new Uint8Array(numBytes);
    for (const { from, to } of ranges) bytes.fill(1, from, to);
    this.#wanted = Uint8Array.from({ length: numSymbols }, (_, i) => {
      const [from, to] = i === numSymbols - 1 ? [Math.max(0, numBytes - 1), numBytes] : [starts[i]!, starts[i + 1]!];
      return bytes.subarray(from, to).includes(1) ? 1 : 0;
    });
    this.end = this.#wanted.lastIndexOf(1) + 1;
  }

  within({ countFrom, to }: ContextWindow): boolean {
    return this.#wanted.subarray(countFrom, to).includes(1);
  }
}

/** @throws Error when the codec is not lossless, which none is. */
function symbolStarts(codec: TextCodec, symbols: Int32Array): Int32Array {
  const starts = new Int32Array(symbols.length + 1);
  for (let i = 0; i < symbols.length; i++) starts[i + 1] = starts[i]! + codec.symbolBytes(symbols[i]!).length;
  return starts;
}

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
