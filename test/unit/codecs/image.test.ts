import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Channels, pixels } from '../../../src/base/pixels.ts';
import { Random } from '../../../src/base/random.ts';
import { imageCodec } from '../../../src/codecs/image.ts';

const random = new Random(1);
const noise = (width: number, height: number, channels: Channels) =>
  pixels(
    width,
    height,
    channels,
    Uint8Array.from({ length: width * height * channels }, () => random.nextInteger(256)),
  );

test('256 levels lose nothing', () => {
  for (const channels of [1, 3] as const) {
    const codec = imageCodec({ width: 5, height: 3, channels, levels: 256 });
    const picture = noise(5, 3, channels);
    assert.ok(codec.lossless);
    assert.deepEqual(codec.decode(codec.encode(picture)), picture);
    assert.deepEqual([...codec.encode(picture)], [...picture.data]);
  }
});

test('fewer levels: the nearest, evenly spaced; what was decoded is encoded as it was', () => {
  for (let levels = 2; levels <= 256; levels++) {
    const codec = imageCodec({ width: levels, height: 1, channels: 1, levels });
    assert.deepEqual(codec.vocabulary, { size: levels + 1, start: levels });
    const symbols = Int32Array.from({ length: levels }, (_, symbol) => symbol);
    const decoded = codec.decode(symbols);
    assert.deepEqual(codec.encode(decoded), symbols);
    assert.equal(decoded.data[0], 0);
    assert.equal(decoded.data[levels - 1], 255);
    for (const value of [0, 1, 100, 127, 128, 254, 255]) {
      const nearest = decoded.data.reduce((best, level) => Math.min(best, Math.abs(level - value)), 255);
      const taken = Math.abs(decoded.data[codec.quantize(value)]! - value);
      assert.ok(taken <= nearest + 1, `${levels} levels: ${value} is ${taken} off, ${nearest} would do`);
    }
  }
  const black = imageCodec({ width: 1, height: 1, channels: 1, levels: 2 });
  assert.deepEqual([0, 127, 128, 255].map(black.quantize), [0, 0, 1, 1]);
});

test('what is no picture of the size is refused', () => {
  const codec = imageCodec({ width: 4, height: 2, channels: 3, levels: 8 });
  assert.throws(() => codec.encode(noise(2, 4, 3)), /expected a picture of 4 x 2 x 3, got one of 2 x 4 x 3; resize/);
  assert.throws(() => codec.encode(noise(4, 2, 1)), /expected a picture of 4 x 2 x 3, got one of 4 x 2 x 1/);
  assert.throws(() => codec.decode(new Int32Array(23)), /expected 24 symbols, a whole picture, got 23/);
  assert.throws(() => codec.decode(new Int32Array(24).fill(8)), /expected a symbol from 0 to 7, got 8/);
  const shape = { width: 4, height: 4, channels: 1, levels: 8 } as const;
  assert.throws(() => imageCodec({ ...shape, levels: 1 }), /levels must be a whole number from 2 to 256, got 1/);
  assert.throws(() => imageCodec({ ...shape, width: 257 }), /width must be a whole number from 1 to 256, got 257/);
  assert.throws(() => imageCodec({ ...shape, height: 0.5 }), /height must be a whole number/);
  assert.throws(() => imageCodec({ ...shape, channels: 2 as Channels }), /channels must be 1 or 3, got 2/);
  assert.throws(() => pixels(2, 2, 3, new Uint8Array(4)), /expected 12 values for 2 x 2 x 3, got 4/);
});
