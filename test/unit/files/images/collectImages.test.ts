import assert from 'node:assert/strict';
import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancelledError } from '../../../../src/base/errors.ts';
import { type FileSystem, nodeFileSystem } from '../../../../src/files/fileSystem.ts';
import {
  type CollectImagesOptions,
  collectImages,
  type ImageSurvey,
  previewImages,
  type SourceImage,
  surveyImages,
} from '../../../../src/files/images/collectImages.ts';
import { decodeImage } from '../../../../src/files/images/decodeImage.ts';
import { encodePng } from '../../../../src/files/images/encodePng.ts';
import { resizeImage } from '../../../../src/files/images/resizeImage.ts';
import { plainRoots } from '../../../../src/files/roots.ts';
import { makeTree } from '../tree.ts';
import { gifOf, jpeg, noise, pngOf, smooth, webp } from './makeImages.ts';

async function collect(root: string, options: Partial<CollectImagesOptions> = {}) {
  const images: SourceImage[] = [];
  const generator = collectImages(plainRoots([root]), { respectIgnore: true, ...options });
  for (let next = await generator.next(); ; next = await generator.next()) {
    if (next.done) return { images, survey: next.value, leftOut: leftOutOf(next.value, root) };
    images.push(next.value);
  }
}

/** By reason: `path: detail`. */
function leftOutOf({ leftOut }: ImageSurvey, root: string): Record<string, string[]> {
  const name = path.basename(root);
  const plain = (text: string) => text.replaceAll(`${name}/`, '');
  return Object.fromEntries(
    leftOut.map(({ reason, examples }) => [
      reason,
      examples.map((one) => plain(one.detail === undefined ? one.path : `${one.path}: ${one.detail}`)),
    ]),
  );
}

const png = (seed: number, width = 24, height = 24) => encodePng(smooth(width, height, 3, seed));

test('every fault has its reason; what is left is read, whatever it is called', async (context) => {
  const animated = gifOf({ width: 3, height: 1 }, [
    { indices: Uint8Array.of(9, 9, 1), width: 3, height: 1 },
    { indices: Uint8Array.of(3, 3, 3), width: 3, height: 1 },
  ]);
  const root = makeTree(context, {
    '.gitignore': 'build/\nignored.png\n',
    'build/x.png': png(90),
    'ignored.png': png(91),
    'ignored.txt': 'text is not counted',
    'a.png': png(1),
    'animated.gif': animated,
    'copy.png': png(1),
    'half.jpg': (await jpeg(smooth(24, 24, 3, 2))).subarray(0, 300),
    'huge.png': pngOf({ width: 20_000, height: 20_000, depth: 8, colorType: 2, rows: new Uint8Array(1) }),
    'named.png': await webp(smooth(24, 24, 3, 3)),
    'page.png': '<html>',
    'photo.JPG': await jpeg(resizeImage(smooth(24, 24, 3, 1), { width: 48, height: 48, rule: 'stretch' })),
    'pointer.png': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n',
    'zero.png': '',
    'zz.png': Buffer.from(png(4)).fill(0x55, 60, 70),
  });
  symlinkSync('a.png', path.join(root, 'link.png'));
  const { images, survey, leftOut } = await collect(root);
  assert.deepEqual(
    images.map((image) => image.path),
    ['a.png', 'animated.gif', 'named.png'],
  );
  assert.deepEqual(leftOut, {
    corrupt: [
      'half.jpg: JPEG: expected its end mark; the file is not whole, fetch or save it again',
      'page.png: image: expected PNG, JPEG, WebP, GIF or BMP, got something else; convert it, or rename the file',
      'pointer.png: image: expected an image, got a Git LFS pointer; fetch it with git lfs pull',
      'zz.png: PNG: its pixels do not unpack; save the image again',
    ],
    ignored: ['build', 'ignored.png'],
    link: ['link.png'],
    tooLarge: ['huge.png: image: expected at most 33554432 pixels, got 20000 x 20000; make it smaller'],
    empty: ['zero.png: image: expected an image, got no bytes; save it again'],
    duplicate: ['copy.png: it is the same as a.png'],
    nearDuplicate: ['photo.JPG: it is nearly the same as a.png'],
  });
  assert.deepEqual(survey.numFiles, 3);
  assert.deepEqual(survey.groups.map(({ name, numFiles }) => `${name}: ${numFiles}`).sort(), [
    '24 x 24: 2',
    '3 x 1: 1',
  ]);
  assert.deepEqual(await surveyImages(plainRoots([root]), { respectIgnore: true }), survey);
  assert.deepEqual(JSON.parse(JSON.stringify(survey)), survey);
});

test('nothing to see: an empty workspace, one without images, roots that are gone', async (context) => {
  const empty = await collect(makeTree(context, { deep: null }));
  assert.deepEqual([empty.images, empty.survey.suggested, empty.survey.previewFiles], [[], null, []]);
  const texts = await collect(makeTree(context, { 'a.ts': 'a', 'b.bin': Uint8Array.of(0, 1) }));
  assert.deepEqual([texts.images, texts.leftOut], [[], {}]);
  const gone = await surveyImages(plainRoots([path.join(makeTree(context, {}), 'x')]), { respectIgnore: true });
  assert.deepEqual([gone.numFiles, gone.leftOut[0]?.reason], [0, 'vanished']);
});

