// Characters or bytes, for a model that learns from texts symbol by symbol. Either way nothing is lost: what is not in the alphabet is
// spelled in the bytes of its UTF-8. ASCII is one symbol a character with both, so that only what lies beyond it can make a difference.
import { bytesCodec } from './bytes.ts';
import { type CharacterCounter, charactersCodec } from './characters.ts';
import type { TextCodec } from './text.ts';

export interface CodecChoice {
  readonly kind: 'characters' | 'bytes';
  /** Empty for bytes. */
  readonly alphabet: readonly string[];
  /** For the person. */
  readonly reason: string;
}

/** A character that comes less often is not learnt: it is spelled. */
const minCount = 8;
/** Each costs a row of the embedding and of the output; with as many, all but 1 % of Chinese prose is one symbol a character. */
const maxAlphabet = 2048;
/** Characters are chosen when they make the text this much shorter. */
const worthwhile = 0.05;
const firstBeyondAscii = 0x80;

export function chooseCodec(counter: CharacterCounter): CodecChoice {
  const alphabet = counter.alphabet({ maxSize: maxAlphabet, minCount, from: firstBeyondAscii });
  const members = new Set(alphabet.map((character) => character.codePointAt(0)!));
  let numBytes = 0;
  let numCharacters = 0;
  let numAscii = 0;
  let numSpelled = 0;
  let numSymbols = 0;
  for (const code of counter.seen()) {
    const count = counter.count(code);
    const bytes = utf8Length(code);
    numBytes += count * bytes;
    numCharacters += count;
    if (code < firstBeyondAscii) numAscii += count;
    const isOne = code < firstBeyondAscii || members.has(code);
    if (!isOne) numSpelled += count;
    numSymbols += count * (isOne ? 1 : bytes);
  }
  const shorter = numBytes > 0 ? 1 - numSymbols / numBytes : 0;
  if (shorter < worthwhile) {
    const reason = `bytes, because ${percent(numAscii, numCharacters)} of the characters are ASCII: an alphabet would make the text ${percent(shorter, 1)} shorter`;
    return { kind: 'bytes', alphabet: [], reason };
  }
  const spelled =
    numSpelled === 0
      ? 'no character is left out'
      : `the rest, ${percent(numSpelled, numCharacters)}, is spelled in bytes`;
  const reason = `characters, because they make the text ${percent(shorter, 1)} shorter than bytes: ${alphabet.length} beyond ASCII are a symbol each, ${spelled}`;
  return { kind: 'characters', alphabet, reason };
}

export function codecOfChoice({ kind, alphabet }: CodecChoice): TextCodec {
  return kind === 'bytes' ? bytesCodec() : charactersCodec(alphabet);
}

function utf8Length(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Two digits where it is near all or nothing; what is not all is never shown as 100 %. */
function percent(part: number, whole: number): string {
  const value = whole === 0 ? 0 : (100 * part) / whole;
  return `${value > 99 || value < 1 ? Math.floor(value * 100) / 100 : Math.round(value)} %`;
}
