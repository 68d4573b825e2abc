import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SuggestionCache, type SuggestionPlace } from '../../../src/completion/suggestionCache.ts';
import { atCursor } from './scripted.ts';

function placeAt(text: string, key = 'a.ts'): SuggestionPlace {
  return { key, ...atCursor(text) };
}

/** What is left of the suggestion `text` made at `from` when the cursor is at `to`. */
function check(from: string, text: string, to: string, expected: string | undefined, key = 'a.ts') {
  const cache = new SuggestionCache(4);
  cache.add(placeAt(from), [{ text, pieces: [] }]);
  assert.equal(cache.find(placeAt(to, key))?.text, expected, `${from} to ${to}`);
}

test('typing along a suggestion needs no model', () => {
  check('let x = |;', 'foo(1)', 'let x = |;', 'foo(1)');
  check('let x = |;', 'foo(1)', 'let x = fo|;', 'o(1)');
  check('let x = |;', 'foo(1)', 'let x = foo(1)|;', undefined);
  check('let x = |;', 'foo(1)', 'let x = fa|;', undefined);
  check('let x = |;', 'foo(1)', 'let x =|;', undefined);
  check('let x = |;', 'foo(1)', 'let y = fo|;', undefined);
  check('let x = |;', 'foo(1)', 'let x = fo|:', undefined);
  check('let x = |;', 'foo(1)', 'let x = fo|;;', undefined);
  check('let x = |;', 'foo(1)', 'let x = fo|;', undefined, 'b.ts');
});

test('a line end typed is one, in whatever way the document writes it', () => {
  check('if (a) {|', '\n  b();\n}', 'if (a) {\n  |', 'b();\n}');
  check('if (a) {|', '\n  b();\n}', 'if (a) {\r\n  b|', '();\n}');
});

test('the latest suggestion wins, and the oldest are forgotten', () => {
  const cache = new SuggestionCache(3);
  for (const text of ['one', 'two', 'three', 'tour']) cache.add(placeAt('|'), [{ text, pieces: [] }]);
  assert.equal(cache.size, 3);
  assert.equal(cache.find(placeAt('t|'))?.text, 'our');
  assert.equal(cache.find(placeAt('tw|'))?.text, 'o');
  assert.equal(cache.find(placeAt('t|'))?.text, 'wo', 'what was used last is the latest');
  assert.equal(cache.find(placeAt('o|')), undefined);
});

test('of several for one place the best that was typed along wins, with the symbols that are left', () => {
  const cache = new SuggestionCache(1);
  const pieces = [0, 1, 2].map((at) => ({ at, symbol: at, logProb: -at }));
  cache.add(
    placeAt('|'),
    ['one', 'two', 'ten'].map((text) => ({ text, pieces })),
  );
  assert.equal(cache.find(placeAt('|'))?.text, 'one');
  assert.deepEqual(cache.find(placeAt('t|')), {
    text: 'wo',
    pieces: [
      { at: 0, symbol: 1, logProb: -1 },
      { at: 1, symbol: 2, logProb: -2 },
    ],
  });
  assert.equal(cache.find(placeAt('te|'))?.text, 'n');
  assert.equal(cache.find(placeAt('ta|')), undefined);
});

test('of a large document only what is near the cursor is compared and kept', () => {
  const cache = new SuggestionCache(3);
  const far = 'x'.repeat(5_000_000);
  cache.add({ key: '', before: `${far}a = `, after: far }, [{ text: 'foo', pieces: [] }]);
  assert.equal(cache.find({ key: '', before: `${far}a = f`, after: far })?.text, 'oo');
  assert.equal(cache.find({ key: '', before: `${far}b = f`, after: far }), undefined);
});
