import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CharacterCounter } from '../../src/codecs/characters.ts';
import { chooseCodec, codecOfChoice } from '../../src/codecs/chooseCodec.ts';
import { SymbolIndex } from '../../src/codecs/layout.ts';
import { pretokenizer, pretokenPattern } from '../../src/codecs/pretokens.ts';
import { codeSamples, everyCodec } from '../unit/codecs/samples.ts';

/** Any string of UTF-16 units, lone surrogates included, with the pieces that codecs stumble over mixed in. */
const awkwardText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\ud800',
        '\udc00',
        '\r\n',
        '\n\n  ',
        '\t',
        '   ',
        '\0',
        '_',
        '٣',
        'ǅ',
        '\u0301',
        '<|end|>',
        '\ufeff',
      ),
      fc
        .constantFrom(...Object.values(codeSamples))
        .chain((text) =>
          fc.tuple(fc.nat(text.length), fc.nat(20)).map(([begin, length]) => text.slice(begin, begin + length)),
        ),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .array(fc.constantFrom(0x20, 0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0xf4, 0xff))
    .map((all) => Uint8Array.from(all)),
);

for (const codec of everyCodec) {
  const name = `${codec.kind} (${codec.vocabulary.size})`;

  test(`${name}: bytes round-trip`, () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => assert.deepEqual(codec.decode(codec.encode(bytes)), bytes)),
      { numRuns: 300 },
    );
  });

  test(`${name}: strings round-trip as an editor saves them, and have the symbols of their bytes`, () => {
    fc.assert(
      fc.property(awkwardText, (text) => {
        const bytes = Buffer.from(text);
        const symbols = codec.encodeText(text);
        assert.equal(codec.decodeText(symbols), bytes.toString());
        assert.deepEqual(codec.encode(bytes), symbols);
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: healing can always regenerate: each symbol begins with every prefix of its bytes`, () => {
    const index = new SymbolIndex(codec);
    const symbol = fc.nat(codec.vocabulary.size - 1).filter((candidate) => codec.symbolBytes(candidate).length > 0);
    fc.assert(
      fc.property(symbol, fc.nat(40), (candidate, length) => {
        const bytes = codec.symbolBytes(candidate);
        assert.ok(index.startingWith(bytes.subarray(0, length)).includes(candidate));
        if (length < bytes.length && length > 0) return;
        assert.ok(!index.properPrefixesOf(bytes).includes(candidate));
      }),
    );
  });
}

test('the codec that is chosen for some texts loses nothing of any other', () => {
  fc.assert(
    fc.property(
      fc.array(awkwardText, { maxLength: 3 }),
      fc.nat(20),
      awkwardText,
      anyBytes,
      (texts, times, other, bytes) => {
        const counter = new CharacterCounter();
        for (const text of texts) counter.add(text.repeat(times));
        const codec = codecOfChoice(chooseCodec(counter));
        for (const text of [...texts, other]) {
          assert.equal(codec.decodeText(codec.encodeText(text)), Buffer.from(text).toString());
        }
        assert.deepEqual(codec.decode(codec.encode(bytes)), bytes);
      },
    ),
  );
});

test('pretokens join to the text', () => {
  const cut = pretokenizer(pretokenPattern);
  fc.assert(
    fc.property(awkwardText, (text) => {
      const pieces: string[] = [];
      cut(text, (piece) => pieces.push(piece));
      assert.equal(pieces.join(''), text);
      assert.ok(!pieces.includes(''));
    }),
    { numRuns: 300 },
  );
});
