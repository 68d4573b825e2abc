import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { review } from '../../../src/completion/discard.ts';
import { defaultIndentation } from '../../../src/completion/lines.ts';
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
  // A bracket that the text opens itself is no one else's.
  ['foo(|)', 'bar()', 'foo(bar())'],
  ['console.log(x|)', '.map(y => y)', 'console.log(x.map(y => y))'],
  ['f(|)', 'a, g(b)', 'f(a, g(b))'],
  ['x = [|]', '[1, 2]', 'x = [[1, 2]]'],
  ['x = {|}', ' a: {}', 'x = { a: {}}'],
  ['foo(|)', 'bar())', 'foo(bar())'],
  ['foo(bar(|))', 'baz()', 'foo(bar(baz()))'],
  ['foo(bar(|))', 'baz())', 'foo(bar(baz()))'],
  ['foo(bar(|))', 'baz()))', 'foo(bar(baz()))'],
  ['foo([|])', '[a](b)', 'foo([[a](b)])'],
  ['foo({|})', ' a: [1] })', 'foo({ a: [1] })'],
  ['f(|)', 'a["]"]', 'f(a["]"])'],
  ['f(|)', '"a)", b)', 'f("a)", b)'],
  ['f(|)', '/\\(/)', 'f(/\\(/)'],
  // Separators after them.
  ['foo(|);', 'bar();', 'foo(bar());'],
  ['foo(|);', 'bar()', 'foo(bar());'],
  ['foo(|);', 'a);\nb(c);', 'foo(a);\nb(c);'],
  ['foo(|);', '() => {\n  a;\n});', 'foo(() => {\n  a;\n});'],
  ['foo(bar(|),', 'a), b,', 'foo(bar(a), b,'],
  ['foo(bar(|),', 'a), b', 'foo(bar(a), b,'],
  ['foo(bar(|), c)', 'a), b', 'foo(bar(a), b, c)'],
  ['x = |;', '1;', 'x = 1;'],
  ['x = {a: |,', 'f(b), c: 2', 'x = {a: f(b), c: 2,'],
  ['it(() => {|})', '\n  a({});\n})', 'it(() => {\n  a({});\n})'],
  ['it(() => {|});', '\n  a({});', 'it(() => {\n  a({});});'],
  ['{ foo(|); }', 'a); }', '{ foo(a); }'],
  ['{ foo(|); }', 'a); b() }', '{ foo(a); b() }'],
  ['{ | }', 'a()', '{ a() }'],
  ['{ | }', 'a() }', '{ a() }'],
  // What the text closes and opens again.
  ['foo(|)', 'a), bar(b', 'foo(a), bar(b)'],
  ['foo(|);', 'a); bar(b', 'foo(a); bar(b);'],
  ['foo(bar(|))', 'a), bar(b', 'foo(bar(a), bar(b))'],
  ['if (x) {|}', '\n} else {\n  b', 'if (x) {\n} else {\n  b}'],
  ['foo(|)', 'a) {', 'foo(a) {'],
  ['say("|")', 'a"), say("b', 'say("a"), say("b")'],
  ['say("|")', 'a" + "b")', 'say("a" + "b")'],
  // Within a string brackets are text.
  ['say("|")', 'a (b")', 'say("a (b")'],
  ['say("|")', ':)', 'say(":)")'],
  ['say("|");', 'a \\"b\\"");', 'say("a \\"b\\"");'],
  ['say(`|`)', `a \${b}\`)`, `say(\`a \${b}\`)`],
  [`\`a \${|}\``, `x} and \${y}\``, `\`a \${x} and \${y}\``],
  ['"""|"""', 'Say "hi" now."""', '"""Say "hi" now."""'],
  ['x = |"abc"', 'y + ', 'x = y + "abc"'],
  ['x = |"abc"', 'y + "abc"', 'x = y + "abc"'],
  ['x = "|" + "b"', 'a"', 'x = "a" + "b"'],
  // Half a word is not what stands there, and a rest with brackets is counted, too.
  ['let y = |x', 'max', 'let y = maxx'],
  ['let y = |x', 'a.x', 'let y = a.x'],
  ['foo(|) {', 'bar() {', 'foo(bar() {) {'],
  ['foo(|) + bar(x)', 'bar(x) + bar(x)', 'foo(bar(x) + bar(x)) + bar(x)'],
  ['foo(|, b)', 'a, b)', 'foo(a, b)'],
  ['foo(|, b)', 'bar(a, b)', 'foo(bar(a, b), b)'],
  ['say "hello |world"', 'big world"', 'say "hello big world"'],
];

test('what is accepted never repeats what follows the cursor', () => {
  for (const [document, suggestion, result] of cases) {
    assert.equal(accepted(document, suggestion), result, `${document} + ${JSON.stringify(suggestion)}`);
  }
});

const pairs = ['()', '[]', '{}'];
const balanced = fc.letrec<{ text: string; part: string }>((tie) => ({
  text: fc.array(tie('part'), { maxLength: 3 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', ', ', ' ', '; b', '"x)"', "'['"),
    fc.tuple(fc.constantFrom(...pairs), tie('text')).map(([pair, inner]) => pair[0] + inner + pair[1]),
  ),
})).text;

/** A document with brackets that the editor closed, a text that closes some of them, and what must come of it. */
const autoClosed = fc
  .tuple(fc.array(fc.constantFrom(...pairs), { maxLength: 4 }), fc.array(balanced, { minLength: 1, maxLength: 5 }))
  .map(([opened, parts]) => {
    const before = `f${opened.map((pair) => pair[0]).join('')}`;
    const closers = opened.map((pair) => pair[1]).reverse();
    const numClosed = Math.min(closers.length, parts.length - 1);
    const text = parts.slice(0, numClosed + 1).reduce((all, part, i) => all + closers[i - 1] + part);
    const after = closers.join('');
    return {
      before,
      after,
      text,
      adds: !after.startsWith(text),
      result: before + text + closers.slice(numClosed).join(''),
    };
  })
  .filter(({ text, adds }) => text.trim() !== '' && adds);

test('brackets that the editor closed are in the document once, whatever the text closes', () => {
  fc.assert(
    fc.property(autoClosed, ({ before, after, text, result }) => {
      assert.equal(accepted(`${before}|${after}`, text), result);
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('what the engine keeps of such a text leaves the document as balanced as it was', () => {
  fc.assert(
    fc.property(autoClosed, ({ before, after, text }) => {
      const verdict = review(text, { before, after, indentation: defaultIndentation });
      if (verdict.kind === 'drop') return;
      const result = accepted(`${before}|${after}`, text.slice(0, verdict.length)) ?? before + after;
      assert.ok(isBalanced(result), `${before}|${after} + ${text}: ${result}`);
    }),
    { numRuns: 1000, seed: 2 },
  );
});

function isBalanced(text: string): boolean {
  let left = text.replace(/"[^"]*"|'[^']*'|[^()[\]{}]/g, '');
  for (let length = -1; left.length !== length; left = left.replace(/\(\)|\[\]|\{\}/g, '')) length = left.length;
  return left === '';
}
