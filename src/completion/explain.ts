// Why a suggestion is what it is: each of its symbols with its probability, its rank and what else could have come, computed anew after the
// very prompt that it was made from. Symbols that make again what was typed (healing.ts) had to begin with it: their probabilities and
// ranks are among the symbols that do. Behind what is shown follow the symbols that ended it.
import { TextDecoder } from 'node:util';
import type { SymbolId } from '../base/model.ts';
import type { SymbolIndex } from '../codecs/layout.ts';
import { type SpecialRole, type TextCodec, utf8 } from '../codecs/text.ts';
import { type Draw, likeliestOf } from '../engine/sampler.ts';
import type { SequenceCache } from '../engine/sequenceCache.ts';
import type { Mixed, PlacedCopies } from './copySource.ts';
import { TypedConstraint } from './healing.ts';
import type { Prompt } from './prompt.ts';

/** What a symbol says: text; bytes that are no whole characters, as `E6 97`; or, of a special one, its name. */
export interface SymbolText {
  readonly kind: 'text' | 'bytes' | 'special';
  readonly text: string;
}

export interface Alternative extends SymbolText {
  readonly logProb: number;
}

export interface ExplainedSymbol extends SymbolText {
  /** Belongs to what is shown; those behind it ended the suggestion. */
  readonly isShown: boolean;
  /** The characters of its text that were typed already, the first ones; for bytes and special symbols 0. */
  readonly numTyped: number;
  /** How many symbols could have come: all, or those that begin with what was typed. */
  readonly numPossible: number;
  /** In nats, among those. */
  readonly logProb: number;
  /** How much of its probability is from where it stood before in the text (copyMixture.ts), from 0 to 1. */
  readonly copiedShare: number;
  /** 1 is the likeliest. */
  readonly rank: number;
  /** The likeliest first, the symbol itself among them where it belongs. */
  readonly alternatives: Alternative[];
}

export interface Explanation {
  readonly kind: 'explanation';
  /** Of the prompt; what was typed of a symbol and is made again is not in it. */
  readonly numPromptSymbols: number;
  readonly layout: Prompt['layout'];
  /** What was typed and is made again. */
  readonly typed: string;
  readonly symbols: ExplainedSymbol[];
  /** ln p of the symbols that are shown. */
  readonly logProbNats: number;
}

export interface ExplainedParts {
  readonly codec: TextCodec;
  readonly index: SymbolIndex;
  readonly sequences: Pick<SequenceCache, 'run'>;
  /** What was mixed in, where anything was. */
  readonly copies?: PlacedCopies | undefined;
}

export interface ExplainWish {
  readonly prompt: Prompt;
  /** As they were decoded; left out, the codec's own cut of the text is taken. */
  readonly symbols?: readonly SymbolId[] | undefined;
  /** With line feeds, as the model wrote it. */
  readonly shown: string;
  readonly signal?: AbortSignal | undefined;
}

export const mostAlternatives = 10;
const mostExplained = 1024;

/** @throws CancelledError; what was computed until then is kept. */
export async function explain(
  { codec, index, sequences, copies }: ExplainedParts,
  { prompt, symbols, shown, signal }: ExplainWish,
): Promise<Explanation | undefined> {
  const given = symbols ?? codec.encode(joined(prompt.typed, utf8(shown)));
  return sequences.run(prompt.symbols, { signal }, async (run): Promise<Explanation> => {
    const constraint = new TypedConstraint(codec, index, prompt.typed);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const explained: ExplainedSymbol[] = [];
    const mixed = (logProbs: Float32Array): Mixed => copies?.mix(logProbs) ?? { logProbs, copiedShare: () => 0 };
    copies?.begin();
    let length = 0;
    let row = mixed(run.logProbs);
    for (const symbol of given.slice(0, mostExplained)) {
      const { allowed } = constraint;
      const numTyped = constraint.accept(symbol);
      explained.push(explainedOf(codec, row, { symbol, allowed, numTyped, isShown: length < shown.length }));
      const bytes = codec.symbolBytes(symbol);
      if (bytes.length === 0) break;
      length += decoder.decode(bytes.subarray(numTyped), { stream: true }).length;
      copies?.push(symbol);
      row = mixed(await run.step(symbol));
    }
    // It ended for want of time or room: this would have come next.
    if (explained.every(({ isShown }) => isShown)) {
      const [next] = likeliestOf(row.logProbs, 1, constraint.allowed);
      if (next) {
        const { symbol } = next;
        explained.push(explainedOf(codec, row, { symbol, allowed: constraint.allowed, numTyped: 0, isShown: false }));
      }
    }
    return {
      kind: 'explanation',
      numPromptSymbols: prompt.symbols.length,
      layout: prompt.layout,
      typed: codec.decodeText(codec.encode(prompt.typed)),
      symbols: explained,
      logProbNats: explained.reduce((sum, { isShown, logProb }) => (isShown ? sum + logProb : sum), 0),
    };
  });
}

interface Occurrence {
  readonly symbol: SymbolId;
  readonly allowed: Int32Array | undefined;
  /** In bytes. */
  readonly numTyped: number;
  readonly isShown: boolean;
}

function explainedOf(codec: TextCodec, mixed: Mixed, occurrence: Occurrence): ExplainedSymbol {
  const { symbol, allowed, numTyped, isShown } = occurrence;
  const { logProbs: row } = mixed;
  const likeliest = likeliestOf(row, mostAlternatives, allowed);
  const [best] = likeliest;
  if (best === undefined) throw new Error('explain: expected a symbol that may come, got none');
  // What all lose by being among those that are allowed.
  const normalizer = row[best.symbol]! - best.logProb;
  let rank = 1;
  for (let i = 0; i < (allowed?.length ?? row.length); i++) {
    if (row[allowed === undefined ? i : allowed[i]!]! > row[symbol]!) rank += 1;
  }
  const said = symbolText(codec, symbol);
  const typed = new TextDecoder('utf-8', { ignoreBOM: true }).decode(codec.symbolBytes(symbol).subarray(0, numTyped));
  return {
    ...said,
    isShown,
    numTyped: said.kind === 'text' ? Math.min(typed.length, said.text.length) : 0,
    numPossible: allowed?.length ?? row.length,
    logProb: row[symbol]! - normalizer,
    copiedShare: mixed.copiedShare(symbol),
    rank,
    alternatives: likeliest
      .filter(isPossible)
      .map((one) => ({ ...symbolText(codec, one.symbol), logProb: one.logProb })),
  };
}

function isPossible({ logProb }: Draw): boolean {
  return logProb > Number.NEGATIVE_INFINITY;
}

/** The least that a reader needs to know one symbol from another. */
export function symbolText(codec: TextCodec, symbol: SymbolId): SymbolText {
  const bytes = codec.symbolBytes(symbol);
  if (bytes.length === 0) return { kind: 'special', text: specialName(codec, symbol) };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const hexadecimal = Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
    return { kind: 'bytes', text: hexadecimal.join(' ') };
  }
}

function specialName({ specials }: TextCodec, symbol: SymbolId): string {
  const found = Object.entries(specials).find(([, one]) => one === symbol);
  return (found?.[0] as SpecialRole | undefined) ?? `symbol ${symbol}`;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
