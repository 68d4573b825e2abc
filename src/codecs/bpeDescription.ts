// What a byte-level BPE is, as data: made by the trainer, held by tokenizer.json, executed by the codec.
import type { SymbolId } from '../base/model.ts';
import type { TextSpecials } from './text.ts';

export interface BpeDescription {
  /** One regular expression, flag u, that cuts text into pretokens; merges never cross a cut. */
  readonly pattern: string;
  /** The text of each symbol, by number: bytes in the byte-level alphabet, or the name of a special symbol. */
  readonly tokens: readonly string[];
  /** Pairs that join, the most urgent first; the result is the symbol whose text is the two joined. */
  readonly merges: readonly (readonly [left: SymbolId, right: SymbolId])[];
  /** Symbols that no text spells: name -> number. */
  readonly specials: Readonly<Record<string, SymbolId>>;
  /** Which of them play which part. */
  readonly roles: TextSpecials;
  /** A pretoken that is a token as a whole is that token, whatever the merges would make of it (Llama 3). */
  readonly ignoreMerges?: boolean;
}
