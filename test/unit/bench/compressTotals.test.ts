// What many round trips come to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RoundTrip, tableOf, totalsOf } from '../../../bench/compress/totals.ts';

const trip: RoundTrip = {
  path: 'a.ts',
  bytes: 1000,
  compressedBytes: 326,
  headerBytes: 76,
  symbols: 400,
  bits: 1996,
  identical: true,
  compressMs: 500,
  decompressMs: 250,
  gzipBytes: 400,
  xzBytes: 420,
};

test('sums, the largest difference, and rates', () => {
  const totals = totalsOf([trip, { ...trip, bits: 2004, identical: false, headerBytes: 78, compressedBytes: 328 }]);
  assert.deepEqual(totals, {
    ...{ files: 2, identical: 1, bytes: 2000, symbols: 800, codeBytes: 500, headerBytes: 154, largestHeader: 78 },
    ...{ bits: 4000, leastExcess: -0.5, mostExcess: 0.5, gzipBytes: 800, xzBytes: 840 },
    ...{ compressBytesPerSecond: 2000, decompressBytesPerSecond: 4000, symbolsPerSecond: 800 },
  });
  const table = tableOf(totals);
  assert.match(table, /\| files that came back byte for byte \| 1 of 2 \|/);
  assert.match(table, /\| compressed, without headers \| 500 \(25\.0 %\) \|/);
  assert.match(table, /-0\.500 to 0\.500 bytes/);
});

test('where there is no xz, the table says so', () => {
  assert.match(tableOf(totalsOf([trip, { ...trip, xzBytes: null }])), /there is no xz here/);
});
