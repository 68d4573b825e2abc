import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits } from '../../../src/host/documents.ts';
import type { TextEdit } from '../../../src/protocol/hostMessages.ts';
import { TypedAlong } from '../../../src/shell/typedAlong.ts';

/** A document with a suggestion at the cursor, `|`, and a hand that types. */
class Typist {
  readonly #along = new TypedAlong();
  #text: string;
  cursor: number;

  constructor(document: string, ...suggestions: string[]) {
    this.cursor = document.indexOf('|');
    this.#text = document.replace('|', '');
    this.#along.remember({ key: 'a', start: this.cursor, end: this.cursor, texts: suggestions });
  }

  type(inserted: string, { deleting = 0, behind = '' } = {}): this {
    return this.edit(
      [{ start: this.cursor - deleting, end: this.cursor, text: inserted + behind }],
      inserted.length - deleting,
    );
  }

  edit(edits: TextEdit[], move = 0, key = 'a'): this {
    this.#along.edited(key, edits);
    this.#text = applyEdits(this.#text, edits) ?? assert.fail('edit outside the text');
    this.cursor += move;
    return this;
  }

  rest(selected?: { start: number; text: string }, key = 'a'): string | undefined {
    return this.rests(selected, key)[0];
  }

  rests(selected?: { start: number; text: string }, key = 'a'): string[] {
    return this.#along.continuations({
      key,
      start: selected?.start ?? this.cursor,
      cursor: this.cursor,
      selectedText: selected?.text ?? '',
      slice: (start, end) => this.#text.slice(start, end),
    });
  }
}

test('typing along shortens the suggestion, deleting brings it back', () => {
  const typist = new Typist('let x = |', 'foo(1);');
  assert.equal(typist.rest(), 'foo(1);');
  assert.equal(typist.type('f').rest(), 'oo(1);');
  assert.equal(typist.type('oo').rest(), '(1);');
  assert.equal(typist.type('', { deleting: 2 }).rest(), 'oo(1);');
  assert.equal(typist.type('oo(1);').rest(), undefined);
});

test('of several, those are left that what was typed begins', () => {
  const typist = new Typist('let x = |', 'foo(1);', 'far;', '[1];');
  assert.deepEqual(typist.rests(), ['foo(1);', 'far;', '[1];']);
  assert.deepEqual(typist.type('f').rests(), ['oo(1);', 'ar;']);
  assert.deepEqual(typist.type('a').rests(), ['r;']);
  assert.deepEqual(typist.type('[', { deleting: 2 }).rests(), ['1];']);
  assert.deepEqual(typist.type('x').rests(), []);
});

test('typing something else ends it, correcting it resumes it', () => {
  const typist = new Typist('let x = |', 'foo(1);');
  assert.equal(typist.type('g').rest(), undefined);
  assert.equal(typist.type('f', { deleting: 1 }).rest(), 'oo(1);');
});

test('brackets that the editor closes by itself do not end it', () => {
  const typist = new Typist('|', 'foo(a)');
  assert.equal(typist.type('foo').type('(', { behind: ')' }).rest(), 'a)');
});

test('what was typed behind the cursor is not said again', () => {
  const typist = new Typist('|', 'foo(bar)').type('foo');
  typist.cursor -= 2;
  assert.equal(typist.rest(), undefined);
  typist.cursor += 2;
  assert.equal(typist.rest(), '(bar)');
  // Neither is a line that the editor put there.
  assert.equal(new Typist('|', '{\n  a;\n}').type('{\n  ', { behind: '\n}' }).rest(), undefined);
});

test('any edit outside ends it for good', () => {
  const check = (edit: TextEdit, move: number) =>
    assert.equal(new Typist('ab |\ncd', 'foo').type('f').edit([edit], move).rest(), undefined, JSON.stringify(edit));
  check({ start: 0, end: 1, text: '' }, -1);
  check({ start: 0, end: 0, text: 'x' }, 1);
  check({ start: 5, end: 6, text: 'x' }, 0);
  check({ start: 2, end: 4, text: ' f' }, 0);
});

test('another document, or a cursor elsewhere, has no part in it', () => {
  const typist = new Typist('let x = |', 'foo').edit([], 0, 'b');
  assert.equal(typist.rest(undefined, 'b'), undefined);
  typist.cursor = 0;
  assert.equal(typist.rest(), undefined);
  typist.cursor = 8;
  assert.equal(typist.edit([{ start: 0, end: 0, text: '' }], 0, 'b').rest(), 'foo');
});

test("lines typed with the editor's own line ends count", () => {
  assert.equal(new Typist('if (x) {|', '\n  y();\n}').type('\r\n  ').rest(), 'y();\n}');
});

test('a selected item must agree with the suggestion, wherever it begins', () => {
  const typist = new Typist('console.|', 'log(x);');
  assert.equal(typist.rest({ start: 8, text: 'log' }), 'log(x);');
  assert.equal(typist.rest({ start: 8, text: 'warn' }), undefined);
  assert.equal(typist.rest({ start: 0, text: 'console.log' }), 'console.log(x);');
  assert.equal(typist.rest({ start: 0, text: 'other.log' }), undefined);
  assert.equal(typist.type('l').rest({ start: 8, text: 'log' }), 'log(x);');
  assert.equal(typist.rest({ start: 8, text: 'log(x);' }), undefined);
});

test('whatever is typed, an answer completes what stands there to the suggestion', () => {
  const suggestion = 'aab\nab';
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ab', 'aa', '\n', ''), fc.nat(2)), { maxLength: 12 }),
      (script) => {
        const typist = new Typist('x = |;', suggestion);
        let typed = '';
        for (const [inserted, deleted] of script) {
          const deleting = Math.min(deleted, typed.length);
          typed = typed.slice(0, typed.length - deleting) + inserted;
          const rest = typist.type(inserted, { deleting }).rest();
          const expected =
            suggestion.startsWith(typed) && typed !== suggestion ? suggestion.slice(typed.length) : undefined;
          assert.equal(rest, expected, JSON.stringify(typed));
        }
      },
    ),
    { numRuns: 300 },
  );
});
