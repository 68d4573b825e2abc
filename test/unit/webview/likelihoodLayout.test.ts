import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsFor, columnsOf, type Grid, paneLeft, placeAt, rowShape } from '../../../src/webview/likelihoodGrid.ts';
import {
  characterBits,
  differenceStep,
  differences,
  groupAt,
  histogram,
  profileBars,
  quantile,
  type Scores,
  ScrollMap,
  smoothed,
  sumsByLine,
  totalBits,
  utf8Length,
} from '../../../src/webview/likelihoodLayout.ts';
import { lineStarts, TextRows } from '../../../src/webview/likelihoodText.ts';

/** Tokens of these bits that begin there; the text's end behind them. */
function scoresOf(text: string, starts: readonly number[], bits: readonly number[]): Scores {
  return {
    starts: Int32Array.from([...starts, text.length]),
    bits: Float32Array.from(bits),
    entropy: new Float32Array(bits.length),
    rank: new Int32Array(bits.length),
  };
}

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-4, `${a} is not ${b}`);

test('tokens that are parts of a character are told together', () => {
  // a, three parts of one character, b, the end.
  const text = 'a漢b';
  const scores = scoresOf(text, [0, 1, 1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(groupAt(scores, 0), { first: 0, end: 1, from: 0, to: 1, bits: 1 });
  assert.deepEqual(groupAt(scores, 1), { first: 1, end: 4, from: 1, to: 2, bits: 9 });
  assert.deepEqual(groupAt(scores, 2), { first: 4, end: 5, from: 2, to: 3, bits: 5 });
  assert.deepEqual(groupAt(scores, 3), { first: 5, end: 6, from: 3, to: 3, bits: 6 });
  assert.equal(totalBits(scores), 21);
});

test('the bits of characters add up to those of tokens, whatever the tokens', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀', '\n'), minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(texts, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (text, cuts) => {
      const places = [...text.matchAll(/./gsu)].map(({ index }) => index);
      const starts = places.filter((_, i) => i === 0 || cuts[i]);
      const scores = scoresOf(text, [...starts, text.length], [...starts.map((_, i) => i + 0.5), 9]);
      const spread = characterBits(text, scores);
      near(
        [...spread].reduce((sum, one) => sum + one, 0),
        totalBits(scores) - 9,
      );
      const lines = lineStarts(text);
      near(
        sumsByLine(lines, spread).reduce((sum, one) => sum + one, 0),
        totalBits(scores) - 9,
      );
    }),
  );
});

test('models of different vocabularies are compared byte by byte', () => {
  const text = 'abé';
  const a = scoresOf(text, [0, 3], [8, 0]);
  const b = scoresOf(text, [0, 1, 2, 3], [1, 2, 3, 0]);
  const spread = [...characterBits(text, a)];
  assert.deepEqual(spread, [2, 2, 4]);
  assert.deepEqual([...differences(characterBits(text, a), characterBits(text, b))], [1, 0, 1]);
  assert.deepEqual([-9, -4, -0.3, 0, 0.2, 0.25, 3, 4].map(differenceStep), [0, 1, 3, 4, 4, 5, 7, 8]);
  assert.equal(utf8Length('aé漢😀\ud800'), 1 + 2 + 3 + 4 + 3);
});

test('bins hold every number once, the last all above', () => {
  const bins = histogram(Float32Array.from([0, 0.4, 0.5, 3.9, 4, 99, Infinity]), 0.5, 4);
  assert.equal(bins.length, 9);
  assert.deepEqual(
    bins.filter(({ count }) => count > 0).map(({ from, count }) => [from, count]),
    [
      [0, 2],
      [0.5, 1],
      [3.5, 1],
      [4, 3],
    ],
  );
  assert.equal(bins.at(-1)?.to, Infinity);
  assert.deepEqual(
    histogram(new Float32Array(0), 1, 2).map(({ count }) => count),
    [0, 0, 0],
  );
});

test('a smoothed curve is the mean around each place', () => {
  assert.deepEqual([...smoothed(Float32Array.from([1, 2, 3, 4, 5]), 3)], [1.5, 2, 3, 4, 4.5]);
  const values = Float32Array.from({ length: 50 }, (_, i) => (i * 7) % 13);
  for (const width of [1, 2, 5, 16, 100]) {
    const half = Math.floor(width / 2);
    for (const [i, mean] of smoothed(values, width).entries()) {
      const around = width === 1 ? [values[i]!] : [...values.slice(Math.max(0, i - half), i + half + 1)];
      near(mean, around.reduce((sum, one) => sum + one, 0) / around.length);
    }
  }
});

test('the profile has a bar for each line, or for as many as share a pixel the fullest', () => {
  const bits = Float64Array.from([1, 8, 3, 4]);
  const bytes = Float64Array.from([1, 4, 3, 2]);
  assert.equal(profileBars(bits, bytes, 100).length, 4);
  assert.deepEqual(profileBars(bits, bytes, 2), [
    { from: 0, to: 2, bits: 8, perByte: 9 / 5 },
    { from: 2, to: 4, bits: 4, perByte: 7 / 5 },
  ]);
  assert.equal(quantile([5, 1, Number.NaN, 3], 0.5), 3);
  assert.equal(quantile([], 0.5), 0);
});

test('a scroll bar of bounded height reaches the first and the last row', () => {
  const short = new ScrollMap(100, 20, 400);
  assert.deepEqual([short.height, short.pixelsAt(33), short.scrollTopOf(33)], [2000, 33, 33]);
  const long = new ScrollMap(4_000_000, 20, 400, 1_000_000);
  assert.equal(long.height, 1_000_000);
  assert.equal(long.pixelsAt(0), 0);
  near(long.pixelsAt(1_000_000 - 400), 80_000_000 - 400);
  near(long.pixelsAt(long.scrollTopOf(12_345_678)), 12_345_678);
});

test('a place in the window is a column of a pane, and a span of text is columns of a row', () => {
  const pane = { kind: 'a', title: '', scores: undefined, difference: undefined } as const;
  const grid: Grid = {
    cellWidth: 10,
    rowHeight: 20,
    gutter: 50,
    columns: columnsFor(1000, 50, 10, 2),
    panes: [pane, pane],
  };
  assert.equal(placeAt(grid, 10), undefined);
  assert.deepEqual(placeAt(grid, 50 + 6 + 35), { pane: 0, column: 3 });
  assert.deepEqual(placeAt(grid, paneLeft(grid, 1) + 6), { pane: 1, column: 0 });
  assert.equal(placeAt(grid, paneLeft(grid, 1) - 5), undefined);
  const rows = new TextRows('ab\tc漢\r\nxyz', 80);
  const first = rowShape(rows, 0);
  assert.deepEqual(columnsOf(first, { from: 0, to: 2 }), { from: 0, to: 2 });
  assert.deepEqual(columnsOf(first, { from: 2, to: 4 }), { from: 2, to: 5 });
  assert.deepEqual(columnsOf(first, { from: 4, to: 7 }), { from: 5, to: 8 });
  assert.equal(columnsOf(first, { from: 7, to: 8 }), undefined);
  const last = rowShape(rows, 1);
  assert.deepEqual(columnsOf(last, { from: 5, to: 9 }), { from: 0, to: 2 });
  assert.deepEqual(columnsOf(last, { from: 10, to: 10 }), { from: 3, to: 4 });
  assert.equal(columnsOf(first, { from: 10, to: 10 }), undefined);
});
