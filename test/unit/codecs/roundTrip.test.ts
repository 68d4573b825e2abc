import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awkwardBytes, awkwardStrings, codeSamples, everyCodec } from './samples.ts';

for (const codec of everyCodec) {
  const name = `${codec.kind} (${codec.vocabulary.size})`;

  test(`${name}: every awkward string comes back as an editor would save it`, () => {
    for (const [what, text] of Object.entries({ ...awkwardStrings, ...codeSamples })) {
      const saved = Buffer.from(text).toString();
      assert.equal(codec.decodeText(codec.encodeText(text)), saved, what);
    }
  });

  test(`${name}: every awkward byte sequence comes back`, () => {
    for (const [what, bytes] of Object.entries(awkwardBytes)) {
      const back = codec.decode(codec.encode(Uint8Array.from(bytes)));
      assert.deepEqual([...back], [...bytes], what);
    }
  });

  test(`${name}: a text and its bytes have the same symbols`, () => {
    for (const [what, text] of Object.entries({ ...awkwardStrings, ...codeSamples })) {
      assert.deepEqual(codec.encode(Buffer.from(text)), codec.encodeText(text), what);
    }
  });

  test(`${name}: special symbols have no bytes, all are different, and no text spells one`, () => {
    const specials = Object.values(codec.specials);
    assert.equal(new Set(specials).size, specials.length);
    assert.equal(codec.vocabulary.start, codec.specials.start);
    assert.equal(codec.vocabulary.end, codec.specials.end);
    for (const symbol of specials) assert.equal(codec.symbolBytes(symbol).length, 0);
    for (const text of Object.values(awkwardStrings)) {
      assert.ok(!codec.encodeText(text).some((symbol) => specials.includes(symbol)), text);
    }
    assert.equal(codec.decodeText(Int32Array.from(specials)), '');
  });

  test(`${name}: a symbol outside the vocabulary is an error`, () => {
    for (const symbol of [-1, codec.vocabulary.size]) {
      assert.throws(() => codec.decode(Int32Array.of(symbol)), /expected a symbol from 0 to \d+, got/);
    }
  });

  test(`${name}: long lines of one thing are cut in linear time`, { timeout: 20_000 }, () => {
    for (const unit of ['a', ' ', '\n', '+', '😀', 'é', 'aB', 'A', '\u0301', ' x']) {
      const text = unit.repeat(2e5 / unit.length);
      assert.equal(codec.decodeText(codec.encodeText(text)), text);
    }
  });
}

test('ten million characters on one line', { timeout: 20_000 }, () => {
  const codec = everyCodec.find(({ kind }) => kind === 'bpe')!;
  const text = 'const x=[1,2,"ab"];'.repeat(1e7 / 19);
  assert.ok(codec.decodeText(codec.encodeText(text)) === text);
});
