// Cuts bytes into the longest runs of valid UTF-8 and the bytes between them, so that a codec that works on characters
// stays lossless for every byte sequence.
import { fromUtf8 } from './text.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Calls `text` for each valid run and `stray` for each byte that belongs to none, in order. */
export function cutUtf8(bytes: Uint8Array, text: (run: string) => void, stray: (byte: number) => void): void {
  const whole = decodeStrict(bytes);
  if (whole !== undefined) {
    if (whole !== '') text(whole);
    return;
  }
  let begin = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > begin) text(fromUtf8(bytes.subarray(begin, at)));
    stray(bytes[at]!);
    at += 1;
    begin = at;
  }
  if (begin < bytes.length) text(fromUtf8(bytes.subarray(begin)));
}

function decodeStrict(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes of the well-formed character at a place (Unicode 15, table 3-7); 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = at + 2; i < at + length; i++) {
    if ((bytes[i]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}
