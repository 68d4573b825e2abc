// Every format and kind comes back as the pixels that were written; every broken file is refused by name, before its pixels are
// touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { Pixels } from '../../../../src/base/pixels.ts';
import { decodeImage, openImage } from '../../../../src/files/images/decodeImage.ts';
import { encodePng, smallestPng } from '../../../../src/files/images/encodePng.ts';
import { ImageError, type ImageFault } from '../../../../src/files/images/imageFile.ts';
import { bmpOf, gifOf, jpeg, noise, pngChunk, pngOf, smooth, webp } from './makeImages.ts';

async function check(bytes: Uint8Array, expected: Pixels): Promise<void> {
  assert.deepEqual(await decodeImage(bytes), expected);
}

async function refuse(fault: ImageFault, bytes: Uint8Array, message = /./): Promise<void> {
  await assert.rejects(decodeImage(bytes), (error: unknown) => {
    assert.ok(error instanceof ImageError, String(error));
    assert.equal(error.fault, fault, error.message);
    assert.match(error.message, message);
    return true;
  });
}

const greyRow = (...data: number[]): Pixels => ({
  width: data.length,
  height: 1,
  channels: 1,
  data: Uint8Array.from(data),
});

test('PNG: what was written comes back, whichever filter stored it', async () => {
  for (const channels of [1, 3] as const) {
    for (const pixels of [smooth(37, 23, channels), noise(19, 11, channels), noise(1, 1, channels)]) {
      await check(encodePng(pixels), pixels);
      await check(smallestPng({ ...pixels, levels: 256 }), pixels);
    }
  }
});

test('PNG: depths of grey, and a grey that is transparent', async () => {
  const png = (depth: number, width: number, row: number[], before: Buffer[] = []) =>
    pngOf({ width, height: 1, depth, colorType: 0, before, rows: Uint8Array.of(0, ...row) });
  await check(png(1, 3, [0b10100000]), greyRow(255, 0, 255));
  await check(png(2, 4, [0b00011011]), greyRow(0, 85, 170, 255));
  await check(png(4, 3, [0x0f, 0x80]), greyRow(0, 255, 136));
  await check(png(16, 2, [0x12, 0x34, 0xff, 0x00]), greyRow(18, 254));
  await check(png(8, 2, [7, 9], [pngChunk('tRNS', Uint8Array.of(0, 7))]), greyRow(255, 9));
});

test('PNG: colors with alpha are laid on white, palettes with transparent entries too', async () => {
  await check(
    pngOf({ width: 2, height: 1, depth: 8, colorType: 6, rows: Uint8Array.of(0, 255, 0, 0, 255, 0, 0, 100, 51) }),
    { width: 2, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 204, 204, 224) },
  );
  await check(
    pngOf({ width: 2, height: 1, depth: 8, colorType: 4, rows: Uint8Array.of(0, 0, 255, 0, 0) }),
    greyRow(0, 255),
  );
  const before = [pngChunk('PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6)), pngChunk('tRNS', Uint8Array.of(255, 0))];
  await check(pngOf({ width: 2, height: 1, depth: 1, colorType: 3, before, rows: Uint8Array.of(0, 0b01000000) }), {
    width: 2,
    height: 1,
    channels: 3,
    data: Uint8Array.of(1, 2, 3, 255, 255, 255),
  });
});

test('PNG: interlaced', async () => {
  const { width, height, data } = smooth(11, 9, 1);
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  const rows = passes.flatMap(([left, top, dx, dy]) => {
    const lines: number[] = [];
    for (let y = top; y < height; y += dy) {
      const line: number[] = [];
      for (let x = left; x < width; x += dx) line.push(data[y * width + x]!);
      if (line.length > 0) lines.push(0, ...line);
    }
    return lines;
  });
  await check(pngOf({ width, height, depth: 8, colorType: 0, interlace: 1, rows: Uint8Array.from(rows) }), {
    width,
    height,
    channels: 1,
    data,
  });
});

test('GIF: palettes, transparency, interlace, long codes, the first of several frames', async () => {
  const { data } = noise(90, 70, 1);
  const indices = { indices: data, width: 90, height: 70 };
  await check(gifOf({ width: 90, height: 70 }, [indices]), { width: 90, height: 70, channels: 1, data });
  const flat = new Uint8Array(120 * 100).fill(5);
  await check(gifOf({ width: 120, height: 100 }, [{ indices: flat, width: 120, height: 100 }]), {
    width: 120,
    height: 100,
    channels: 1,
    data: flat,
  });
  const rows = Uint8Array.from([0, 8, 4, 2, 6, 1, 3, 5, 7]); // In the order in which interlaced rows are stored.
  const interlaced = gifOf({ width: 1, height: 9 }, [{ indices: rows, width: 1, height: 9, interlaced: true }]);
  await check(interlaced, { width: 1, height: 9, channels: 1, data: Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8]) });

  const animated = gifOf({ width: 3, height: 1 }, [
    { indices: Uint8Array.of(9, 1), width: 2, height: 1, x: 1, transparent: 9 },
    { indices: Uint8Array.of(3, 3, 3), width: 3, height: 1 },
  ]);
  assert.equal(openImage(animated).animated, true);
  await check(animated, greyRow(255, 255, 1));
  const palette = Uint8Array.of(255, 0, 0, 0, 0, 255);
  await check(gifOf({ width: 2, height: 1 }, [{ indices: Uint8Array.of(1, 0), width: 2, height: 1 }], palette), {
    width: 2,
    height: 1,
    channels: 3,
    data: Uint8Array.of(0, 0, 255, 255, 0, 0),
  });
});

