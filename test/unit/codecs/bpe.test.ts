import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bpeCodec } from '../../../src/codecs/bpe.ts';
import type { BpeDescription } from '../../../src/codecs/bpeDescription.ts';
import { bpeSpecials, trainBpe } from '../../../src/codecs/bpeTrainer.ts';
import { spellBytes } from '../../../src/codecs/byteAlphabet.ts';
import { smallBpe, smallBpeCodec } from './samples.ts';

const byte = (text: string) => bpeSpecials.length + text.charCodeAt(0);

/** A BPE with the merges given, in order; 'a b' joins a and b. */
function withMerges(merges: readonly string[], more: Partial<BpeDescription> = {}): BpeDescription {
  const base = trainBpe([], { vocabularySize: 264 });
  const tokens = [...base.tokens];
  const pairs = merges.map((merge) => {
    const [left, right] = merge.split(' ') as [string, string];
    const pair = [tokens.indexOf(left), tokens.indexOf(right)] as const;
    if (!tokens.includes(left + right)) tokens.push(left + right);
    return pair;
  });
  return { ...base, tokens, merges: pairs, ...more };
}

function pieces(description: BpeDescription, text: string): string[] {
  return [...bpeCodec(description).encodeText(text)].map((symbol) => description.tokens[symbol]!);
}

test('an example worked by hand: aaabdaaabac (the article on byte-pair encoding)', () => {
  // aa is the most frequent pair, then ab, then aa with ab: aaabdaaabac -> ZabdZabac -> ZYdZYac -> XdXac.
  const merges = ['a a', 'a b', 'aa ab'];
  assert.deepEqual(pieces(withMerges(merges), 'aaabdaaabac'), ['aaab', 'd', 'aaab', 'a', 'c']);
});

test('the lowest rank goes first, the leftmost among equals', () => {
  assert.deepEqual(pieces(withMerges(['b c', 'a b']), 'abc'), ['a', 'bc']);
  assert.deepEqual(pieces(withMerges(['a b', 'b c']), 'abc'), ['ab', 'c']);
  assert.deepEqual(pieces(withMerges(['a a']), 'aaaaa'), ['aa', 'aa', 'a']);
  assert.deepEqual(pieces(withMerges(['a a', 'aa a']), 'aaaaa'), ['aa', 'aaa']);
  assert.deepEqual(pieces(withMerges(['a a', 'aa aa']), 'aaaaaaa'), ['aaaa', 'aa', 'a']);
});

test('two ways to one token', () => {
  const description = withMerges(['b c', 'a bc', 'a b', 'ab c']);
  assert.deepEqual(pieces(description, 'abc'), ['abc']);
  assert.deepEqual(pieces(description, 'ab'), ['ab']);
});

test('merges stay within pretokens', () => {
  assert.deepEqual(pieces(withMerges(['b Ġ', 'b c']), 'b c'), ['b', 'Ġ', 'c']);
});

test('a pretoken that is a token is one symbol where merges are ignored', () => {
  const tokens = [...withMerges([]).tokens, 'abc'];
  assert.deepEqual(pieces(withMerges([], { tokens }), 'abc'), ['a', 'b', 'c']);
  assert.deepEqual(pieces(withMerges([], { tokens, ignoreMerges: true }), 'abc abc'), ['abc', 'Ġ', 'a', 'b', 'c']);
});

test('the spelled name of a special symbol is plain text', () => {
  const symbols = smallBpeCodec.encodeText('<|end|>');
  assert.ok(!symbols.includes(smallBpe.specials['<|end|>']!));
  assert.equal(smallBpeCodec.decodeText(symbols), '<|end|>');
});

test('bytes that are no UTF-8 are single symbols, and text around them is encoded as usual', () => {
  const symbols = smallBpeCodec.encode(
    Buffer.concat([Buffer.from('return'), Buffer.from([0xff]), Buffer.from('return')]),
  );
  const word = smallBpeCodec.encodeText('return');
  assert.deepEqual([...symbols], [...word, bpeSpecials.length + 0xff, ...word]);
});

test('more different pretokens than the cache remembers', () => {
  const text = Array.from(
    { length: 80_000 },
    (_, i) => ` ${i.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]!)}`,
  ).join('');
  const symbols = smallBpeCodec.encodeText(text);
  assert.deepEqual(smallBpeCodec.encodeText(text), symbols);
  assert.equal(smallBpeCodec.decodeText(symbols), text);
});

test('a pretoken of a foreign pattern may be long, and is merged in time', { timeout: 10_000 }, () => {
  const codec = bpeCodec(withMerges(['a a', 'aa aa', 'aaaa aaaa'], { pattern: '[\\s\\S]+' }));
  const symbols = codec.encodeText('a'.repeat(400_003));
  assert.equal(symbols.length, 50_002);
});

test('what the pattern does not match is a pretoken of its own', () => {
  assert.deepEqual(pieces(withMerges(['a b', '1 2', 'b 1'], { pattern: '[0-9]+' }), 'ab12ab'), ['ab', '12', 'ab']);
});

test('an inconsistent description is an error', () => {
  const good = withMerges(['a b']);
  assert.throws(
    () => bpeCodec({ ...good, merges: [[byte('x'), byte('y')]] }),
    /merge 0 \(\d+, \d+\) makes no known token/,
  );
  assert.throws(
    () => bpeCodec({ ...good, tokens: [...good.tokens, 'a b'] }),
    /\(a b\) is not in the byte-level alphabet/,
  );
  const without = good.tokens.map((token) => (token === 'q' ? 'qq' : token));
  assert.throws(() => bpeCodec({ ...good, tokens: without, merges: [] }), /no symbol for byte 113/);
});

test('the byte-level alphabet is that of GPT-2', () => {
  assert.equal(spellBytes(Buffer.from(' \n\t\r\0~é')), 'ĠĊĉčĀ~Ã©');
});
