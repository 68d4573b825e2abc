// How a text would go on from a place: the likeliest symbols, one by one, to the end of the line.
import type { AutoregressiveModel, SymbolId } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { LongSequence } from '../engine/longSequence.ts';
import { greedy } from '../engine/sampler.ts';

export interface ContinuationOptions {
  readonly maxSymbols: number;
  readonly signal?: AbortSignal | undefined;
  /** Awaited between two runs, in place of a turn of the event loop. */
  readonly turn?: (() => Promise<void>) | undefined;
}

export interface Continuation {
  /** A special symbol that ended it is the last of them; a character that is not all there is left out. */
  readonly symbols: Int32Array;
  readonly text: string;
  /** Of each symbol given those before it, in nats. */
  readonly logProbs: Float32Array;
}

/** After `symbols`; it ends with the symbol that has a line end in it, or with one that no text spells. @throws CancelledError */
export async function continuation(
  { model, codec }: { readonly model: AutoregressiveModel; readonly codec: TextCodec },
  symbols: Int32Array,
  { maxSymbols, signal, turn }: ContinuationOptions,
): Promise<Continuation> {
  const sequence = new LongSequence(model, { ...(turn && { turn }) });
  const found: SymbolId[] = [];
  const logProbs: number[] = [];
  try {
    let next = symbols;
    while (found.length < maxSymbols) {
      const { symbol, logProb } = greedy(await sequence.append(next, signal));
      found.push(symbol);
      logProbs.push(logProb);
      if (endsLine(codec.symbolBytes(symbol))) break;
      next = Int32Array.of(symbol);
    }
  } finally {
    sequence.dispose();
  }
  const complete = found.length - unfinished(found, codec);
  const all = Int32Array.from(found.slice(0, complete));
  return { symbols: all, text: codec.decodeText(all), logProbs: Float32Array.from(logProbs.slice(0, complete)) };
}

/** How many symbols at the end begin a character that is not all there: none of them is of use to a text. */
function unfinished(symbols: readonly SymbolId[], codec: TextCodec): number {
  const tail: number[] = []; // The last bytes, four at most.
  for (let i = symbols.length - 1; i >= 0 && tail.length < 4; i--) {
    const bytes = codec.symbolBytes(symbols[i]!);
    for (let k = bytes.length - 1; k >= 0 && tail.length < 4; k--) {
      tail.unshift(bytes[k]!);
      // A lead byte: of the characters that it begins, is this the end?
      if (bytes[k]! >= 0xc2) return tail.length < characterLength(bytes[k]!) ? symbols.length - i : 0;
      if (bytes[k]! < 0x80) return 0;
    }
  }
  return 0;
}

/** By its first byte. */
function characterLength(lead: number): number {
  if (lead > 0xf4) return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/** Special symbols have no bytes. */
function endsLine(bytes: Uint8Array): boolean {
  return bytes.length === 0 || bytes.includes(0x0a) || bytes.includes(0x0d);
}
