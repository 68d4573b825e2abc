// The sums behind a model card: bits per byte beside gzip's, by extension and in all.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

interface MeasuredFile {
  readonly path: string;
  readonly bytes: number;
  readonly modelBits: number;
  readonly gzipBits: number;
}

interface Row {
  readonly extension: string;
  readonly files: number;
  readonly bytes: number;
  readonly bitsPerByte: number | null;
  readonly gzipBitsPerByte: number | null;
  readonly ratio: number | null;
  readonly better: number;
}

interface Evaluation {
  extensionOf(file: string): string;
  isWanted(file: string, extensions: readonly string[] | undefined): boolean;
  gzipBits(bytes: Uint8Array): number;
  summarize(files: readonly MeasuredFile[]): Row[];
  formatSummary(rows: readonly Row[]): string;
}

// A script, which runs without being built; TypeScript does not see it.
const script: string = pathToFileURL(path.resolve('training', 'evaluation.mjs')).href;
const { extensionOf, isWanted, gzipBits, summarize, formatSummary } = (await import(script)) as Evaluation;

const files: MeasuredFile[] = [
  { path: 'a/x.ts', bytes: 100, modelBits: 100, gzipBits: 300 },
  { path: 'a/y.py', bytes: 500, modelBits: 1000, gzipBits: 1500 },
  { path: 'b/z.TS', bytes: 300, modelBits: 700, gzipBits: 500 },
  { path: 'b/empty.ts', bytes: 0, modelBits: 3, gzipBits: 160 },
];

test('extensions are told apart whatever their case; a name without one stands for itself', () => {
  assert.deepEqual(['a/b.test.ts', 'B.PY', 'x/Makefile', '.gitignore'].map(extensionOf), [
    '.ts',
    '.py',
    'makefile',
    '.gitignore',
  ]);
  assert.equal(isWanted('x/y.ts', undefined), true);
  assert.equal(isWanted('x/y.TS', ['py', 'ts']), true);
  assert.equal(isWanted('x/y.ts', ['.ts']), true);
  assert.equal(isWanted('x/Makefile', ['Makefile']), true);
  assert.equal(isWanted('x/y.tsx', ['ts']), false);
});

test('gzip is at its best, one member per file', () => {
  const bytes = Buffer.from('let x = 1;\n'.repeat(50));
  const best = gzipSync(bytes, { level: 9 });
  assert.equal(gzipBits(bytes), best.length * 8);
  assert.deepEqual(gunzipSync(best), bytes);
});

test('sums by extension, the largest first, then the total; empty files are left out', () => {
  assert.deepEqual(summarize(files), [
    { extension: '.py', files: 1, bytes: 500, bitsPerByte: 2, gzipBitsPerByte: 3, ratio: 1.5, better: 1 },
    { extension: '.ts', files: 2, bytes: 400, bitsPerByte: 2, gzipBitsPerByte: 2, ratio: 1, better: 1 },
    {
      extension: 'total',
      files: 3,
      bytes: 900,
      bitsPerByte: 2,
      gzipBitsPerByte: 2300 / 900,
      ratio: 2300 / 1800,
      better: 2,
    },
  ]);
});

test('nothing measured is no number', () => {
  const nothing = { bitsPerByte: null, gzipBitsPerByte: null, ratio: null, better: 0 };
  assert.deepEqual(summarize([]), [{ extension: 'total', files: 0, bytes: 0, ...nothing }]);
});

test('the table is Markdown with aligned columns', () => {
  assert.equal(
    formatSummary(summarize(files)),
    [
      '| extension | files | bytes | bits/byte | gzip -9 | ratio | better in |',
      '| --------- | ----: | ----: | --------: | ------: | ----: | --------: |',
      '| .py       |     1 |   500 |     2.000 |   3.000 |  1.50 | 1 (100 %) |',
      '| .ts       |     2 |   400 |     2.000 |   2.000 |  1.00 |  1 (50 %) |',
      '| total     |     3 |   900 |     2.000 |   2.556 |  1.28 |  2 (67 %) |',
    ].join('\n'),
  );
  assert.match(formatSummary(summarize([])), /\n\| total {5}\| {5}0 \| {5}0 \|/);
});