test('BMP: palette, 16, 24 and 32 bits, from the bottom and from the top, masks', async () => {
  const palette = [0, 0, 0, 0, 9, 9, 9, 0];
  await check(bmpOf({ width: 2, height: 2, bits: 1, palette, rows: Uint8Array.of(0x40, 0, 0, 0, 0x80, 0, 0, 0) }), {
    width: 2,
    height: 2,
    channels: 1,
    data: Uint8Array.of(9, 0, 0, 9),
  });
  await check(bmpOf({ width: 2, height: -1, bits: 4, palette, rows: Uint8Array.of(0x10, 0, 0, 0) }), greyRow(9, 0));
  const blueFirst = Uint8Array.of(1, 2, 3, 4, 5, 6, 0, 0);
  const both = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(3, 2, 1, 6, 5, 4) };
  await check(bmpOf({ width: 2, height: 1, bits: 24, rows: blueFirst }), both);
  await check(bmpOf({ width: 2, height: 1, bits: 32, rows: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0) }), both);
  await check(bmpOf({ width: 2, height: 1, bits: 16, rows: Uint8Array.of(0xff, 0x7f, 0, 0) }), greyRow(255, 0));
  const masks = [0xff, 0xff00, 0xff0000, 0xff000000];
  await check(
    bmpOf({ width: 2, height: 1, bits: 32, compression: 3, masks, rows: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 0) }),
    { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 255, 255, 255) },
  );
});

test('JPEG, near what was written; WebP, exactly it; grey and color', async () => {
  for (const channels of [1, 3] as const) {
    const pixels = smooth(40, 24, channels);
    for (const progressive of [true, false]) {
      const color_space = channels === 1 ? 1 : 3;
      const back = await decodeImage(
        await jpeg(pixels, { progressive, color_space, auto_subsample: false, chroma_subsample: 1 }),
      );
      assert.deepEqual([back.width, back.height, back.channels], [40, 24, channels]);
      const worst = back.data.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels.data[i]!)), 0);
      assert.ok(worst < 12, `${channels} channels: ${worst} levels away`);
    }
    await check(await webp(pixels), pixels);
  }
  const lossy = await decodeImage(await webp(smooth(40, 24, 3), { lossless: 0, quality: 90 }));
  assert.deepEqual([lossy.width, lossy.height], [40, 24]);
});

