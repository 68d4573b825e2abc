import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sheetLayout } from '../../../src/webview/sheetLayout.ts';

test('images lie on the sheet without touching each other', () => {
  for (const count of [1, 2, 3, 16, 17, 64]) {
    const { width, height, places } = sheetLayout(count, 28, 20);
    assert.equal(places.length, count);
    assert.equal(new Set(places.map(({ x, y }) => `${x} ${y}`)).size, count);
    for (const { x, y } of places) assert.ok(x % 30 === 0 && y % 22 === 0 && x + 28 <= width && y + 20 <= height);
  }
  assert.deepEqual(sheetLayout(16, 28, 28).width, 4 * 28 + 3 * 2);
  assert.deepEqual(sheetLayout(1, 28, 28), { width: 28, height: 28, places: [{ x: 0, y: 0 }] });
});
