import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextWindows, windowStart } from '../../../src/engine/contextWindow.ts';

function check(length: number, contextLength: number, expected: [from: number, countFrom: number, to: number][]) {
  const windows = [...contextWindows(length, contextLength)];
  assert.deepEqual(
    windows.map(({ from, countFrom, to }) => [from, countFrom, to]),
    expected,
    `${length} symbols, context ${contextLength}`,
  );
}

test('a sequence is predicted window by window, each restart keeping the last half of the context', () => {
  check(0, 8, []);
  check(5, 8, [[0, 0, 5]]);
  check(8, 8, [[0, 0, 8]]);
  check(9, 8, [
    [0, 0, 8],
    [4, 8, 9],
  ]);
  check(17, 8, [
    [0, 0, 8],
    [4, 8, 12],
    [8, 12, 16],
    [12, 16, 17],
  ]);
  check(9, 5, [
    [0, 0, 5],
    [3, 5, 8],
    [6, 8, 9],
  ]);
  check(3, 1, [
    [0, 0, 1],
    [1, 1, 2],
    [2, 2, 3],
  ]);
  check(1_000_000, Infinity, [[0, 0, 1_000_000]]);
});

test('the start of the context depends on the length only, and every window fits', () => {
  for (const contextLength of [1, 2, 3, 7, 8, 64]) {
    for (const { from, countFrom, to } of contextWindows(300, contextLength)) {
      for (let length = countFrom; length < to; length++) {
        assert.equal(windowStart(length, contextLength), from);
        assert.ok(1 + length - from <= contextLength);
      }
    }
  }
});
