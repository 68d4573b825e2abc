// Greedy decoding through a sequence cache: heal what was typed, then go on until the stop rule, the model's end, the symbol
// limit or the deadline. The text grows by whole characters only, each symbol keeping its own probability.
import { TextDecoder } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { SymbolIndex } from '../codecs/layout.ts';
import type { TextCodec } from '../codecs/text.ts';
import { greedy } from '../engine/sampler.ts';
import type { SequenceCache } from '../engine/sequenceCache.ts';
import { TypedConstraint } from './healing.ts';
import type { Prompt } from './prompt.ts';
import { type Extent, finishAt, stopAt } from './stopping.ts';

export interface GenerateOptions {
  readonly extent: Extent;
  readonly maxSymbols: number;
  /** By the clock; work stops at the first symbol after it. */
  readonly deadlineAtMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** One symbol: the text it begins at and what it cost. */
export interface Piece {
  readonly at: number;
  readonly logProb: number;
}

export interface Generated {
  /** After the cursor: what was typed is not repeated. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly stoppedBy: 'stopRule' | 'model' | 'maxSymbols' | 'deadline';
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly reusedSymbols: number;
}

export interface Decoder {
  readonly codec: TextCodec;
  readonly index: SymbolIndex;
  readonly sequences: SequenceCache;
}

/** Undefined when the deadline passed before the first symbol. @throws CancelledError */
export function generate(
  { codec, index, sequences }: Decoder,
  prompt: Prompt,
  { extent, maxSymbols, deadlineAtMs, clock, signal }: GenerateOptions,
): Promise<Generated | undefined> {
  const inTime = () => clock.now() < deadlineAtMs;
  const beganAt = clock.now();
  return sequences.run(prompt.symbols, { signal, proceed: inTime }, async (run): Promise<Generated> => {
    const prefilledAt = clock.now();
    const constraint = new TypedConstraint(codec, index, prompt.typed);
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const pieces: Piece[] = [];
    let text = '';
    const end = (stoppedBy: Generated['stoppedBy'], length: number): Generated => ({
      text: text.slice(0, length),
      pieces,
      stoppedBy,
      prefillMs: prefilledAt - beganAt,
      decodeMs: clock.now() - prefilledAt,
      reusedSymbols: run.reusedSymbols,
    });

    for (let row = run.logProbs; ; ) {
      const { symbol, logProb } = greedy(row, constraint.allowed);
      pieces.push({ at: text.length, logProb });
      const bytes = codec.symbolBytes(symbol);
      const made = bytes.length === 0 ? undefined : decode(decoder, bytes.subarray(constraint.accept(symbol)));
      // A special symbol ends the text; so does a byte that no text holds.
      if (made === undefined) return end('model', finishAt(text, extent, true));
      text += made;
      const stop = stopAt(text, extent);
      if (stop !== undefined) return end('stopRule', stop);
      if (pieces.length >= maxSymbols) return end('maxSymbols', finishAt(text, extent, false));
      if (!inTime()) return end('deadline', finishAt(text, extent, false));
      row = await run.step(symbol);
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
export function logProbOf(pieces: readonly Piece[], from: number, length: number): { logProb: number; count: number } {
  const within = pieces.filter(({ at }) => at >= from && at < length);
  return { logProb: within.reduce((sum, piece) => sum + piece.logProb, 0), count: within.length };
}
