import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pixels } from '../../../../src/base/pixels.ts';
import { decodeImage } from '../../../../src/files/images/decodeImage.ts';
import { resizeImage, withChannels } from '../../../../src/files/images/resizeImage.ts';
import { SimilarImages } from '../../../../src/files/images/similarImages.ts';
import { jpeg, noise, smooth } from './makeImages.ts';

function earlier(...images: readonly Pixels[]): (string | undefined)[] {
  const seen = new SimilarImages();
  return images.map((image, i) => seen.earlier(`${i}`, image)).map((found) => found && `${found.kind} ${found.path}`);
}

test('the same pixels, the same picture smaller, and worse', async () => {
  const pixels = smooth(96, 64, 3);
  const worse = await decodeImage(await jpeg(pixels, { quality: 70 }));
  const smaller = resizeImage(pixels, { width: 48, height: 32, rule: 'stretch' });
  assert.deepEqual(earlier(pixels, { ...pixels }, worse, smaller), [
    undefined,
    'duplicate 0',
    'nearDuplicate 0',
    'nearDuplicate 0',
  ]);
});

test('different pictures are kept: others, stretched, tinted, with a detail, flat in another color', () => {
  const pixels = smooth(96, 96, 3);
  const detail = { ...pixels, data: pixels.data.slice() };
  for (let y = 10; y < 30; y++) detail.data.fill(0, (y * 96 + 10) * 3, (y * 96 + 30) * 3);
  const tinted = { ...pixels, data: pixels.data.map((value, i) => (i % 3 === 0 ? value / 2 : value)) };
  const stretched = resizeImage(pixels, { width: 96, height: 80, rule: 'stretch' });
  const flat = (value: number): Pixels => ({ width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(value) });
  const images = [pixels, detail, tinted, stretched, smooth(96, 96, 3, 2), smooth(96, 96, 3, 3), flat(10), flat(20)];
  assert.deepEqual(
    earlier(...images),
    images.map(() => undefined),
  );
});

test('small drawings of one kind are kept apart: strokes that differ by a few pixels', () => {
  const stroke = (column: number): Pixels => {
    const data = new Uint8Array(28 * 28);
    for (let y = 4; y < 24; y++) data.fill(255, y * 28 + column, y * 28 + column + 3);
    return { width: 28, height: 28, channels: 1, data };
  };
  assert.deepEqual(earlier(stroke(10), stroke(11), stroke(13)), [undefined, undefined, undefined]);
});

test('memory is bounded: what comes later is compared, and not remembered', () => {
  const seen = new SimilarImages(2);
  const images = [1, 2, 3, 3].map((seed) => noise(9, 9, 1, seed));
  assert.deepEqual(
    images.map((image, i) => seen.earlier(`${i}`, image)?.kind),
    [undefined, undefined, undefined, undefined],
  );
  assert.equal(seen.earlier('again', noise(9, 9, 1, 1))?.kind, 'duplicate');
  assert.equal(seen.earlier('color', withChannels(noise(9, 9, 1, 2), 3))?.kind, 'nearDuplicate');
});
