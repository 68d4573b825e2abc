// The codec without a vocabulary to learn: one symbol per byte, then the special symbols.
//   0..255 bytes | 256 start | 257 end | 258 file | 259 prefix | 260 suffix | 261 middle
import { checkSymbol, fromUtf8, joinSymbols, type TextCodec, utf8 } from './text.ts';

const size = 262;
const specials = { start: 256, end: 257, file: 258, prefix: 259, suffix: 260, middle: 261 } as const;
const nothing = new Uint8Array(0);
const singles = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

export function bytesCodec(): TextCodec {
  const symbolBytes = (symbol: number): Uint8Array => {
    checkSymbol('bytesCodec', symbol, size);
    return singles[symbol] ?? nothing;
  };
  const decode = (symbols: Int32Array) => joinSymbols(symbols, symbolBytes);
  return {
    kind: 'bytes',
    vocabulary: { size, start: specials.start, end: specials.end },
    lossless: true,
    specials,
    symbolBytes,
    encode: (bytes) => Int32Array.from(bytes),
    decode,
    encodeText: (text) => Int32Array.from(utf8(text)),
    decodeText: (symbols) => fromUtf8(decode(symbols)),
  };
}