test('every image comes in the shape that was asked for, and previews show that shape', async (context) => {
  const root = makeTree(context, { 'a.png': png(1, 40, 20), 'b.png': encodePng(noise(9, 30, 1)) });
  const target = { width: 12, height: 10, rule: 'crop', channels: 1 } as const;
  const { images, survey } = await collect(root, { target });
  assert.deepEqual(
    images.map(({ pixels }) => [pixels.width, pixels.height, pixels.channels, pixels.data.length]),
    [
      [12, 10, 1, 120],
      [12, 10, 1, 120],
    ],
  );
  assert.equal(survey.previewFiles.length, 2);
  const controller = new AbortController();
  const files = [...survey.previewFiles, path.join(root, 'gone.png')];
  const previews = await previewImages(files, target, controller.signal);
  controller.abort();
  await assert.rejects(previewImages(files, target, controller.signal), CancelledError);
  assert.deepEqual(
    await Promise.all(previews.map((preview) => decodeImage(preview))),
    images.map(({ pixels }) => pixels),
  );
});

test('previews are few and from all over', async (context) => {
  const files = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`${100 + i}.png`, encodePng(noise(6, 6, 3, i + 1))]),
  );
  const { survey } = await collect(makeTree(context, files));
  const numbers = survey.previewFiles.map((file) => Number(path.basename(file, '.png')) - 100);
  assert.ok(numbers.length >= 8 && numbers.length <= 16);
  assert.ok(numbers[0] === 0 && numbers.at(-1)! >= 44, numbers.join());
});

test('the shape that is offered: as they are, cut to the middle, or whole with a border', async (context) => {
  const suggest = async (...sizes: readonly (readonly [width: number, height: number, channels: 1 | 3])[]) => {
    const files = sizes.map(([w, h, channels], i) => [`${i}.png`, encodePng(noise(w, h, channels, i + 1))]);
    const { suggested } = (await collect(makeTree(context, Object.fromEntries(files)))).survey;
    return suggested && `${suggested.width} x ${suggested.height} x ${suggested.channels} ${suggested.rule}`;
  };
  assert.equal(await suggest([28, 28, 1], [28, 28, 1]), '28 x 28 x 1 crop');
  assert.equal(await suggest([32, 16, 3], [32, 16, 3]), '32 x 16 x 3 fit');
  assert.equal(await suggest([34, 16, 3], [34, 16, 3]), '16 x 16 x 3 fit');
  assert.equal(await suggest([64, 64, 3], [60, 70, 3], [64, 64, 1]), '24 x 24 x 3 crop');
  assert.equal(await suggest([100, 30, 1], [90, 30, 1]), '28 x 28 x 1 fit');
  assert.equal(await suggest([5, 5, 3], [6, 6, 3]), '8 x 8 x 3 crop');
});

test('an image that vanishes, refuses, or grows while it is read', async (context) => {
  const root = makeTree(context, { 'a.png': png(1), 'gone.png': png(2), 'refused.png': png(3) });
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    sizeBytes: async (file) => {
      const size = await nodeFileSystem.sizeBytes(file);
      if (file.endsWith('a.png')) appendFileSync(file, Buffer.alloc(5000));
      return size;
    },
    read: async (file, maxBytes) => {
      if (file.endsWith('gone.png')) rmSync(file);
      if (file.endsWith('refused.png')) throw Object.assign(new Error('no'), { code: 'EACCES' });
      return nodeFileSystem.read(file, maxBytes);
    },
  };
  const { images, leftOut } = await collect(root, { fileSystem });
  assert.deepEqual(leftOut, { vanished: ['gone.png'], unreadable: ['refused.png'] });
  assert.deepEqual(images[0]?.pixels, smooth(24, 24, 3, 1));
});

test('a file above the limit is not read, and one that grows above it is not decoded', async (context) => {
  const root = makeTree(context, { 'a.png': png(1), 'b.png': png(2, 90, 90) });
  const imageLimits = { maxBytes: 4000, maxPixels: 1e6 };
  writeFileSync(path.join(root, 'c.png'), encodePng(noise(50, 50, 3)));
  const { images, leftOut } = await collect(root, { imageLimits });
  assert.deepEqual(
    images.map((image) => image.path),
    ['a.png'],
  );
  assert.deepEqual(leftOut, { tooLarge: ['b.png', 'c.png'] });
});

test('a survey of images is cancelled between two of them', async (context) => {
  const root = makeTree(context, { 'a.png': png(1), 'b.png': png(2) });
  const controller = new AbortController();
  const onProgress = (done: number) => done === 1 && controller.abort();
  const options = { respectIgnore: true, signal: controller.signal, onProgress };
  await assert.rejects(
    surveyImages(plainRoots([root]), options).then(() => surveyImages(plainRoots([root]), options)),
    { name: 'CancelledError' },
  );
});
