import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pixels } from '../../../src/base/pixels.ts';
import { Random } from '../../../src/base/random.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { type Binarization, ImageStore, imageData } from '../../../src/train/imageRows.ts';
import type { RowSource } from '../../../src/train/trainingData.ts';

const shape = { width: 3, height: 2, channels: 1 } as const;
const size = 6;

/** Image i is grey i everywhere. */
function store(count: number, first = 0): ImageStore {
  const images = new ImageStore(shape);
  for (let i = 0; i < count; i++) images.add(pixels(3, 2, 1, new Uint8Array(size).fill(first + i)));
  return images;
}

function dataOf(training: ImageStore, heldOut?: ImageStore, levels = 256, binarization: Binarization = 'none') {
  return imageData({ codec: imageCodec({ ...shape, levels }), training, heldOut, binarization });
}

function rowsOf(source: RowSource, count: number): Int32Array[] {
  return Array.from({ length: count }, (_, at) => {
    const row = new Int32Array(size + 1);
    assert.equal(source.fill(at % 4, row), false);
    return row;
  });
}

test('a row is the start symbol and a whole image; every epoch has all images, each time in another order', () => {
  const data = dataOf(store(20));
  assert.deepEqual([data.unit, data.numSymbols], ['dimension', 120]);
  const rows = rowsOf(data.openRows({ slots: 4, random: new Random(1) }), 60);
  for (const row of rows) assert.deepEqual([row[0], new Set(row.subarray(1)).size], [256, 1]);
  const epochs = [0, 20, 40].map((from) => rows.slice(from, from + 20).map((row) => row[1]!));
  for (const epoch of epochs)
    assert.deepEqual(
      epoch.toSorted((a, b) => a - b),
      Array.from(Array(20).keys()),
    );
  assert.equal(new Set(epochs.map(String)).size, 3);
});

for (const binarization of ['none', 'sampled'] as const)
  test(`rows go on from any position, binarization ${binarization}`, () => {
    const data = dataOf(store(7, 100), undefined, 2, binarization);
    const open = (position?: readonly number[]) => data.openRows({ slots: 4, random: new Random(3), position });
    const whole = rowsOf(open(), 20);
    assert.deepEqual(rowsOf(open(), 20), whole);
    for (const cut of [0, 1, 6, 7, 8, 15]) {
      const source = open();
      rowsOf(source, cut);
      const later = data.openRows({ slots: 4, random: new Random(99), position: source.position });
      assert.deepEqual(rowsOf(later, 20 - cut), whole.slice(cut), `cut at ${cut}`);
    }
    assert.throws(() => open([1, 2]), /expected a position of 3 numbers, got 2/);
  });

test('sampled binarization draws each value by its intensity, anew in every epoch', () => {
  const images = new ImageStore(shape);
  images.add(pixels(3, 2, 1, Uint8Array.of(0, 255, 51, 51, 204, 204)));
  const data = dataOf(images, images, 2, 'sampled');
  const rows = rowsOf(data.openRows({ slots: 4, random: new Random(1) }), 2000);
  const share = (at: number) => rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length;
  assert.deepEqual([share(1), share(2)], [0, 1]);
  for (const [at, expected] of [3, 4, 5, 6].map((at) => [at, at < 5 ? 0.2 : 0.8] as const))
    assert.ok(Math.abs(share(at) - expected) < 0.04, `value ${at}: ${share(at)} for ${expected}`);
  assert.ok(new Set(rows.map(String)).size > 10);
  const [first, second] = [data.heldOut(1, size)!, data.heldOut(1, size)!];
  assert.deepEqual(first.rows, second.rows);
  assert.throws(() => dataOf(images, undefined, 4, 'sampled'), /expected a codec of 2 levels .*, got 4/);
});

test('held-out rows: whole batches of images, the same in every run', () => {
  const check = (count: number, batch: number, expected: number) => {
    const rows = dataOf(store(1), store(count)).heldOut(batch, size)!;
    assert.equal(rows.rows.length, expected);
    assert.equal(rows.continues.length, expected);
    assert.deepEqual([rows.numTargets, rows.numUnits], [expected * size, expected * size]);
    if (expected <= count) assert.equal(new Set(rows.rows.map((row) => row[1])).size, expected);
  };
  check(10, 4, 8);
  check(8, 4, 8);
  check(3, 4, 4);
  assert.equal(dataOf(store(1)).heldOut(4, size), undefined);
  assert.equal(dataOf(store(1), store(0)).heldOut(4, size), undefined);
  assert.throws(() => dataOf(store(1), store(1)).heldOut(4, 5), /expected rows of 6 symbols, whole images, got 5/);
});

test('the fingerprint follows images, levels and binarization', () => {
  const prints = [
    dataOf(store(3)),
    dataOf(store(4)),
    dataOf(store(3, 1)),
    dataOf(store(3), store(1)),
    dataOf(store(3), undefined, 2),
    dataOf(store(3), undefined, 2, 'sampled'),
  ].map(({ fingerprint }) => fingerprint);
  assert.equal(new Set(prints).size, prints.length);
  assert.equal(dataOf(store(3)).fingerprint, prints[0]);
});

test('the store grows, is bounded, and takes one shape', () => {
  const images = new ImageStore(shape, 100 * size);
  for (let i = 0; i < 100; i++) images.add(pixels(3, 2, 1, new Uint8Array(size).fill(i)));
  for (let i = 0; i < 100; i++) assert.deepEqual([...images.at(i)], Array(size).fill(i));
  assert.throws(() => images.add(pixels(3, 2, 1, new Uint8Array(size))), {
    name: 'UserError',
    message: /the images take more than 0 MiB.*; give fewer images, or train on smaller ones/,
  });
  assert.throws(() => images.add(pixels(2, 3, 1, new Uint8Array(size))), /expected an image of 3 x 2 x 1, got 2 x 3/);
  assert.throws(() => dataOf(store(0)), /expected at least one image/);
});
