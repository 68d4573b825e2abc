import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { bpeCodec } from '../../../src/codecs/bpe.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { parseTokenizerJson } from '../../../src/formats/tokenizerJson.ts';
import { ScoredText } from '../../../src/likelihood/scoredText.ts';
import { symbolSpans } from '../../../src/likelihood/spans.ts';
import { awkwardStrings, codeSamples, everyCodec } from '../codecs/samples.ts';

const shipped = bpeCodec(parseTokenizerJson(readFileSync('models/default/tokenizer.json', 'utf8')));
const pieces = [
  ...Object.values(awkwardStrings).filter((text) => text.length < 200),
  ...Object.values(codeSamples),
  ...[
    '\n',
    '\n\n    ',
    '  ',
    ' ',
    '\t',
    '\r\n',
    '\r',
    'x',
    'FooBAR',
    ' return a b',
    ';',
    '\u{1f600}',
    '\ud83d',
    '\ude00',
  ],
  ...['\n\u00a0', ' '.repeat(200), '\n'.repeat(200), 'a'.repeat(100), 'word '.repeat(30), '==='.repeat(30), '1234'],
];

/** Numbers that tell which symbol they belong to. */
function numbers(first: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => first + i);
}

for (const codec of [...everyCodec, shipped]) {
  test(`${codec.kind} (${codec.vocabulary.size}): edited in any way, a text has the symbols of the whole`, () => {
    const random = new Random(11);
    for (let round = 0; round < 12; round++) {
      let text = Array.from({ length: 8 }, () => pieces[random.nextInteger(pieces.length)]!).join('');
      const scored = new ScoredText(codec, text);
      for (let step = 0; step < 25; step++) {
        const start = random.nextInteger(text.length + 1);
        const end = Math.min(
          text.length,
          start + (random.nextInteger(2) ? random.nextInteger(4) : random.nextInteger(90)),
        );
        const inserted = random.nextInteger(3) === 0 ? '' : pieces[random.nextInteger(pieces.length)]!;
        text = text.slice(0, start) + inserted + text.slice(end);
        scored.edit(start, end, inserted, 10);
        const expected = symbolSpans(codec, text);
        assert.equal(scored.text, text);
        assert.deepEqual(scored.symbols, expected.symbols);
        assert.deepEqual(scored.starts, expected.starts);
      }
    }
  });
}

test('a foreign pattern may look anywhere, so that the text is encoded whole', () => {
  const own = everyCodec.find((codec) => codec.kind === 'bpe') as ReturnType<typeof bpeCodec>;
  const codec = bpeCodec({ ...own.description, pattern: '\\s+(?!\\S)|\\s*\\S+|\\s+' });
  let text = 'a\n\n  b = c;\n\n\n  d\n'.repeat(40);
  const scored = new ScoredText(codec, text);
  for (const [start, end, inserted] of [
    [100, 100, '\n'],
    [101, 105, ''],
    [0, 3, '  '],
    [300, 300, 'x'],
  ] as const) {
    text = text.slice(0, start) + inserted + text.slice(end);
    scored.edit(start, end, inserted, 10);
    assert.deepEqual(scored.symbols, symbolSpans(codec, text).symbols);
  }
});

test('numbers stay with their symbols; what an edit touches lacks them, what follows waits for new ones', () => {
  const scored = new ScoredText(bytesCodec(), 'abcdefghij');
  scored.setExact(0, numbers(0, 11));
  assert.equal(scored.exact, 11);
  assert.equal(scored.missing(0, 11), undefined);
  assert.equal(scored.edit(3, 5, 'XYZ', 2), 3); // abcXYZfghij
  assert.deepEqual([...scored.nats], [0, 1, 2, Number.NaN, Number.NaN, Number.NaN, 5, 6, 7, 8, 9, 10]);
  assert.equal(scored.exact, 3);
  assert.deepEqual(scored.missing(0, 12), [3, 8]);
  assert.deepEqual(scored.missing(5, 7), [5, 7]);
  assert.equal(scored.missing(8, 12), undefined);
  scored.setNear(2, numbers(100, 4));
  assert.deepEqual([...scored.nats.subarray(0, 7)], [0, 1, 2, 101, 102, 103, 5], 'what is exact stays');
  assert.deepEqual(scored.missing(0, 12), [6, 8]);
  assert.throws(() => scored.setExact(4, numbers(0, 1)), /expected symbol 3, got 4/);
  assert.throws(() => scored.edit(0, 99, '', 2), RangeError);
});

test('what is typed again as it was changes nothing', () => {
  const scored = new ScoredText(bytesCodec(), 'abcdef');
  scored.setExact(0, numbers(0, 7));
  assert.equal(scored.edit(1, 4, 'bcd', 0), 7);
  assert.deepEqual([...scored.nats], [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(scored.exact, 7);
});

test('an offset belongs to the symbol that has the unit; the end to the end symbol', () => {
  const scored = new ScoredText(bytesCodec(), 'a\u20acb');
  assert.deepEqual(
    [0, 1, 2, 3].map((offset) => scored.symbolOver(offset)),
    [0, 3, 4, 5],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((offset) => scored.symbolAt(offset)),
    [0, 1, 4, 5],
  );
  assert.equal(new ScoredText(bytesCodec(), '').symbolOver(0), 0);
});
