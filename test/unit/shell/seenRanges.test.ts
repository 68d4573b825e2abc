import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostColumns } from '../../../src/shell/likelihoodTexts.ts';
import { type LinedDocument, seenRanges } from '../../../src/shell/seenRanges.ts';

function documentOf(text: string): LinedDocument {
  const lines = text.split('\n');
  return {
    lineCount: lines.length,
    lineAt: (line) => ({ range: { end: { line, character: lines[line]!.length } } }),
    offsetAt: ({ line, character }) =>
      lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) +
      Math.min(character, lines[line]?.length ?? 0),
  };
}

const lines = (from: number, to: number) => ({ start: { line: from, character: 0 }, end: { line: to, character: 0 } });

test('what is seen, whole lines of it, and some lines around', () => {
  const document = documentOf('abc\n'.repeat(200));
  const { seen, around, isCut } = seenRanges(document, [lines(100, 110)], undefined);
  assert.deepEqual(seen, [{ start: 400, end: 443 }]);
  assert.deepEqual(around, [
    { start: 300, end: 399 },
    { start: 444, end: 543 },
  ]);
  assert.equal(isCut, false);
  const whole = seenRanges(document, [lines(0, 200)], undefined);
  assert.deepEqual([whole.seen, whole.around], [[{ start: 0, end: 800 }], []]);
});

test('split editors of one document: each part once', () => {
  const document = documentOf('abc\n'.repeat(200));
  const { seen } = seenRanges(document, [lines(100, 110), lines(105, 120), lines(0, 3)], undefined);
  assert.deepEqual(seen, [
    { start: 0, end: 15 },
    { start: 400, end: 483 },
  ]);
});

test('of a very long line as much as is drawn, from where it is seen', () => {
  const document = documentOf(`a\n${'x'.repeat(30_000)}\nb`);
  const { seen, isCut } = seenRanges(document, [lines(0, 2)], undefined);
  assert.equal(isCut, true);
  assert.deepEqual(seen, [
    { start: 0, end: 2 + mostColumns },
    { start: 30_003, end: 30_004 },
  ]);
  const wrapped = { start: { line: 1, character: 12_000 }, end: { line: 1, character: 20_000 } };
  assert.deepEqual(seenRanges(document, [wrapped], undefined).seen, [{ start: 12_002, end: 12_002 + mostColumns }]);
});

test('of a selection nothing else', () => {
  const document = documentOf('abc\n'.repeat(200));
  const part = { start: 410, end: 500 };
  const { seen, around } = seenRanges(document, [lines(100, 110)], part);
  assert.deepEqual(seen, [{ start: 410, end: 443 }]);
  assert.deepEqual(around, [{ start: 444, end: 500 }]);
  assert.deepEqual(seenRanges(document, [lines(0, 3)], part).seen, []);
});

test('an empty text has nothing to see', () => {
  const { seen, around } = seenRanges(documentOf(''), [lines(0, 0)], undefined);
  assert.deepEqual([seen, around], [[], []]);
});
