import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDegenerate, review } from '../../../src/completion/discard.ts';
import { atCursor } from './scripted.ts';

const indentation = { insertSpaces: true, tabSize: 4 };

/** What is left of a suggestion at the cursor, or why nothing is. */
function check(text: string, suggestion: string, expected: string) {
  const verdict = review(suggestion, { ...atCursor(text), indentation });
  const actual = verdict.kind === 'drop' ? `(${verdict.reason})` : suggestion.slice(0, verdict.length);
  assert.equal(actual, expected, `${JSON.stringify(text)} + ${JSON.stringify(suggestion)}`);
}

test('nothing to show', () => {
  check('x = |', ' ', '(blank)');
  check('x = |', '\n\n  ', '(blank)');
  check('x = |', '\u0000', '(notText)');
  check('x = |', '\uFFFD1', '(notText)');
  check('x = |', '1  \n  ', '1');
});

test('the rest of the line is not said again', () => {
  check('foo(|)', 'a, b)', 'a, b');
  check('foo(|, b)', 'a, b)', 'a');
  check('foo(|) {', 'a) {', 'a');
  check('if (|) {', 'a === b) {', 'a === b');
  check("x = '|';", "abc';", 'abc');
  check('x = `|`', `abc\${d}\`;`, `abc\${d}`);
  check('a |+ b;', 'c + b;', 'c ');
  check('a = | as string', 'b as string', 'b');
  check('|x', 'max', 'max');
  check('foo(|x)', 'y, ', 'y, ');
  check('[|]', '1]', '1');
  check('<a>|</a>', 'text</a>', 'text');
  check('{ | }', 'a() }', 'a()');
});

test('a bracket that follows is not closed twice, one that does not is', () => {
  check('foo(|\n)', '\n    a,\n)', '\n    a,');
  check('foo(|\n)', '\n    a(b),\n)', '\n    a(b),');
  check('foo(bar(|)', 'a))', 'a)');
  check('foo(bar(|))', 'a))', 'a');
  check('foo(bar(|))', 'a)));', 'a');
  check('foo(|)', 'a("(") + b)', 'a("(") + b');
  check('foo(|)', "don't)", "don't");
  check('x = [|]', '[1], [2]]', '[1], [2]');
  check('class A {\n    f() {|\n}', '\n        a;\n    }', '\n        a;\n    }');
  check('function f() {|\n}', '\n    a;\n}', '\n    a;');
});

test('the next line is not said again', () => {
  check('|\n}', '}', '(alreadyThere)');
  check('    |\n}', 'a;\n}', 'a;');
  check('|\n\n\n  return x;', 'return x;', '(alreadyThere)');
  check('let |\nlet b;', 'b;', '(alreadyThere)');
  check('a;\n|\nb;\nc;', 'x;\nb;\nc;', 'x;');
  check('a;\n|\nb;\nc;', 'x;\nb;\ny;', 'x;');
  check('  |\n}', 'a;\n  }', 'a;\n  }');
  check('x|\nx', ';', ';');
});

test('loops', () => {
  for (const text of [
    'foo(foo(foo(foo(foo(foo(foo(foo(',
    'abababababababababababababab',
    'a;\na;\na;\n',
    '1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, ',
    `x = ${'very '.repeat(12)}`,
  ]) {
    assert.ok(isDegenerate(text), text);
  }
  for (const text of [
    '',
    'return a + b;',
    '// =======================================',
    '[0, 0, 0]',
    '}\n}\n}\n}\n',
    ' '.repeat(80),
  ]) {
    assert.ok(!isDegenerate(text), text);
  }
});
