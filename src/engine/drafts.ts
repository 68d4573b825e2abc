// The guesses of a run: what is tried behind the next symbol, and the rows that this brought, each good until a symbol differs.
import type { SymbolId } from '../base/model.ts';
import { PromptLookup } from './promptLookup.ts';
import type { Speculation } from './speculation.ts';

/** How far it is worth looking beyond the symbol that is stepped. */
export interface DraftLimits {
  /** That the caller may step after it. */
  readonly maxSymbols: number;
  /** Whether the caller would end with a symbol: what comes after it need not be known. */
  readonly isLast: (symbol: SymbolId) => boolean;
}

interface Verified {
  readonly symbol: SymbolId;
  /** After it. */
  readonly row: Float32Array; // [vocab]
}

export class Drafts {
  readonly #speculation: Speculation;
  readonly #lookup = new PromptLookup();
  #verified: Verified[] = [];

  constructor(speculation: Speculation) {
    this.#speculation = speculation;
  }

  /** Another run; `symbols` is what there is so far. */
  begin(symbols: ArrayLike<SymbolId>): void {
    this.#lookup.clear();
    this.#lookup.append(symbols);
    this.#verified = [];
  }

  /** Takes note of a symbol; the row after it where a draft has brought it. */
  take(symbol: SymbolId): Float32Array | undefined {
    const { guess, matchLength } = this.#lookup;
    if (guess !== undefined) this.#speculation.learnGuess(matchLength, guess === symbol);
    this.#lookup.append([symbol]);
    const next = this.#verified.shift();
    if (next?.symbol === symbol) return next.row;
    this.#verified = [];
    return undefined;
  }

  /** What is worth trying behind the symbols so far; often nothing. */
  propose({ maxSymbols, isLast }: DraftLimits): Int32Array {
    const { matchLength } = this.#lookup;
    const draft = this.#lookup.draft(this.#speculation.draftLength(matchLength, maxSymbols));
    const end = draft.findIndex(isLast);
    return end < 0 ? draft : draft.subarray(0, this.#speculation.draftLength(matchLength, end));
  }

  /** `rows[i]` is the distribution after `draft[i]`, should it come to that. */
  keep(draft: Int32Array, rows: readonly Float32Array[]): void {
    this.#verified = Array.from(draft, (symbol, i) => ({ symbol, row: rows[i]! }));
  }
}
