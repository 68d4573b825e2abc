import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ghostText } from '../../../src/shell/ghostText.ts';

/** `|` is the cursor; the result is the document once the suggestion is accepted, undefined when it would add nothing. */
function accepted(document: string, suggestion: string): string | undefined {
  const [before = '', after = ''] = document.split('|');
  const ghost = ghostText(suggestion, after);
  if (ghost === undefined) return undefined;
  const replaced = after.slice(0, ghost.replaceAfter);
  assert.ok(!replaced.includes('\n'), 'a replaced range stays on its line');
  assert.ok(isSubsequence(replaced, ghost.text), `${replaced} must be visible within ${ghost.text}`);
  return before + ghost.text + after.slice(ghost.replaceAfter);
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at++;
  return at === part.length;
}

const cases: [document: string, suggestion: string, result: string | undefined][] = [
  ['let x = |', '1;', 'let x = 1;'],
  ['let x = |\nnext', '1;', 'let x = 1;\nnext'],
  ['let x = |', '', undefined],
  ['let x = |', '  \n ', undefined],
  // Brackets and quotes that the editor closed by itself.
  ['foo(|)', 'a, b)', 'foo(a, b)'],
  ['foo(|)', 'a, b', 'foo(a, b)'],
  ['foo(|)', 'a(1), b[2]', 'foo(a(1), b[2])'],
  ['foo(|)', 'a) {\n  bar();\n}', 'foo(a) {\n  bar();\n}'],
  ['foo(bar[|])', '0])', 'foo(bar[0])'],
  ['foo(bar[|])', '0]', 'foo(bar[0])'],
  ['say("|")', 'hello")', 'say("hello")'],
  ['say("|")', 'a (b', 'say("a (b")'],
  ["say('|')", 'it', "say('it')"],
  ['foo(|)', "x // don't\n)", "foo(x // don't\n)"],
  ['foo(|) {', 'a) {', 'foo(a) {'],
  ['foo(|);', 'a);', 'foo(a);'],
  // The rest of the line is there already.
  ['return |b;', 'a + b;', 'return a + b;'],
  ['return |b;', 'b;', undefined],
  ['return |b;', 'a +\n  c', 'return a +b;'],
  ['foo(|)', ')', undefined],
  ['[x|, y]', '1, 2', '[x1, 2, y]'],
];

test('what is accepted never repeats what follows the cursor', () => {
  for (const [document, suggestion, result] of cases) {
    assert.equal(accepted(document, suggestion), result, `${document} + ${JSON.stringify(suggestion)}`);
  }
});
