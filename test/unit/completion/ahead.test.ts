import assert from 'node:assert/strict';
import { test } from 'node:test';
import { betweenBrackets, type Cursor, lineBelow } from '../../../src/completion/ahead.ts';
import { atCursor } from './scripted.ts';

function check(move: typeof lineBelow<Cursor>, text: string, expected: string | undefined, tabs = false): void {
  const moved = move({ ...atCursor(text), indentation: { insertSpaces: !tabs, tabSize: 2 } });
  assert.equal(moved && `${moved.before}|${moved.after}`, expected, text);
}

test('the line below keeps the indentation and the line ends', () => {
  check(lineBelow, 'f(a);|', 'f(a);\n|');
  check(lineBelow, '  f(a);|\n}', '  f(a);\n  |\n}');
  check(lineBelow, '\tf(a);|  \n}', '\tf(a);\n\t|  \n}');
  check(lineBelow, 'a;\r\n  b;|\r\n', 'a;\r\n  b;\r\n  |\r\n');
  check(lineBelow, 'f(|);', undefined);
  check(lineBelow, '|', '\n|');
});

test('between two brackets Enter makes room for a line', () => {
  check(betweenBrackets, '  if (a) {|}', '  if (a) {\n    |\n  }');
  check(betweenBrackets, '\tlist = [|];\n', '\tlist = [\n\t\t|\n\t];\n', true);
  check(betweenBrackets, 'if (a) {|}\r\nb', 'if (a) {\r\n  |\r\n}\r\nb');
  check(betweenBrackets, 'f(|)', undefined);
  check(betweenBrackets, '{ |}', undefined);
  check(betweenBrackets, '[|}', undefined);
  check(betweenBrackets, '{|', undefined);
});
