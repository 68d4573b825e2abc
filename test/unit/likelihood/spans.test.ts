import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { type TextCodec, utf8 } from '../../../src/codecs/text.ts';
import { wholeText } from '../../../src/likelihood/bits.ts';
import { symbolSpans } from '../../../src/likelihood/spans.ts';
import { awkwardStrings, codeSamples, everyCodec } from '../codecs/samples.ts';

const texts: Readonly<Record<string, string>> = {
  ...awkwardStrings,
  ...codeSamples,
  empty: '',
  'line ends': 'a\r\nb\rc\n\r\n\r\n',
  'every length of character': 'aé€😀\u{10ffff}\u07ff\u0800\uffff.',
  'lone surrogates': '\ud800a\udc00\udc00\ud83d',
  'a mark first': '\ufeffx\ufeff',
};

/** By the definition, character by character: where the one begins that holds a byte. */
function unitsOfBytes(text: string): number[] {
  const units: number[] = [];
  let unit = 0;
  for (const character of text) {
    for (const _ of utf8(character)) units.push(unit);
    unit += character.length;
  }
  return [...units, unit];
}

function checkSpans(codec: TextCodec, text: string, what: string): void {
  const { symbols, starts } = symbolSpans(codec, text);
  assert.deepEqual(symbols, wholeText(codec, utf8(text)), what);
  const units = unitsOfBytes(text);
  let byte = 0;
  const expected = Array.from(symbols, (symbol) => {
    const unit = units[byte]!;
    byte += codec.symbolBytes(symbol).length;
    return unit;
  });
  assert.deepEqual([...starts], [...expected, text.length], what);
}

for (const codec of everyCodec) {
  test(`${codec.kind} (${codec.vocabulary.size}): spans cover a text, each where its first byte is`, () => {
    for (const [what, text] of Object.entries(texts)) checkSpans(codec, text, what);
  });
}

test('a character of several symbols is in the span of the last one; the end symbol is empty', () => {
  const { symbols, starts } = symbolSpans(bytesCodec(), 'a€b');
  assert.equal(symbols.length, 6); // a, three bytes, b, end
  assert.deepEqual([...starts], [0, 1, 1, 1, 2, 3, 3]);
  const slices = Array.from(symbols, (_, i) => 'a€b'.slice(starts[i], starts[i + 1]));
  assert.deepEqual(slices, ['a', '', '', '€', 'b', '']);
});

test('one line of a megabyte is linear', () => {
  for (const codec of everyCodec) {
    const text = 'let x = "é😀";\t'.repeat(70_000);
    const { symbols, starts } = symbolSpans(codec, text);
    assert.equal(starts.length, symbols.length + 1);
    assert.equal(starts.at(-1), text.length);
    assert.equal(starts.at(-2), text.length);
  }
});
