// The text that is completed: a source file of this repository, long enough to fill a context.
import { readFileSync } from 'node:fs';
import { documentSymbols } from '../src/codecs/layout.ts';
import type { TextCodec } from '../src/codecs/text.ts';

export const typedPath = 'src/engine/sequenceCache.ts';

export function typedText(): string {
  return readFileSync(typedPath, 'utf8');
}

/** The text as a prompt without end: start, path, symbols. */
export function promptSymbols(codec: TextCodec, text: string): Int32Array {
  return documentSymbols(codec, { path: typedPath, text: codec.encodeText(text), ended: false });
}

/** How many characters of the text make a prompt of `length` symbols. @throws RangeError when there are too few. */
export function offsetOf(codec: TextCodec, text: string, length: number): number {
  const headerLength = promptSymbols(codec, '').length;
  const symbols = codec.encodeText(text);
  const wanted = length - headerLength;
  if (wanted < 0 || wanted > symbols.length) {
    const range = `${headerLength} to ${headerLength + symbols.length}`;
    throw new RangeError(`offsetOf: expected ${range} symbols for ${typedPath}, got ${length}`);
  }
  return codec.decodeText(symbols.subarray(0, wanted)).length;
}
