// Bytes of a file -> text. A byte order mark decides, as in an editor. Without one it is UTF-8; else UTF-16, where every other byte is
// nearly always zero; else Windows-1252, of which Latin-1 is a part, where nearly all is ASCII and the rest are letters of Western
// Europe: old sources with a name or two in them. Other legacy encodings are not guessed: a wrong guess teaches a model
// gibberish, a file too few costs little. What is none of these, or holds a NUL, is no text to us.

export interface DecodedText {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: TextEncoding;
}

export type TextEncoding = 'utf8' | 'utf8bom' | 'utf16le' | 'utf16be' | 'windows1252';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });

/** Undefined: not text. */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return decode('utf8bom', () => utf8.decode(bytes.subarray(3)));
  if (a === 0xff && b === 0xfe) return decode('utf16le', () => utf16.decode(bytes.subarray(2)));
  if (a === 0xfe && b === 0xff) return decode('utf16be', () => utf16.decode(swapPairs(bytes.subarray(2))));
  return (
    decode('utf8', () => utf8.decode(bytes)) ??
    (zerosLie('odd', bytes) ? decode('utf16le', () => utf16.decode(bytes)) : undefined) ??
    (zerosLie('even', bytes) ? decode('utf16be', () => utf16.decode(swapPairs(bytes))) : undefined) ??
    (isWestern(bytes) ? decode('windows1252', () => fromWestern(bytes)) : undefined)
  );
}

function decode(encoding: DecodedText['encoding'], read: () => string): DecodedText | undefined {
  try {
    const text = read();
    return text.includes('\0') ? undefined : { text, encoding };
  } catch {
    return undefined;
  }
}

/** Big endian to little endian; an odd byte at the end stays and fails to decode. */
function swapPairs(bytes: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  for (let i = 0; i + 1 < swapped.length; i += 2) {
    swapped[i] = bytes[i + 1]!;
    swapped[i + 1] = bytes[i]!;
  }
  return swapped;
}

const sampleBytes = 1 << 16;

/**
 * Of the bytes at odd or even places at least 70 % are zero, of the others at most 5 %: text in UTF-16 that is mostly Latin. East
 * Asian text without a mark is not recognized.
 */
function zerosLie(where: 'odd' | 'even', bytes: Uint8Array): boolean {
  if (bytes.length < 4 || bytes.length % 2 === 1) return false;
  const sample = bytes.subarray(0, sampleBytes);
  const zeros = [0, 0];
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i & 1]! += 1;
  const [here, elsewhere] = where === 'odd' ? [zeros[1]!, zeros[0]!] : [zeros[0]!, zeros[1]!];
  const half = sample.length / 2;
  return here >= 0.7 * half && elsewhere <= 0.05 * half;
}

const mostWesternShare = 0.1;

/** ASCII but for one byte in ten; letters, quotes, dashes and signs, each beside something that is ASCII. */
function isWestern(bytes: Uint8Array): boolean {
  let numHigh = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 0x80) {
      if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d) return false;
      continue;
    }
    numHigh += 1;
    if (!isWesternByte(byte)) return false;
    // Three in a row are Cyrillic or Chinese of another encoding, not a word of a Western language.
    if (i >= 2 && bytes[i - 1]! >= 0x80 && bytes[i - 2]! >= 0x80) return false;
  }
  return numHigh <= Math.max(1, bytes.length * mostWesternShare);
}

/** What Windows has where Latin-1 has control characters, as far as texts use it. Node's own decoder gives the latter (nodejs/node#56542). */
const windowsSigns: Readonly<Record<string, string>> = {
  '\x80': '€',
  '\x85': '…',
  '\x91': '‘',
  '\x92': '’',
  '\x93': '“',
  '\x94': '”',
  '\x95': '•',
  '\x96': '–',
  '\x97': '—',
};

/** The letters from À on, the signs from the no-break space on, and Windows' own. */
function isWesternByte(byte: number): boolean {
  return byte >= 0xa0 || Object.hasOwn(windowsSigns, String.fromCharCode(byte));
}

function fromWestern(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (sign) => windowsSigns[sign] ?? sign);
}
