import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { placeDiff } from '../../../src/likelihood/placeDiff.ts';
import { type DiffFile, parseUnifiedDiff } from '../../../src/likelihood/unifiedDiff.ts';

/** Paths, counts and lines in short: ` a`, `+b`, `-c`, with $ where a line has no end. */
function summary({ oldPath, newPath, binary, hunks }: DiffFile): string {
  const sign = { context: ' ', added: '+', removed: '-' } as const;
  const shown = hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) =>
    [
      `@${oldStart},${oldLines},${newStart},${newLines}`,
      ...lines.map(({ kind, text }) => sign[kind] + (text.endsWith('\n') ? text.slice(0, -1) : `${text}$`)),
    ].join('|'),
  );
  return [`${oldPath} -> ${newPath}${binary ? ' binary' : ''}`, ...shown].join(' ');
}

function check(name: string, text: string, ...expected: string[]): void {
  assert.deepEqual(parseUnifiedDiff(text).map(summary), expected, name);
}

test('diffs of every kind', () => {
  check(
    'a change',
    'diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ f()\n a\n-b\n+c\n',
    'x -> x @1,2,1,2| a|-b|+c',
  );
  check(
    'without git',
    '--- old/x\t2024-01-01\n+++ new/x\t2024-01-02\n@@ -1 +1 @@\n-b\n+c\n',
    'old/x -> new/x @1,1,1,1|-b|+c',
  );
  check(
    'a new file',
    'diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+c\n',
    'null -> n @0,0,1,1|+c',
  );
  check(
    'a deleted file',
    'diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-c\n',
    'n -> null @1,1,0,0|-c',
  );
  check('a new empty file', 'diff --git a/n b/n\nnew file mode 100644\nindex 0..e\n', 'null -> n');
  check(
    'no line end',
    '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n',
    'x -> x @1,1,1,1|-b$|+c$',
  );
  check(
    'a line end came',
    '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+b\n',
    'x -> x @1,1,1,1|-b$|+b',
  );
  check(
    'a rename',
    'diff --git a/o b/n\nsimilarity index 90%\nrename from o\nrename to n\n--- a/o\n+++ b/n\n@@ -1 +1 @@\n-b\n+c\n',
    'o -> n @1,1,1,1|-b|+c',
  );
  check(
    'a rename alone',
    'diff --git a/o o b/n n\nsimilarity index 100%\nrename from o o\nrename to n n\n',
    'o o -> n n',
  );
  check(
    'binary',
    'diff --git a/p.png b/p.png\nindex 1..2\nBinary files a/p.png and b/p.png differ\n',
    'p.png -> p.png binary',
  );
  check('a binary patch', 'diff --git a/p b/p\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZ\n\n', 'p -> p binary');
  check(
    'quoted',
    'diff --git "a/\\303\\244\\t\\"x\\"" "b/\\303\\244\\t\\"x\\""\n--- "a/\\303\\244\\t\\"x\\""\n+++ "b/\\303\\244\\t\\"x\\""\n@@ -1 +1 @@\n-b\n+c\n',
    'ä\t"x" -> ä\t"x" @1,1,1,1|-b|+c',
  );
  check(
    'a name with blanks',
    'diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-b\n+c\n',
    'a b -> a b @1,1,1,1|-b|+c',
  );
  check('no prefix', 'diff --git x x\n--- x\n+++ x\n@@ -1 +1 @@\n-b\n+c\n', 'x -> x @1,1,1,1|-b|+c');
  check('other prefixes', 'diff --git i/x w/x\n--- i/x\n+++ w/x\n@@ -1 +1 @@\n-b\n+c\n', 'x -> x @1,1,1,1|-b|+c');
  check(
    'lines that look like headers',
    '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a\n-b\n+++ c\n+d\n',
    'x -> x @1,2,1,2|--- a|-b|+++ c|+d',
  );
  check('a file in CR LF', '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n', 'x -> x @1,2,1,2| a\r|-b\r|+c\r');
  check('a diff in CR LF', '--- a/x\r\n+++ b/x\r\n@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+c\r\n', 'x -> x @1,2,1,2| a|-b|+c');
  check('stripped blanks', '--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n', 'x -> x @1,3,1,3| a| |-b|+c');
  check(
    'two hunks, two files',
    '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n@@ -9 +9 @@\n-d\n+e\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-f\n+g\n',
    'x -> x @1,1,1,1|-b|+c @9,1,9,1|-d|+e',
    'y -> y @1,1,1,1|-f|+g',
  );
  check('a hunk alone', '@@ -1 +1 @@\n-b\n+c\n', ' ->  @1,1,1,1|-b|+c');
  check(
    'words around',
    'Here is the patch:\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n\nThank you.\n',
    'x -> x @1,1,1,1|-b|+c',
  );
  check('mode alone', 'diff --git a/x b/x\nold mode 100644\nnew mode 100755\n', 'x -> x');
});

