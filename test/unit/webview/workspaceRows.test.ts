import assert from 'node:assert/strict';
import { test } from 'node:test';
import { densityStep, densitySteps } from '../../../src/protocol/bitsPerByteScale.ts';
import {
  allFolders,
  type FileScore,
  folderAt,
  folderTree,
  languageSums,
  sumsOf,
} from '../../../src/protocol/fileSums.ts';
import { densityText, percentText, sizeText } from '../../../src/webview/amounts.ts';
import { harmlessText } from '../../../src/webview/harmlessText.ts';
import { filteredRows, rowsInSight, rowsOf, sortedRows } from '../../../src/webview/workspaceRows.ts';

const file = (path: string, bytes: number, bits: number, language = 'Go'): FileScore => ({
  ...{ path, language, sizeBytes: bytes, bytes, bits, numSymbols: bytes },
});
const files = [
  file('r/a/x.go', 100, 100),
  file('r/a/b/y.go', 300, 900),
  file('r/z.md', 50, 200, 'Markdown'),
  file('s/e.go', 0, 0),
];
const tree = folderTree(files);

test('sums over folders, languages and files are the same', () => {
  assert.deepEqual(sumsOf(files), { numFiles: 4, bytes: 450, bits: 1200 });
  assert.deepEqual([tree.numFiles, tree.bytes, tree.bits], [4, 450, 1200]);
  for (const folder of allFolders(tree)) {
    const parts = [...folder.folders, ...folder.files.map((one) => ({ ...one, numFiles: 1 }))];
    for (const what of ['numFiles', 'bytes', 'bits'] as const) {
      assert.equal(
        parts.reduce((sum, part) => sum + part[what], 0),
        folder[what],
        `${folder.path} ${what}`,
      );
    }
  }
  const languages = languageSums(files);
  assert.deepEqual(
    languages.map(({ name, bytes, bits }) => [name, bytes, bits]),
    [
      ['Go', 400, 1000],
      ['Markdown', 50, 200],
    ],
  );
  assert.equal(folderAt(tree, 'r/a/b')?.bits, 900);
  assert.equal(folderAt(tree, 'r/nothing'), undefined);
  assert.equal(folderAt(tree, 'constructor'), undefined);
});

test('rows of a folder: sorted, filtered, and in sight', () => {
  const below = folderAt(tree, 'r')!;
  assert.deepEqual(
    rowsOf('folders', below).map(({ name }) => name),
    ['a', 'a/b'],
  );
  assert.deepEqual(
    rowsOf('files', tree)
      .map(({ name }) => name)
      .sort(),
    ['r/a/b/y.go', 'r/a/x.go', 'r/z.md', 's/e.go'],
  );
  const rows = rowsOf('files', tree);
  assert.deepEqual(
    sortedRows(rows, 'bitsPerByte', true).map(({ name }) => name),
    ['r/z.md', 'r/a/b/y.go', 'r/a/x.go', 's/e.go'],
  );
  assert.deepEqual(
    sortedRows(rows, 'bitsPerByte', false).at(-1)?.name,
    's/e.go',
    'what has no byte is last either way',
  );
  assert.deepEqual(sortedRows(rows, 'name', true)[0]?.name, 's/e.go');
  assert.deepEqual(
    filteredRows(rows, ' GO  a/')
      .map(({ name }) => name)
      .sort(),
    ['r/a/b/y.go', 'r/a/x.go'],
  );
  assert.equal(filteredRows(rows, '').length, 4);
  assert.deepEqual(rowsInSight(1000, { scrollTop: 2600, height: 260, rowHeight: 26 }), { from: 92, to: 118 });
  assert.deepEqual(rowsInSight(5, { scrollTop: 9999, height: 260, rowHeight: 26 }), { from: 0, to: 5 });
  assert.deepEqual(rowsInSight(0, { scrollTop: 0, height: 0, rowHeight: 26 }), { from: 0, to: 0 });
});

test('every density has a color, and what has no byte has none', () => {
  for (const [bits, step] of [
    [0, 0],
    [0.49, 0],
    [0.5, 1],
    [2.9, 4],
    [4, 6],
    [100, 6],
    [Infinity, 6],
  ] as const) {
    assert.equal(densityStep(bits), step);
  }
  assert.equal(densityStep(Number.NaN), undefined);
  assert.equal(new Set(densitySteps.map(({ color }) => color)).size, 7);
  assert.deepEqual(
    [densityText(Number.NaN), densityText(1.234), sizeText(999), sizeText(1234), sizeText(56_000_000)],
    ['-', '1.23', '999 B', '1.2 KB', '56 MB'],
  );
  assert.deepEqual([percentText(0.123), percentText(Number.NaN)], ['12.3 %', '-']);
});

test('names that hide or turn round what stands beside them are shown as they are', () => {
  assert.equal(harmlessText('a\u202egnp.exe'), 'a<U+202E>gnp.exe');
  assert.equal(harmlessText('a\u0000\u001b[31m\n\u2028\u200b'), 'a<U+0000><U+001B>[31m<U+000A><U+2028><U+200B>');
  assert.equal(harmlessText('\ud800x'), '<U+D800>x');
  assert.equal(harmlessText('<script>\tä 🙂'), '<script>\tä 🙂');
});
