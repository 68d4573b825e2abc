// What every text codec is: a lossless map between bytes and symbols. It works on bytes, so that no file is beyond it;
// strings go in and out as UTF-8, a lone surrogate as U+FFFD, the way an editor saves it.
import type { Codec, SymbolId } from '../base/model.ts';

/** Symbols that no text spells. An absent one is one that the codec does not have. */
export interface TextSpecials {
  readonly start: SymbolId;
  readonly end: SymbolId;
  readonly file?: SymbolId;
  readonly prefix?: SymbolId;
  readonly suffix?: SymbolId;
  readonly middle?: SymbolId;
}

export type SpecialRole = keyof TextSpecials;

/** The written form of each special symbol, used in tokenizer.json and nowhere else. */
export const specialNames: Readonly<Record<SpecialRole, string>> = {
  start: '<|start|>',
  end: '<|end|>',
  file: '<|file|>',
  prefix: '<|prefix|>',
  suffix: '<|suffix|>',
  middle: '<|middle|>',
};

export interface TextCodec extends Codec<Uint8Array> {
  readonly kind: 'bytes' | 'characters' | 'bpe';
  readonly specials: TextSpecials;
  encodeText(text: string): Int32Array;
  /** Special symbols are left out; bytes that are no UTF-8 become U+FFFD. */
  decodeText(symbols: Int32Array): string;
  /** The bytes a symbol stands for; empty for special symbols. Not to be written to. */
  symbolBytes(symbol: SymbolId): Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Invalid bytes become U+FFFD; a byte order mark is kept. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Joins the bytes of symbols. */
export function joinSymbols(symbols: Int32Array, symbolBytes: (symbol: SymbolId) => Uint8Array): Uint8Array {
  let length = 0;
  for (const symbol of symbols) length += symbolBytes(symbol).length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const symbol of symbols) {
    const part = symbolBytes(symbol);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @throws RangeError: symbols come from models and codecs, so a wrong one is a bug. */
export function checkSymbol(caller: string, symbol: SymbolId, size: number): void {
  if (!(Number.isInteger(symbol) && symbol >= 0 && symbol < size)) {
    throw new RangeError(`${caller}: expected a symbol from 0 to ${size - 1}, got ${symbol}`);
  }
}
