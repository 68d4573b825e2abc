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

const noDraft = new Int32Array(0);
const noRows = new Float32Array(0);

export class Drafts {
  readonly #speculation: Speculation;
  readonly #lookup = new PromptLookup();
  #draft: Int32Array = noDraft;
  /** After each symbol of the draft, should it come to that. */
  #rows: Float32Array = noRows; // [draft, vocab]
  #numTaken = 0;

  constructor(speculation: Speculation) {
    this.#speculation = speculation;
  }

  /** Another run; `symbols` is what there is so far. */
  begin(symbols: ArrayLike<SymbolId>): void {
    this.#speculation.begin();
    this.#lookup.clear();
    this.#lookup.append(symbols);
    this.end();
  }

  /** Lets go of what nobody took. */
  end(): void {
    this.keep(noDraft, noRows);
  }

  /** Takes note of a symbol; the row after it where a draft has brought it. */
  take(symbol: SymbolId): Float32Array | undefined {
    const { guess, matchLength } = this.#lookup;
    if (guess !== undefined) this.#speculation.learnGuess(matchLength, guess === symbol);
    this.#lookup.append([symbol]);
    const taken = this.#numTaken;
    if (this.#draft[taken] !== symbol) {
      this.end();
      return undefined;
    }
    this.#numTaken += 1;
    const vocab = this.#rows.length / this.#draft.length;
    return this.#rows.subarray(taken * vocab, (taken + 1) * vocab);
  }

  /** What is worth trying behind the symbols so far; often nothing. */
  propose({ maxSymbols, isLast }: DraftLimits): Int32Array {
    const { matchLength } = this.#lookup;
    const draft = this.#lookup.draft(this.#speculation.draftLength(matchLength, maxSymbols));
    const end = draft.findIndex(isLast);
    return end < 0 ? draft : draft.subarray(0, this.#speculation.draftLength(matchLength, end));
  }

  /** The draft was tried; `rows` are the distributions after each of its symbols. */
  keep(draft: Int32Array, rows: Float32Array): void {
    this.#draft = draft;
    this.#rows = rows;
    this.#numTaken = 0;
  }
}
