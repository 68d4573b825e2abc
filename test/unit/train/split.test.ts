import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pixels } from '../../../src/base/pixels.ts';
import { gatherImages, type NamedImage } from '../../../src/train/gatherImages.ts';
import { splitHeldOut } from '../../../src/train/split.ts';

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `images/part${i % 5}/${i}.png`, size: 1 }));
const sizeOf = ({ size }: { size: number }) => size;

test('one in twenty is held out, nothing is lost, and nothing is on both sides', () => {
  const all = named(2000);
  const { training, heldOut } = splitHeldOut(all, sizeOf);
  assert.ok(heldOut.length > 70 && heldOut.length < 130, `${heldOut.length} of 2000`);
  assert.deepEqual(new Set([...training, ...heldOut]), new Set(all));
  assert.equal(training.length + heldOut.length, all.length);
});

test('what comes or goes beside a file, and in which order, does not move it', () => {
  const all = named(500);
  const held = new Set(splitHeldOut(all, sizeOf).heldOut);
  const some = all.filter((_, i) => i % 3 !== 0).reverse();
  assert.deepEqual(new Set(splitHeldOut(some, sizeOf).heldOut), new Set(some.filter((one) => held.has(one))));
});

test('of a few one is held out, of a single one none', () => {
  for (const count of [2, 3, 7]) assert.equal(splitHeldOut(named(count), sizeOf).heldOut.length, 1);
  assert.deepEqual(splitHeldOut(named(1), sizeOf), { training: named(1), heldOut: [] });
  assert.deepEqual(splitHeldOut([], sizeOf), { training: [], heldOut: [] });
});

test('most of it stays to be learnt from, however large the files are that the hash takes', () => {
  for (let seed = 0; seed < 20; seed++) {
    const all = named(40).map((one, i) => ({ ...one, size: (i * 7 + seed) % 20 === 0 ? 400 : 1 }));
    const { training, heldOut } = splitHeldOut(all, sizeOf);
    const [learnt, measured] = [training, heldOut].map((part) => part.reduce((sum, { size }) => sum + size, 0));
    assert.ok(heldOut.length > 0 && measured! <= 0.3 * (learnt! + measured!), `${measured} held out of ${learnt}`);
  }
  const two = [
    { id: 'large', size: 100 },
    { id: 'small', size: 1 },
  ];
  assert.deepEqual(
    splitHeldOut(two, sizeOf).heldOut.map(({ id }) => id),
    ['small'],
  );
});

test('images: split by file, packed into stores, none refused', async () => {
  const picture = (value: number): Pixels => ({ width: 2, height: 1, channels: 1, data: Uint8Array.of(value, value) });
  async function* images(count: number): AsyncGenerator<NamedImage> {
    for (let i = 0; i < count; i++) yield { id: `a/${i}.png`, pixels: picture(i) };
  }
  const { training, heldOut } = await gatherImages(images(100));
  assert.equal(training.length + (heldOut?.length ?? 0), 100);
  const values = [training, heldOut!].flatMap((store) =>
    Array.from({ length: store.length }, (_, i) => store.at(i)[0]!),
  );
  assert.deepEqual(
    values.toSorted((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  const again = await gatherImages(images(100));
  assert.equal(again.heldOut?.fingerprint(), heldOut?.fingerprint());
  assert.equal((await gatherImages(images(1))).heldOut, undefined);
  await assert.rejects(gatherImages(images(0)), /the data holds no image/);
  await assert.rejects(gatherImages(images(9), 10), /the most that is kept in memory/);
});
