import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charactersCodec } from '../../../src/codecs/characters.ts';
import { alphabetOf } from './samples.ts';

test('the alphabet is the most frequent characters, the smaller code point first among equals', () => {
  assert.deepEqual(alphabetOf(['bba', 'cca', '😀😀😀😀'], 3), ['😀', 'a', 'b']);
  assert.deepEqual(alphabetOf(['\ud800a'], 9), ['a']);
});

test('a member is one symbol, any other character its bytes', () => {
  const codec = charactersCodec(['é', 'x']);
  assert.equal(codec.vocabulary.size, 264);
  assert.deepEqual([...codec.encodeText('éxa')], [262, 263, 6 + 0x61]);
  assert.deepEqual([...codec.encodeText('ö')], [6 + 0xc3, 6 + 0xb6]);
});

test('an alphabet with a member twice, or of more than one character, is an error', () => {
  for (const alphabet of [['a', 'a'], ['ab'], [''], ['\ud800']]) {
    assert.throws(() => charactersCodec(alphabet), /expected an alphabet of different single characters/);
  }
});
