// Bytes of a file -> text, by the rules an editor opens files with: a byte order mark decides, without one it is UTF-8. What is
// neither, or holds a NUL, is no text to us; legacy encodings are not guessed.

export interface DecodedText {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: 'utf8' | 'utf8bom' | 'utf16le' | 'utf16be';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });

/** Undefined: not text. */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return decode('utf8bom', () => utf8.decode(bytes.subarray(3)));
  if (a === 0xff && b === 0xfe) return decode('utf16le', () => utf16.decode(bytes.subarray(2)));
  if (a === 0xfe && b === 0xff) return decode('utf16be', () => utf16.decode(swapPairs(bytes.subarray(2))));
  return decode('utf8', () => utf8.decode(bytes));
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
