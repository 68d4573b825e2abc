import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { idxImages, isIdxName } from '../../../../src/files/images/idx.ts';

function idx(words: readonly number[], values: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 * words.length);
  for (const [at, word] of words.entries()) header.writeUInt32BE(word, 4 * at);
  return Buffer.concat([header, Uint8Array.from(values)]);
}

const two = idx([0x803, 2, 1, 3], [1, 2, 3, 4, 5, 6]);

test('images one after the other, gzipped or not', () => {
  for (const bytes of [two, gzipSync(two)]) {
    const images = [...idxImages('f', bytes)].map((image) => ({ ...image, data: [...image.data] }));
    assert.deepEqual(images, [
      { width: 3, height: 1, channels: 1, data: [1, 2, 3] },
      { width: 3, height: 1, channels: 1, data: [4, 5, 6] },
    ]);
  }
});

test('what is something else, or cut short, is refused with its name', () => {
  const refused = (bytes: Uint8Array, expected: RegExp) => assert.throws(() => [...idxImages('f', bytes)], expected);
  refused(Uint8Array.of(), /^UserError: f: expected images as IDX, got something else/);
  refused(idx([0x801, 2, 1, 3], [1, 2]), /expected images as IDX/);
  refused(two.subarray(0, 20), /expected 2 images of 3 x 1, got fewer bytes/);
  refused(idx([0x803, 0xffffffff, 0xffff, 0xffff], [1]), /got fewer bytes/);
  refused(idx([0x803, 1, 0, 3], []), /got fewer bytes/);
  refused(gzipSync(two).subarray(0, 15), /cannot be unpacked/);
});

test('names', () => {
  for (const name of ['train-images-idx3-ubyte', 'a/t10k-images.idx3-ubyte.gz', 'x.idx', 'X.IDX3.GZ'])
    assert.ok(isIdxName(name), name);
  for (const name of ['train-labels-idx1-ubyte.gz', 'idx', 'a.png']) assert.ok(!isIdxName(name), name);
});
