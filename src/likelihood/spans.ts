// Where the symbols of a text lie in it, as an editor counts: in UTF-16 units.
import { type TextCodec, utf8 } from '../codecs/text.ts';
import { wholeText } from './bits.ts';

export interface SymbolSpans {
  /** Of the whole text, the end symbol among them. */
  readonly symbols: Int32Array;
  /**
   * One more than symbols: symbol i is text.slice(starts[i], starts[i + 1]). One that is a part of a character begins where the character does,
   * so that the first part of it is empty and the last has it all.
   */
  readonly starts: Int32Array; // [symbols + 1]
}

/** A lone surrogate is what it is saved as: U+FFFD, one unit, three bytes. */
export function symbolSpans(codec: TextCodec, text: string): SymbolSpans {
  const symbols = wholeText(codec, utf8(text));
  const starts = new Int32Array(symbols.length + 1);
  let byte = 0; // Where the symbol begins.
  let unit = 0; // Where the character begins that holds this byte, ...
  let unitByte = 0; // ... and that character's first byte.
  for (let i = 0; i < symbols.length; i++) {
    while (unit < text.length) {
      const code = text.codePointAt(unit)!;
      const next = unitByte + utf8Length(code);
      if (next > byte) break;
      unitByte = next;
      unit += code > 0xffff ? 2 : 1;
    }
    starts[i] = unit;
    byte += codec.symbolBytes(symbols[i]!).length;
  }
  starts[symbols.length] = text.length;
  return { symbols, starts };
}

function utf8Length(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code > 0xffff ? 4 : 3;
}
