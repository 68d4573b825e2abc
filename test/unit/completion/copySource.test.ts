// What is copied from at a place: the same whatever was asked before; lines encoded once are as the whole is encoded; and what is told of
// the share of copies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../../src/base/random.ts';
import { CopySource, maxCopiedSymbols } from '../../../src/completion/copySource.ts';
import { LineMemo } from '../../../src/completion/lineMemo.ts';
import { copiedSymbols } from '../../../src/completion/prompt.ts';
import { codecs } from './scripted.ts';

const bpe = codecs[1]!;
const parts = [
  'a',
  'total',
  ' = ',
  ';',
  '}',
  '\n',
  '\n\n',
  '\n    ',
  ' \n',
  '\t\n\t',
  '\r\n',
  '\r',
  ' ',
  '日',
  'é',
  '7',
  '"x"',
];
const text = fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((chosen) => chosen.join(''));

for (const codec of codecs) {
  test(`${codec.kind}: line by line the symbols are those of the whole`, () => {
    const memo = new LineMemo(codec);
    fc.assert(
      fc.property(text, (whole) => assert.deepEqual(memo.encodeText(whole), codec.encodeText(whole))),
      { numRuns: 1000, seed: 1 },
    );
    const long = `${'x'.repeat(1000)}\n${' '.repeat(300)}\n`.repeat(3);
    assert.deepEqual(memo.encodeText(long), codec.encodeText(long));
  });

  test(`${codec.kind}: wherever one was before, the copies at a place are the same`, () => {
    const random = new Random(1);
    const row = new Float32Array(codec.vocabulary.size).fill(-Math.log(codec.vocabulary.size));
    const line = (i: number) => `const item${i % 7} = total(${i % 5});\n`;
    const documents = [0, 1, 2, 3, 4, 5].map((from) => Array.from({ length: 60 }, (_, i) => line(from + i)).join(''));
    const warm = new CopySource(codec);
    for (let round = 0; round < 60; round++) {
      const whole = documents[random.nextInteger(documents.length)]!;
      const at = random.nextInteger(whole.length);
      const sides = { before: whole.slice(0, at), after: whole.slice(at) };
      const [one, other] = [warm.at(sides), new CopySource(codec).at(sides)];
      one.begin();
      other.begin();
      for (const symbol of codec.encodeText(whole.slice(at, at + 20))) {
        assert.deepEqual(one.mix(row).logProbs, other.mix(row).logProbs);
        one.push(symbol);
        other.push(symbol);
      }
      one.begin();
      other.begin();
      assert.deepEqual(one.mix(row).logProbs, other.mix(row).logProbs, 'and back to the place');
    }
  });
}

test('a codec that joins a line end with what stands before it encodes the whole', () => {
  const asked: string[] = [];
  const memo = new LineMemo({
    encodeText: (whole) => {
      asked.push(whole);
      return Int32Array.from(whole.match(/;\n|./gs) ?? [], (one) => (one.length === 2 ? 1 : one.charCodeAt(0)));
    },
  });
  assert.deepEqual([...memo.encodeText('a;\nb')], [97, 1, 98]);
  assert.equal(asked.at(-1), 'a;\nb');
});

test('what was encoded before is not encoded again, and not remembered for ever', () => {
  let numEncoded = 0;
  const memo = new LineMemo({
    encodeText: (whole) => {
      numEncoded += 1;
      return bpe.encodeText(whole);
    },
  });
  const lines = Array.from({ length: 2000 }, (_, i) => `  const item${i} = total(${i});\n`);
  memo.encodeText(lines.join(''));
  const before = numEncoded;
  memo.encodeText(`${lines.slice(0, 1000).join('')}  retu\n${lines.slice(1000).join('')}`);
  assert.ok(numEncoded - before <= 3, `${numEncoded - before} lines`);
  for (let i = 0; i < 40_000; i++) memo.encodeText(`let a${i};`);
  assert.ok(memo.size <= 2 * 8192, `${memo.size} lines`);
});

test('nothing follows from where the text after the cursor ends, and the room is kept', () => {
  const { start } = bpe.specials;
  const symbols = copiedSymbols(bpe, { before: 'let a = 1;\nlet ', after: '\nlet b = 2;' }, 100);
  assert.equal([...symbols].filter((symbol) => symbol === start).length, 1);
  const source = new CopySource(bpe);
  const placed = source.at({ before: 'foo(bar);\nlet b = 2', after: '\nlet b = 2;' });
  placed.begin();
  for (const symbol of bpe.encodeText(' = 2;')) placed.push(symbol);
  const row = new Float32Array(bpe.vocabulary.size).fill(-Math.log(bpe.vocabulary.size));
  assert.ok(placed.mix(row).copiedShare(start) === 0);
  const long = 'const item = total(this);\n'.repeat(5000);
  assert.ok(copiedSymbols(bpe, { before: long, after: long }, maxCopiedSymbols).length <= maxCopiedSymbols);
});
