import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Pixels } from '../../../src/base/pixels.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { decodeImage } from '../../../src/files/images/decodeImage.ts';
import { smallestPng } from '../../../src/files/images/encodePng.ts';
import { gzipBaseline, pngBaseline } from '../../../src/likelihood/baselines.ts';
import { noise, smooth } from '../files/images/makeImages.ts';

test('gzip: the length of the stream, whatever the pieces', async () => {
  const texts = ['the first file, the first line\n', '', 'the second file\n'.repeat(300)].map((text) =>
    Buffer.from(text),
  );
  const { bits, numUnits, bitsPerUnit } = await gzipBaseline(texts);
  const whole = Buffer.concat(texts);
  assert.equal(numUnits, whole.length);
  assert.equal(bits, 8 * gzipSync(whole, { level: 9 }).length);
  assert.equal(bitsPerUnit, bits / numUnits);
  assert.ok(Number.isNaN((await gzipBaseline([])).bitsPerUnit));
});

test('PNG: noise costs its bits and hardly more, at every number of levels; what is smooth costs less', () => {
  const bitsOf = (levels: number, channels: 1 | 3, make: typeof noise) => {
    const images = Array.from({ length: 12 }, (_, i) => make(28, 28, channels, i + 1));
    return pngBaseline(imageCodec({ width: 28, height: 28, channels, levels }), images).bitsPerUnit;
  };
  for (const [levels, channels, entropy] of [
    [256, 1, 8],
    [256, 3, 8],
    [16, 1, 4],
    [4, 1, 2],
    [2, 1, 1],
  ] as const) {
    const bits = bitsOf(levels, channels, noise);
    // The outer levels of a few are half as wide, and so a little below the entropy of equal ones.
    assert.ok(bits > 0.9 * entropy && bits < 1.15 * entropy, `${levels} levels: ${bits} bits`);
  }
  assert.ok(bitsOf(256, 1, smooth) < 5.5);
});

test('a palette is used where it is smaller, and the file is a PNG', async () => {
  const colors = [
    [255, 0, 0],
    [0, 255, 0],
    [1, 2, 3],
  ];
  const { data: indices } = noise(40, 40, 1);
  const data = Uint8Array.from({ length: 4800 }, (_, i) => colors[indices[Math.floor(i / 3)]! % 3]![i % 3]!);
  const image: Pixels = { width: 40, height: 40, channels: 3, data };
  const file = smallestPng({ ...image, levels: 256 });
  assert.deepEqual(await decodeImage(file), image);
  assert.ok(8 * file.length < 2.5 * 1600, `${file.length} bytes`);
});

test('no images, images of another shape, more than are needed', () => {
  const codec = imageCodec({ width: 2, height: 2, channels: 1, levels: 256 });
  assert.ok(Number.isNaN(pngBaseline(codec, []).bitsPerUnit));
  assert.throws(() => pngBaseline(codec, [noise(3, 2, 1)]), RangeError);
});
