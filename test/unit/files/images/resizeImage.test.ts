import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pixels } from '../../../../src/base/pixels.ts';
import { contactSheet } from '../../../../src/files/images/contactSheet.ts';
import { type ResizeTo, resizeImage, withChannels } from '../../../../src/files/images/resizeImage.ts';
import { noise, smooth } from './makeImages.ts';

const grey = (width: number, ...data: number[]): Pixels => ({
  width,
  height: data.length / width,
  channels: 1,
  data: Uint8Array.from(data),
});

function check(pixels: Pixels, to: ResizeTo, ...expected: number[]): void {
  const resized = resizeImage(pixels, to);
  assert.deepEqual([resized.width, resized.height, resized.channels], [to.width, to.height, pixels.channels]);
  assert.deepEqual([...resized.data], expected);
}

test('stretch: each new pixel is the mean of the area it covers, parts counted by their part', () => {
  check(grey(2, 0, 100, 200, 60), { width: 1, height: 1, rule: 'stretch' }, 90);
  check(grey(3, 0, 90, 240), { width: 2, height: 1, rule: 'stretch' }, 30, 190);
  check(grey(2, 10, 20), { width: 4, height: 2, rule: 'stretch' }, 10, 10, 20, 20, 10, 10, 20, 20);
  check(grey(2, 10, 20), { width: 3, height: 1, rule: 'stretch' }, 10, 15, 20);
  check(grey(2, 10, 20), { width: 2, height: 1, rule: 'stretch' }, 10, 20);
});

test('crop: the middle; fit: all of it, with a white border', () => {
  check(grey(4, 1, 2, 3, 4, 5, 6, 7, 8), { width: 2, height: 2, rule: 'crop' }, 2, 3, 6, 7);
  check(grey(1, 1, 2, 3, 4), { width: 2, height: 2, rule: 'crop' }, 2, 2, 3, 3);
  check(
    grey(4, 10, 20, 30, 40),
    { width: 4, height: 3, rule: 'fit' },
    255,
    255,
    255,
    255,
    10,
    20,
    30,
    40,
    255,
    255,
    255,
    255,
  );
  check(grey(4, 10, 20, 30, 40), { width: 2, height: 2, rule: 'fit' }, 15, 35, 255, 255);
  check(
    grey(500, ...new Array<number>(500).fill(7)),
    { width: 3, height: 3, rule: 'fit' },
    255,
    255,
    255,
    7,
    7,
    7,
    255,
    255,
    255,
  );
});

test('the mean of a picture survives, whatever the sizes; colors stay apart', () => {
  const mean = (pixels: Pixels, channel: number) => {
    const values = pixels.data.filter((_, i) => i % pixels.channels === channel);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const pixels = noise(37, 53, 3);
  for (const [width, height] of [
    [1, 1],
    [7, 11],
    [28, 28],
    [36, 52],
    [64, 90],
  ] as const) {
    const resized = resizeImage(pixels, { width, height, rule: 'stretch' });
    for (const channel of [0, 1, 2]) assert.ok(Math.abs(mean(resized, channel) - mean(pixels, channel)) < 0.6);
  }
});

test('one step is as good as two: halves of halves are quarters', () => {
  const pixels = smooth(64, 64, 1);
  const twice = resizeImage(resizeImage(pixels, { width: 32, height: 32, rule: 'crop' }), {
    width: 16,
    height: 16,
    rule: 'crop',
  });
  const once = resizeImage(pixels, { width: 16, height: 16, rule: 'crop' });
  assert.ok(once.data.every((value, i) => Math.abs(value - twice.data[i]!) <= 1));
});

test('grey is weighed as in BT.601; grey in color is three times the same', () => {
  const color: Pixels = {
    width: 4,
    height: 1,
    channels: 3,
    data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9),
  };
  assert.deepEqual([...withChannels(color, 1).data], [76, 150, 29, 9]);
  assert.deepEqual([...withChannels(grey(2, 5, 6), 3).data], [5, 5, 5, 6, 6, 6]);
  assert.equal(withChannels(color, 3), color);
});

test('a contact sheet: rows of columns, gaps, unequal sizes, color beside grey', () => {
  const sheet = contactSheet([grey(1, 1), grey(1, 2), grey(1, 3)], 2, 1);
  assert.deepEqual([sheet.width, sheet.height, sheet.channels], [5, 5, 1]);
  const b = 128;
  assert.deepEqual([...sheet.data], [b, b, b, b, b, b, 1, b, 2, b, b, b, b, b, b, b, 3, b, b, b, b, b, b, b, b]);
  const mixed = contactSheet([grey(2, 1, 2), { width: 1, height: 1, channels: 3, data: Uint8Array.of(7, 8, 9) }], 9, 0);
  assert.deepEqual([mixed.width, mixed.height, ...mixed.data], [4, 1, 1, 1, 1, 2, 2, 2, 7, 8, 9, b, b, b]);
  assert.deepEqual(contactSheet([], 4, 2).width, 5);
});
