import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CharacterCounter } from '../../../src/codecs/characters.ts';
import { chooseCodec, codecOfChoice } from '../../../src/codecs/chooseCodec.ts';

function choose(...texts: readonly string[]) {
  const counter = new CharacterCounter();
  for (const text of texts) counter.add(text);
  return chooseCodec(counter);
}

test('ASCII, and ASCII with a few signs: bytes, with the reason', () => {
  const choice = choose('const a = 1;\n'.repeat(100), '// naïve café\n');
  assert.deepEqual([choice.kind, choice.alphabet], ['bytes', []]);
  assert.match(
    choice.reason,
    /^bytes, because 99\.84 % of the characters are ASCII: an alphabet would make the text 0 % shorter$/,
  );
  assert.equal(codecOfChoice(choice).vocabulary.size, 262);
  assert.equal(choose().kind, 'bytes');
});

test('another script: characters beyond ASCII, the rare ones spelled', () => {
  const choice = choose('Привет, мир! '.repeat(20), 'ъ日');
  assert.equal(choice.kind, 'characters');
  assert.deepEqual([...choice.alphabet].sort(), [...'Пвеимрт'].sort());
  assert.match(
    choice.reason,
    /^characters, because they make the text 40 % shorter than bytes: 7 beyond ASCII are a symbol each, the rest, 0\.76 %, is spelled in bytes$/,
  );
  const codec = codecOfChoice(choice);
  assert.equal(codec.vocabulary.size, 262 + 7);
  assert.equal(codec.encodeText('мир!').length, 4);
  assert.equal(codec.encodeText('日').length, 3);
});

test('the alphabet is bounded, and counts decide who is in it', () => {
  const many = Array.from({ length: 5000 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  const choice = choose(many.join('').repeat(8), many.slice(100, 200).join(''));
  assert.equal(choice.alphabet.length, 2048);
  assert.deepEqual(choice.alphabet.slice(0, 100), many.slice(100, 200));
  assert.equal(choice.alphabet[100], many[0]);
});
