// How documents and holes in documents become sequences, for the trainer and for completion alike.
//   document:  start, [file, path, '\n',] text..., [end]
//   infill:    start, [file, path, '\n',] suffix, S..., prefix, P..., middle, [M..., end]
// Suffix first: what is typed then extends the sequence at its end, and the model's state for the rest stays valid. Holes are
// cut at symbol boundaries; at the cursor the last typed symbol is dropped and made again under the constraint that it
// begins with what was typed (`SymbolIndex`), because the typed text may end inside what training saw as one symbol.
import type { SymbolId } from '../base/model.ts';
import type { TextCodec } from './text.ts';

export interface DocumentParts {
  /** Relative, with forward slashes; left out where the codec has no `file` symbol. */
  readonly path?: string | undefined;
  readonly text: Int32Array;
  /** Whether the text ends here, or goes on. */
  readonly ended: boolean;
}

export interface InfillParts {
  readonly path?: string | undefined;
  readonly prefix: Int32Array;
  readonly suffix: Int32Array;
  /** Present when training: what belongs into the hole. Absent when it is to be made. */
  readonly middle?: Int32Array | undefined;
}

/** Whether the codec has the symbols that `infillSymbols` needs. */
export function canInfill({ specials }: TextCodec): boolean {
  return specials.prefix !== undefined && specials.suffix !== undefined && specials.middle !== undefined;
}

export function documentSymbols(codec: TextCodec, { path, text, ended }: DocumentParts): Int32Array {
  return concatenate([headerSymbols(codec, path), text, ended ? [codec.specials.end] : []]);
}

/** @throws RangeError when the codec cannot: ask `canInfill` first. */
export function infillSymbols(codec: TextCodec, { path, prefix, suffix, middle }: InfillParts): Int32Array {
  const { specials } = codec;
  if (specials.prefix === undefined || specials.suffix === undefined || specials.middle === undefined) {
    throw new RangeError(`infillSymbols: expected a codec with prefix, suffix and middle symbols, got ${codec.kind}`);
  }
  return concatenate([
    headerSymbols(codec, path),
    [specials.suffix],
    suffix,
    [specials.prefix],
    prefix,
    [specials.middle],
    ...(middle === undefined ? [] : [middle, [specials.end]]),
  ]);
}

/** start, and the path where there is one: what comes before any text. */
export function headerSymbols(codec: TextCodec, path: string | undefined): Int32Array {
  const { start, file } = codec.specials;
  if (path === undefined || file === undefined) return Int32Array.of(start);
  return concatenate([[start, file], codec.encodeText(`${path}\n`)]);
}

/** Finds symbols by their bytes: a sorted array, since a vocabulary is small and never changes. */
export class SymbolIndex {
  readonly #symbols: SymbolId[];
  readonly #codec: TextCodec;

  constructor(codec: TextCodec) {
    this.#codec = codec;
    const all = Array.from({ length: codec.vocabulary.size }, (_, symbol) => symbol);
    this.#symbols = all
      .filter((symbol) => codec.symbolBytes(symbol).length > 0)
      .sort((a, b) => Buffer.compare(codec.symbolBytes(a), codec.symbolBytes(b)) || a - b);
  }

  /** The symbols whose bytes begin with `prefix`, the symbol that is the prefix itself included; all for the empty prefix. */
  startingWith(prefix: Uint8Array): Int32Array {
    const begin = this.#firstNotBefore((bytes) => Buffer.compare(bytes.subarray(0, prefix.length), prefix) < 0);
    const end = this.#firstNotBefore((bytes) => Buffer.compare(bytes.subarray(0, prefix.length), prefix) <= 0);
    return Int32Array.from(this.#symbols.slice(begin, end));
  }

  /** The symbols that `bytes` begin with and go beyond: with these, only a part of a constraint is met. Shortest first. */
  properPrefixesOf(bytes: Uint8Array): Int32Array {
    const found: SymbolId[] = [];
    for (let length = 1; length < bytes.length; length++) {
      const prefix = bytes.subarray(0, length);
      for (let i = this.#firstNotBefore((other) => Buffer.compare(other, prefix) < 0); i < this.#symbols.length; i++) {
        const symbol = this.#symbols[i]!;
        if (Buffer.compare(this.#codec.symbolBytes(symbol), prefix) !== 0) break;
        found.push(symbol);
      }
    }
    return Int32Array.from(found);
  }

  #firstNotBefore(isBefore: (bytes: Uint8Array) => boolean): number {
    let low = 0;
    let high = this.#symbols.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#codec.symbolBytes(this.#symbols[middle]!))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function concatenate(parts: readonly (readonly number[] | Int32Array)[]): Int32Array {
  const whole = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
