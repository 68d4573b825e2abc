import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineStarts, signOf, TextRows, visibleText } from '../../../src/webview/likelihoodText.ts';

const awkward = fc.string({
  unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '\r\n', '漢', '\u0301', '\u202e', '😀', '\ud800', '\0', 'שׁ'),
});

test('lines begin after every line end, of whichever kind', () => {
  const check = (text: string, starts: number[]) => assert.deepEqual([...lineStarts(text)], starts);
  check('', [0, 0]);
  check('a', [0, 1]);
  check('a\n', [0, 2, 2]);
  check('a\r\nb\rc\n\nd', [0, 3, 5, 7, 8, 9]);
});

test('what cannot be seen is shown by a sign', () => {
  const check = (text: string, shown: string) => assert.equal(visibleText(text), shown);
  check('a b', 'a b');
  check('\t\n\0\u007f', '\u2409\u21b5\u2400\u2421');
  check('\u202e\u200b\u2028\ufeff', '\u2039202E\u203a\u2039200B\u203a\u20392028\u203a\u2039FEFF\u203a');
  check('\u00a0\ud800', '\u237d\ufffd');
  assert.equal(visibleText('x'.repeat(100), 10), `${'x'.repeat(10)}\u2026`);
  assert.deepEqual(signOf('漢'), { shown: '漢', width: 2 });
});

test('cells of all rows are the text, each in its place, none beyond its row', () => {
  fc.assert(
    fc.property(awkward, fc.integer({ min: 8, max: 20 }), (text, columns) => {
      const rows = new TextRows(text, columns);
      let at = 0;
      for (let row = 0; row < rows.numRows; row++) {
        const { isLast, start } = rows.row(row);
        assert.equal(start, at);
        const cells = rows.cells(row);
        let column = 0;
        for (const [i, cell] of cells.entries()) {
          assert.equal(cell.start, at);
          assert.equal(cell.column, column);
          const isEnd = isLast && i === cells.length - 1;
          assert.ok(isEnd || cell.column === 0 || cell.column + cell.width <= columns);
          assert.ok(isEnd || cell.width > 0);
          at = cell.end;
          column += cell.width;
        }
        if (start < text.length) assert.equal(rows.rowOfOffset(start), row);
      }
      assert.equal(at, text.length);
    }),
    { numRuns: 500 },
  );
});

test('one line of a megabyte has rows that are found at once', () => {
  const rows = new TextRows('x'.repeat(2 ** 20), 100);
  assert.equal(rows.numRows, Math.ceil(2 ** 20 / 100));
  assert.deepEqual(rows.row(5000), {
    line: 0,
    start: 500_000,
    end: 500_100,
    isFirst: false,
    isLast: false,
    simple: true,
  });
  assert.equal(rows.rowOfOffset(500_050), 5000);
  rows.setColumns(64);
  assert.equal(rows.numRows, 2 ** 14);
});

test('marks stand over what they mark, and alone over a circle; tabs reach the next stop', () => {
  const shown = (text: string) => new TextRows(text).cells(0).map(({ shown, column }) => `${column}:${shown}`);
  assert.deepEqual(shown('e\u0301x'), ['0:e\u0301', '1:x', '2:\u220e']);
  assert.deepEqual(shown('\u0301'), ['0:\u25cc\u0301', '1:\u220e']);
  assert.deepEqual(shown('a\tb'), ['0:a', '1:\u2192', '4:b', '5:\u220e']);
});
