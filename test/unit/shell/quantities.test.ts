import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aboutText,
  bitsText,
  comparedText,
  counted,
  elapsedText,
  secondsText,
  sizeText,
  unitText,
} from '../../../src/shell/quantities.ts';

test('quantities in words', () => {
  assert.deepEqual([0, 999, 1500, 12_345_678, 3e9].map(sizeText), [
    '0 bytes',
    '999 bytes',
    '1.5 KB',
    '12 MB',
    '3.0 GB',
  ]);
  assert.deepEqual([500, 42_000, 90_000, 36e5, 18e6].map(aboutText), [
    'a few seconds',
    'about 40 seconds',
    'about 2 minutes',
    'about 60 minutes',
    'about 5 hours',
  ]);
  assert.deepEqual([5000, 125_000, 3_725_000].map(elapsedText), ['0:05', '2:05', '1:02:05']);
  assert.deepEqual([0.002, 0.11, 2.34].map(secondsText), ['2.0 ms', '110 ms', '2.3 s']);
  assert.deepEqual([counted(1, 'file'), counted(1200, 'file')], ['1 file', '1,200 files']);
  assert.deepEqual([bitsText(0.1234), bitsText(2.1234)], ['0.123', '2.12']);
  assert.deepEqual(
    [unitText('byte'), unitText('dimension', 1), unitText('dimension', 3)],
    ['bits per byte', 'bits per pixel', 'bits per channel value'],
  );
});

test('a measurement compared', () => {
  const gzip = { name: 'gzip', bits: 2.5 };
  assert.equal(comparedText(2, gzip), '20 % below gzip');
  assert.equal(comparedText(3, gzip), '20 % above gzip');
  assert.equal(comparedText(2.5, gzip), 'as much as gzip');
});
