// The byte-level alphabet: each byte as one printable character, so that byte strings can be written in JSON
// (Radford et al. 2019, GPT-2). Printable Latin-1 stands for itself, the other 68 bytes for U+0100 onward, in order.

const characters = alphabet();
const bytes = new Map(characters.map((character, byte) => [character, byte]));

/** The character that stands for a byte. */
export function byteCharacter(byte: number): string {
  return characters[byte]!;
}

/** The text that stands for bytes. */
export function spellBytes(data: Iterable<number>): string {
  let text = '';
  for (const byte of data) text += characters[byte];
  return text;
}

/** The bytes that a text stands for; undefined when a character is none of the alphabet's. */
export function readByteSpelling(text: string): Uint8Array | undefined {
  const data = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = bytes.get(text[i]!);
    if (byte === undefined) return undefined;
    data[i] = byte;
  }
  return data;
}

function alphabet(): string[] {
  const standsForItself = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(standsForItself(byte) ? byte : next++));
}
