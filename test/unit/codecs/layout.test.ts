import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { canInfill, documentSymbols, infillSymbols, SymbolIndex } from '../../../src/codecs/layout.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import { everyCodec, smallBpeCodec } from './samples.ts';

const bytes = bytesCodec();

/** Symbols of the bytes codec with specials in angle brackets. */
function show(symbols: Int32Array): string {
  const names = new Map<number, string>(Object.entries(bytes.specials).map(([role, symbol]) => [symbol, `<${role}>`]));
  return Array.from(symbols, (symbol) => names.get(symbol) ?? String.fromCharCode(symbol)).join('');
}

test('documents', () => {
  const text = bytes.encodeText('x\n');
  assert.equal(show(documentSymbols(bytes, { text, ended: true })), '<start>x\n<end>');
  assert.equal(show(documentSymbols(bytes, { path: 'a/b.ts', text, ended: false })), '<start><file>a/b.ts\nx\n');
});

test('holes: suffix, prefix, middle', () => {
  const parts = { prefix: bytes.encodeText('PP'), suffix: bytes.encodeText('SS') };
  assert.equal(show(infillSymbols(bytes, parts)), '<start><suffix>SS<prefix>PP<middle>');
  assert.equal(
    show(infillSymbols(bytes, { ...parts, path: 'f', middle: bytes.encodeText('M') })),
    '<start><file>f\n<suffix>SS<prefix>PP<middle>M<end>',
  );
});

test('a codec without the symbols leaves the path out and refuses holes', () => {
  const bare: TextCodec = { ...bytes, specials: { start: 256, end: 257 } };
  const none = new Int32Array(0);
  assert.equal(show(documentSymbols(bare, { path: 'f', text: none, ended: true })), '<start><end>');
  assert.equal(canInfill(bare), false);
  assert.equal(canInfill(bytes), true);
  assert.throws(
    () => infillSymbols(bare, { prefix: none, suffix: none }),
    /expected a codec with prefix, suffix and middle/,
  );
});

for (const codec of everyCodec) {
  test(`symbols by their bytes, ${codec.kind} (${codec.vocabulary.size}): as a search over all finds them`, () => {
    const index = new SymbolIndex(codec);
    const all = Array.from({ length: codec.vocabulary.size }, (_, symbol) => symbol);
    const bytesOf = (symbol: number) => Buffer.from(codec.symbolBytes(symbol)).toString('latin1');
    for (const text of ['', 'r', 're', 'return', ' ', '\n  ', 'é', '\xff', 'zzz']) {
      const prefix = Buffer.from(text, 'latin1');
      const starting = all.filter((symbol) => bytesOf(symbol) !== '' && bytesOf(symbol).startsWith(text));
      assert.deepEqual(
        [...index.startingWith(prefix)].sort((a, b) => a - b),
        starting,
        `startingWith ${text}`,
      );
      const within = all.filter((symbol) => {
        const spelled = bytesOf(symbol);
        return spelled !== '' && spelled !== text && text.startsWith(spelled);
      });
      assert.deepEqual(
        [...index.properPrefixesOf(prefix)].sort((a, b) => a - b),
        within,
        `properPrefixesOf ${text}`,
      );
    }
  });
}

test('healing: the symbol that was dropped is among those that begin with it', () => {
  const index = new SymbolIndex(smallBpeCodec);
  const symbols = smallBpeCodec.encodeText('const lines = re');
  const last = symbols.at(-1)!;
  assert.ok(index.startingWith(smallBpeCodec.symbolBytes(last)).includes(last));
});