test('WebP: the first frame of an animated one, on its canvas', async () => {
  const frame = smooth(4, 2, 3);
  const still = await webp(frame);
  const canvas = Buffer.alloc(10);
  canvas.writeUInt8(2, 0);
  canvas.writeUIntLE(8 - 1, 4, 3);
  canvas.writeUIntLE(6 - 1, 7, 3);
  const head = Buffer.alloc(16);
  head.writeUIntLE(4 / 2, 0, 3);
  head.writeUIntLE(2 / 2, 3, 3);
  const chunk = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const frames = chunk('ANMF', Buffer.concat([head, still.subarray(12)]));
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', canvas),
    chunk('ANIM', Buffer.alloc(6)),
    frames,
    frames,
  ]);
  const file = chunk('RIFF', body);
  const opened = openImage(file);
  assert.deepEqual([opened.format, opened.width, opened.height, opened.animated], ['webp', 8, 6, true]);
  const { data } = await opened.pixels();
  assert.deepEqual([...data.subarray(0, 3)], [255, 255, 255]);
  const at = (2 * 8 + 4) * 3;
  assert.deepEqual(data.subarray(at, at + 12), frame.data.subarray(0, 12));
});

test('the orientation that a camera noted is applied', async () => {
  const exif = (orientation: number) => {
    const tiff = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1');
    tiff.writeUInt16BE(orientation, 18);
    return tiff;
  };
  const stored = [1, 2, 3, 4, 5, 6]; // 3 x 2
  const seen: Readonly<Record<number, readonly [width: number, data: readonly number[]]>> = {
    1: [3, [1, 2, 3, 4, 5, 6]],
    2: [3, [3, 2, 1, 6, 5, 4]],
    3: [3, [6, 5, 4, 3, 2, 1]],
    4: [3, [4, 5, 6, 1, 2, 3]],
    5: [2, [1, 4, 2, 5, 3, 6]],
    6: [2, [4, 1, 5, 2, 6, 3]],
    7: [2, [6, 3, 5, 2, 4, 1]],
    8: [2, [3, 6, 2, 5, 1, 4]],
    9: [3, [1, 2, 3, 4, 5, 6]],
  };
  for (const [orientation, [width, data]] of Object.entries(seen)) {
    const before = [pngChunk('eXIf', exif(Number(orientation)))];
    const rows = Uint8Array.of(0, ...stored.slice(0, 3), 0, ...stored.slice(3));
    const png = pngOf({ width: 3, height: 2, depth: 8, colorType: 0, before, rows });
    const opened = openImage(png);
    assert.deepEqual([opened.width, opened.height], [width, 6 / width]);
    assert.deepEqual([...(await opened.pixels()).data], data, `orientation ${orientation}`);
  }
  const plain = await jpeg(smooth(16, 8, 3));
  const marker = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif(6)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(marker.length + 2);
  const turned = Buffer.concat([plain.subarray(0, 2), Buffer.of(0xff, 0xe1), length, marker, plain.subarray(2)]);
  const opened = openImage(turned);
  assert.deepEqual([opened.width, opened.height], [8, 16]);
  assert.equal((await opened.pixels()).width, 8);
});

test('what is no image, by name', async () => {
  await refuse('empty', new Uint8Array(0), /got no bytes/);
  await refuse('notAnImage', Buffer.from('<html></html>'), /expected PNG, JPEG, WebP, GIF or BMP/);
  await refuse('notAnImage', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /Git LFS pointer/);
});

test('20,000 x 20,000 is refused by the header, in every format', async () => {
  const huge = pngOf({ width: 20_000, height: 20_000, depth: 8, colorType: 2, rows: new Uint8Array(1) });
  await refuse('tooLarge', huge, /at most 33554432 pixels, got 20000 x 20000; make it smaller/);
  await refuse(
    'tooLarge',
    gifOf({ width: 20_000, height: 20_000 }, [{ indices: Uint8Array.of(0), width: 1, height: 1 }]),
  );
  const jpegFile = await jpeg(smooth(16, 16, 3), { progressive: false });
  const frame = jpegFile.indexOf(Buffer.of(0xff, 0xc0));
  jpegFile.writeUInt16BE(20_000, frame + 5);
  jpegFile.writeUInt16BE(20_000, frame + 7);
  await refuse('tooLarge', jpegFile);
  const webpFile = await webp(smooth(16, 16, 3));
  webpFile.writeUInt32LE((16_383 | (16_383 << 14)) >>> 0, webpFile.indexOf('VP8L') + 9);
  await refuse('tooLarge', webpFile, /16384 x 16384/);
  await assert.rejects(decodeImage(encodePng(smooth(9, 9, 1)), { maxBytes: 20, maxPixels: 1e6 }), /at most 20 bytes/);
});

