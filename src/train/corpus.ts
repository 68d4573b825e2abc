// Documents as symbols, encoded once and kept in few large arrays: two bytes a symbol while the vocabulary has at most 65,536.
import { createHash } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import type { TextCodec } from '../codecs/text.ts';

export type SymbolArray = Uint16Array | Int32Array;

export interface CorpusDocument {
  /** Relative to the folder that was given, with '/'. */
  readonly path: string;
  /** Lower case, without the dot; '' when there is none. */
  readonly extension: string;
  /** What comes before the text when the path is told: codecs/layout.ts, `headerSymbols`, the start symbol included. */
  readonly header: SymbolArray;
  readonly symbols: SymbolArray;
}

export interface Corpus {
  readonly documents: readonly CorpusDocument[];
  readonly numSymbols: number;
}

/** 512 MB at two bytes a symbol; some 800 MB of source code with a vocabulary of 8192. */
export const defaultMaxSymbols = 256 * 1024 * 1024;

const chunkLength = 1 << 20;

export class SymbolStore {
  readonly #wide: boolean;
  readonly #maxSymbols: number;
  #chunk: SymbolArray;
  #used = 0;
  #total = 0;

  constructor(vocabularySize: number, maxSymbols = defaultMaxSymbols) {
    this.#wide = vocabularySize > 65536;
    this.#maxSymbols = maxSymbols;
    this.#chunk = this.#allocate(0);
  }

  get total(): number {
    return this.#total;
  }

  /** A compact copy of the symbols. @throws UserError when the store is full. */
  keep(symbols: Int32Array): SymbolArray {
    this.#total += symbols.length;
    if (this.#total > this.#maxSymbols) {
      throw new UserError(
        `the data holds more than ${this.#maxSymbols} symbols, the most that is kept in memory; give fewer files, or raise that bound`,
      );
    }
    if (this.#used + symbols.length > this.#chunk.length) {
      // The rest of the old chunk stays unused: at most one document's length per chunk.
      this.#chunk = this.#allocate(Math.max(chunkLength, symbols.length));
      this.#used = 0;
    }
    const kept = this.#chunk.subarray(this.#used, this.#used + symbols.length);
    kept.set(symbols);
    this.#used += symbols.length;
    return kept;
  }

  #allocate(length: number): SymbolArray {
    return this.#wide ? new Int32Array(length) : new Uint16Array(length);
  }
}

export function corpusOf(documents: readonly CorpusDocument[]): Corpus {
  return { documents, numSymbols: documents.reduce((sum, { symbols }) => sum + symbols.length, 0) };
}

/** Changes when any document or its order does: a resumed run is the same run only on the same corpus. */
export function fingerprintOf(corpus: Corpus): string {
  const hash = createHash('sha256');
  for (const { path, symbols } of corpus.documents) {
    hash.update(`${path}\0${symbols.length}\0`);
    hash.update(new Uint8Array(symbols.buffer, symbols.byteOffset, symbols.byteLength));
  }
  return hash.digest('hex').slice(0, 32);
}

/** By symbol: 1 when its bytes hold a line feed, so that the next symbol is on another line. */
export function lineEndings(codec: TextCodec): Uint8Array {
  return Uint8Array.from({ length: codec.vocabulary.size }, (_, symbol) =>
    Number(codec.symbolBytes(symbol).includes(10)),
  );
}

/** The first start of a line at or after `from`, up to `limit`; `from` itself when there is none. */
export function firstLineStart(symbols: SymbolArray, endsLine: Uint8Array, from: number, limit: number): number {
  if (from === 0) return 0;
  for (let i = from; i <= limit; i++) if (endsLine[symbols[i - 1]!]) return i;
  return from;
}

export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}
