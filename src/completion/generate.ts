// Greedy decoding through a sequence cache: heal what was typed, then go on until the stop rule, the model's end, the symbol
// limit or the deadline. The text grows by whole characters only, each symbol keeping its own probability. An alternative is
// made likewise behind an opening: symbols of which the last is another one than the likeliest.
import { TextDecoder } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { SymbolId } from '../base/model.ts';
import type { SymbolIndex } from '../codecs/layout.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Draw, greedy, likeliestOf } from '../engine/sampler.ts';
import type { SequenceCache } from '../engine/sequenceCache.ts';
import type { PlacedCopies } from './copySource.ts';
import { TypedConstraint } from './healing.ts';
import type { Prompt } from './prompt.ts';
import { type Extent, finishAt, stopAt } from './stopping.ts';

export interface GenerateOptions {
  readonly extent: Extent;
  readonly maxSymbols: number;
  /** What comes first, whatever is likeliest. */
  readonly opening?: Opening | undefined;
  /** How many other openings are looked for. */
  readonly maxOpenings: number;
  /** By the clock; work stops at the first symbol after it. */
  readonly deadlineAtMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Symbols after the prompt; with the last of them what was typed is there again. */
export type Opening = readonly Draw[];

const lineFeed = 0x0a;
/** One in a hundred. What a model says after a symbol that it never would have said may be sure, and means nothing. */
const minOpeningLogProb = Math.log(0.01);

/** One symbol, what it cost, and the text it begins at. */
export interface Piece extends Draw {
  readonly at: number;
}

export interface Generated {
  /** After the cursor: what was typed is not repeated. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly stoppedBy: 'stopRule' | 'model' | 'maxSymbols' | 'deadline';
  /**
   * How else it could have begun, the likeliest first: with other symbols that go beyond what was typed or end where it does,
   * up to where the text began. Where `item =` is likeliest after `item`, these are `item.` and `items`.
   */
  readonly openings: readonly Opening[];
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly reusedSymbols: number;
}

export interface Decoder {
  readonly codec: TextCodec;
  readonly index: SymbolIndex;
  readonly sequences: Pick<SequenceCache, 'run'>;
  /** Mixed in, at the place where the prompt ends. */
  readonly copies?: PlacedCopies | undefined;
}

/** Undefined when the deadline passed before the first symbol. @throws CancelledError */
export function generate(
  { codec, index, sequences, copies }: Decoder,
  prompt: Prompt,
  { extent, maxSymbols, opening = [], maxOpenings, deadlineAtMs, clock, signal }: GenerateOptions,
): Promise<Generated | undefined> {
  const inTime = () => clock.now() < deadlineAtMs;
  const beganAt = clock.now();
  // The cache holds the prompt since it was first asked, so that an alternative steps its own symbols only.
  const given = Int32Array.of(...prompt.symbols, ...opening.map(({ symbol }) => symbol));
  return sequences.run(given, { signal, proceed: inTime }, async (run): Promise<Generated> => {
    const prefilledAt = clock.now();
    copies?.begin();
    const constraint = new TypedConstraint(codec, index, prompt.typed);
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const pieces: Piece[] = [];
    const openings: Opening[] = [];
    /** Special symbols end a text, and so does what ends the line that is all of it. */
    const isLast = (symbol: SymbolId) => {
      const bytes = codec.symbolBytes(symbol);
      return bytes.length === 0 || (extent.kind === 'line' && bytes.includes(lineFeed));
    };
    let text = '';
    const end = (stoppedBy: Generated['stoppedBy'], length: number): Generated => ({
      text: text.slice(0, length),
      pieces,
      stoppedBy,
      openings: openings.sort((a, b) => sumOf(b) - sumOf(a)).slice(0, maxOpenings),
      prefillMs: prefilledAt - beganAt,
      decodeMs: clock.now() - prefilledAt,
      reusedSymbols: run.reusedSymbols,
    });

    for (let modelRow = run.logProbs; ; ) {
      const isOpening = pieces.length < opening.length;
      const row = copies === undefined || isOpening ? modelRow : copies.mix(modelRow).logProbs;
      const { symbol, logProb } = opening[pieces.length] ?? greedy(row, constraint.allowed);
      if (maxOpenings > 0 && text === '') {
        for (const other of likeliestOf(row, maxOpenings + 1, constraint.allowed)) {
          const candidate = [...pieces, other];
          const isMeant = other.symbol !== symbol && sumOf(candidate) >= minOpeningLogProb;
          if (isMeant && constraint.isMetBy(other.symbol)) openings.push(candidate);
        }
      }
      pieces.push({ at: text.length, symbol, logProb });
      copies?.push(symbol);
      const bytes = codec.symbolBytes(symbol);
      const made = bytes.length === 0 ? undefined : decode(decoder, bytes.subarray(constraint.accept(symbol)));
      // A special symbol ends the text; so does a byte that no text holds.
      if (made === undefined) return end('model', finishAt(text, extent, true));
      text += made;
      const stop = stopAt(text, extent);
      if (stop !== undefined) return end('stopRule', stop);
      if (pieces.length >= maxSymbols) return end('maxSymbols', finishAt(text, extent, false));
      if (!inTime()) return end('deadline', finishAt(text, extent, false));
      if (pieces.length > opening.length)
        modelRow = await run.step(symbol, { maxSymbols: maxSymbols - pieces.length - 1, isLast });
    }
  });
}

/** The characters that are whole now; undefined for bytes that are no UTF-8. */
function decode(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** ln p of the first `length` characters: the symbols that begin before it. */
export function logProbOf(pieces: readonly Piece[], length: number): { logProb: number; count: number } {
  const within = pieces.filter(({ at }) => at < length);
  return { logProb: sumOf(within), count: within.length };
}

function sumOf(parts: readonly { readonly logProb: number }[]): number {
  return parts.reduce((sum, { logProb }) => sum + logProb, 0);
}