test('truncated anywhere, an image is refused as such, and never half read', async () => {
  const pixels = smooth(48, 32, 3);
  const files: Readonly<Record<string, Buffer>> = {
    png: Buffer.from(encodePng(pixels)),
    jpeg: await jpeg(pixels),
    webp: await webp(pixels),
    gif: gifOf({ width: 30, height: 30 }, [{ indices: noise(30, 30, 1).data, width: 30, height: 30 }]),
    bmp: bmpOf({ width: 48, height: 32, bits: 24, rows: pixels.data }),
  };
  for (const [name, file] of Object.entries(files)) {
    for (const length of [14, 20, file.length >> 2, file.length >> 1, file.length - 20]) {
      await assert.rejects(decodeImage(file.subarray(0, length)), (error: unknown) => {
        assert.ok(error instanceof ImageError, `${name} cut to ${length}: ${error}`);
        assert.equal(error.fault, 'truncated', `${name} cut to ${length}: ${error.message}`);
        return true;
      });
    }
  }
});

test('corrupt images are refused, or decode to their size; nothing else happens', async () => {
  const pixels = smooth(24, 16, 3);
  const files = [
    Buffer.from(encodePng(pixels)),
    await jpeg(pixels),
    await webp(pixels),
    await webp(pixels, { lossless: 0 }),
    gifOf({ width: 24, height: 16 }, [{ indices: noise(24, 16, 1).data, width: 24, height: 16 }]),
    bmpOf({ width: 24, height: 16, bits: 24, rows: pixels.data }),
  ];
  for (const file of files) {
    for (let trial = 0; trial < 15; trial++) {
      const broken = Buffer.from(file);
      const { data: places } = noise(8, 1, 1, 100 + trial);
      for (let i = 0; i < 8; i += 2) broken[8 + ((places[i]! * 131) % (broken.length - 8))] = places[i + 1]!;
      try {
        const { width, height, channels, data } = await decodeImage(broken, { maxBytes: 1e6, maxPixels: 1e6 });
        assert.equal(data.length, width * height * channels);
      } catch (error) {
        assert.ok(error instanceof ImageError, String(error));
      }
    }
  }
  // The decoders are as good as before.
  await check(files[2]!, pixels);
  assert.equal((await decodeImage(files[1]!)).width, 24);
});

test('a small file cannot ask for much memory, and checksums count', async () => {
  const bomb = pngOf({ width: 1, height: 1, depth: 8, colorType: 0, rows: new Uint8Array(1e6) });
  await refuse('corrupt', bomb, /unpack to more than its size says/);
  const short = pngOf({ width: 9, height: 9, depth: 8, colorType: 0, rows: new Uint8Array(9) });
  await refuse('truncated', short, /expected 90 bytes of pixels, got 9/);
  const file = Buffer.from(encodePng(smooth(4, 4, 1)));
  file.writeUInt8(5, 19);
  await refuse('corrupt', file, /checksum of IHDR/);
  const pixelsOff = Buffer.from(encodePng(noise(8, 8, 1)));
  pixelsOff[pixelsOff.indexOf('IDAT') + 12]! ^= 0x55;
  await refuse('corrupt', pixelsOff);
  const unknown = Buffer.concat([file.subarray(0, 8), pngChunk('CgBI', Buffer.alloc(4)), file.subarray(8)]);
  await refuse('unsupported', unknown, /CgBI/);
  assert.ok(deflateSync(new Uint8Array(1e6)).length < 2000);
});

test('kinds that no decoder here reads are named', async () => {
  const cmyk = await jpeg(smooth(16, 16, 3), { progressive: false });
  cmyk.writeUInt8(4, cmyk.indexOf(Buffer.of(0xff, 0xc0)) + 9);
  await refuse('unsupported', cmyk, /CMYK/);
  const arithmetic = await jpeg(smooth(16, 16, 3), { progressive: false });
  arithmetic.writeUInt8(0xc9, arithmetic.indexOf(Buffer.of(0xff, 0xc0)) + 1);
  await refuse('unsupported', arithmetic, /arithmetic/);
  const packed = bmpOf({ width: 2, height: 1, bits: 8, compression: 1, rows: new Uint8Array(4) });
  await refuse('unsupported', packed, /compressed/);
});