test('what is no diff is told with its line', () => {
  const refused = (text: string, reason: RegExp) =>
    assert.throws(
      () => parseUnifiedDiff(text),
      (error) => error instanceof UserError && reason.test(error.message),
    );
  refused('', /expected a unified diff/);
  refused('let x = 1;\n', /expected a unified diff/);
  refused('--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n', /line 5: expected a line of the hunk, got the end/);
  refused('--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\nb\n', /line 5: expected a line that begins with a blank, \+ or -/);
  refused('--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-b\n-c\n', /line 5: expected as many lines/);
  refused('diff --cc x\n@@@ -1,2 -1,2 +1,2 @@@\n', /combined/);
});

const base = 'one\ntwo\nthree\nfour\nfive\n';
const diff = (text: string) => parseUnifiedDiff(text)[0]!;
const change = diff('--- a/x\n+++ b/x\n@@ -2,3 +2,3 @@\n two\n-three\n+3\n four\n');

test('a diff is found in a file that has it, in one that has it not yet, and alone', () => {
  const check = (
    file: DiffFile,
    content: string | undefined,
    context: string,
    old: string | null,
    now: string | null,
  ) => {
    const placed = placeDiff(file, content);
    assert.deepEqual([placed.context, placed.old, placed.now], [context, old, now]);
    return placed.hunks;
  };
  const after = base.replace('three', '3');
  const place = [
    { oldStart: 2, oldLines: 3, newStart: 2, newLines: 3, added: [{ from: 2, to: 3 }], removed: [{ from: 2, to: 3 }] },
  ];
  assert.deepEqual(check(change, base, 'notYetApplied', base, after), place);
  assert.deepEqual(check(change, after, 'applied', base, after), place);
  const alone = [
    { oldStart: 1, oldLines: 3, newStart: 1, newLines: 3, added: [{ from: 1, to: 2 }], removed: [{ from: 1, to: 2 }] },
  ];
  assert.deepEqual(check(change, undefined, 'alone', 'two\nthree\nfour\n', 'two\n3\nfour\n'), alone);
  assert.deepEqual(check(change, 'another\n', 'alone', 'two\nthree\nfour\n', 'two\n3\nfour\n'), alone);
  // Wrong line numbers, and lines before it that the diff knows nothing of.
  assert.equal(
    check(change, `zero\n0\n${base}`, 'notYetApplied', `zero\n0\n${base}`, `zero\n0\n${after}`)[0]!.newStart,
    4,
  );
  // Of a file in CR LF what comes has such line ends, too.
  const windows = base.replaceAll('\n', '\r\n');
  check(change, windows, 'notYetApplied', windows, windows.replace('three', '3'));
  const made = diff('--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+a\n+b\n');
  check(made, undefined, 'alone', null, 'a\nb\n');
  check(made, 'a\nb\n', 'applied', null, 'a\nb\n');
  const gone = diff('--- a/n\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n');
  check(gone, 'a\nb\n', 'notYetApplied', 'a\nb\n', null);
  const bare = diff('--- a/x\n+++ b/x\n@@ -3 +2,0 @@\n-three\n');
  check(bare, base, 'notYetApplied', base, base.replace('three\n', ''));
});
