// One symbol per character of an alphabet chosen from the training text; any other character falls back to the bytes of its
// UTF-8, so nothing is lost. A character is a Unicode code point.
//   0..5 special | 6..261 the bytes | 262.. the alphabet
import type { SymbolId } from '../base/model.ts';
import { checkSymbol, fromUtf8, joinSymbols, type TextCodec, utf8 } from './text.ts';
import { cutUtf8 } from './utf8.ts';

const specials = { start: 0, end: 1, file: 2, prefix: 3, suffix: 4, middle: 5 } as const;
const firstByte = 6;
const firstCharacter = firstByte + 256;

export interface CharactersCodec extends TextCodec {
  readonly kind: 'characters';
  readonly alphabet: readonly string[];
}

const numCodePoints = 0x110000;

/** Counts the characters of texts that need not be there at the same time; 4 MB, whatever the texts. */
export class CharacterCounter {
  readonly #counts = new Uint32Array(numCodePoints);

  add(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i)!;
      this.#counts[code]! += 1;
      if (code > 0xffff) i += 1;
    }
  }

  /** Of a code point. */
  count(code: number): number {
    return this.#counts[code] ?? 0;
  }

  /** The code points that were seen and that UTF-8 can hold: no lone surrogates. */
  seen(): number[] {
    const found: number[] = [];
    for (let code = 0; code < numCodePoints; code++) {
      if (this.#counts[code] !== 0 && !isSurrogate(code)) found.push(code);
    }
    return found;
  }

  /** The most frequent of those that came often enough, the smaller code point first among equals. */
  alphabet({ maxSize, minCount = 1, from = 0 }: AlphabetBounds): string[] {
    return this.seen()
      .filter((code) => code >= from && this.count(code) >= minCount)
      .sort((a, b) => this.count(b) - this.count(a) || a - b)
      .slice(0, maxSize)
      .map((code) => String.fromCodePoint(code));
  }
}

export interface AlphabetBounds {
  readonly maxSize: number;
  readonly minCount?: number;
  /** The smallest code point. */
  readonly from?: number;
}

/** @throws RangeError when the alphabet has a member twice, or one that is not a single code point. */
export function charactersCodec(alphabet: readonly string[]): CharactersCodec {
  const numbers = new Map(alphabet.map((character, i) => [character, firstCharacter + i]));
  const wrong = alphabet.find((character) => !isCharacter(character));
  if (wrong !== undefined || numbers.size !== alphabet.length) {
    const got = wrong === undefined ? 'one twice' : JSON.stringify(wrong);
    throw new RangeError(`charactersCodec: expected an alphabet of different single characters, got ${got}`);
  }
  const size = firstCharacter + alphabet.length;
  const bytesOf = [
    ...Array.from({ length: firstByte }, () => new Uint8Array(0)),
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...alphabet.map(utf8),
  ];
  const symbolBytes = (symbol: SymbolId) => {
    checkSymbol('charactersCodec', symbol, size);
    return bytesOf[symbol]!;
  };
  const decode = (symbols: Int32Array) => joinSymbols(symbols, symbolBytes);

  const encodeInto = (text: string, out: Int32Array, begin: number): number => {
    let at = begin;
    for (const character of text) {
      const number = numbers.get(character);
      if (number !== undefined) out[at++] = number;
      else if (character < '\x80') out[at++] = firstByte + character.charCodeAt(0);
      else for (const byte of utf8(character)) out[at++] = firstByte + byte;
    }
    return at;
  };
  return {
    kind: 'characters',
    alphabet,
    vocabulary: { size, start: specials.start, end: specials.end },
    lossless: true,
    specials,
    symbolBytes,
    decode,
    decodeText: (symbols) => fromUtf8(decode(symbols)),
    encodeText: (text) => {
      const out = new Int32Array(3 * text.length); // No UTF-16 unit needs more than three bytes.
      return out.slice(0, encodeInto(text, out, 0));
    },
    encode: (bytes) => {
      const out = new Int32Array(bytes.length);
      let at = 0;
      cutUtf8(
        bytes,
        (run) => {
          at = encodeInto(run, out, at);
        },
        (byte) => {
          out[at++] = firstByte + byte;
        },
      );
      return out.slice(0, at);
    },
  };
}

/** One code point that UTF-8 can hold: no lone surrogate. */
function isCharacter(text: string): boolean {
  const code = text.codePointAt(0);
  return code !== undefined && String.fromCodePoint(code) === text && !isSurrogate(code);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
