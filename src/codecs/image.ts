// Pictures of one size as sequences: one symbol for each channel of each pixel, row after row, red before green before blue.
// A value becomes the nearest of `levels` evenly spaced ones; with 256 levels nothing is lost.
//   0..levels-1 values | levels start
import type { Codec } from '../base/model.ts';
import { type Channels, intensityOf, type Pixels, type ResizeRule } from '../base/pixels.ts';

export interface ImageShape {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** Values that a channel can have, 2 to 256. */
  readonly levels: number;
}

export interface ImageCodec extends Codec<Pixels>, ImageShape {
  readonly kind: 'image';
  /** By which pictures of other shapes were brought to this one: what the model learnt, it must be given again. */
  readonly rule: ResizeRule;
  /** The symbol of a value from 0 to 255. */
  quantize(value: number): number;
}

/** The largest picture that can be a sequence. */
export const maxImageSide = 256;

/** @throws RangeError when the shape is none. */
export function imageCodec(shape: ImageShape & { readonly rule?: ResizeRule }): ImageCodec {
  const { width, height, channels, levels, rule = 'crop' } = shape;
  checkWhole('width', width, 1, maxImageSide);
  checkWhole('height', height, 1, maxImageSide);
  checkWhole('levels', levels, 2, 256);
  if (channels !== 1 && channels !== 3) throw new RangeError(`imageCodec: channels must be 1 or 3, got ${channels}`);
  const size = width * height * channels;
  const symbols = Uint8Array.from({ length: 256 }, (_, value) => Math.round((value * (levels - 1)) / 255));
  const values = Uint8Array.from({ length: levels }, (_, symbol) => intensityOf(symbol, levels));
  return {
    kind: 'image',
    width,
    height,
    channels,
    levels,
    rule,
    vocabulary: { size: levels + 1, start: levels },
    lossless: levels === 256,
    quantize: (value) => symbols[value]!,
    encode: (signal) => {
      const { data } = signal;
      if (signal.width !== width || signal.height !== height || signal.channels !== channels) {
        const [expected, got] = [shapeText({ width, height, channels }), shapeText(signal)];
        throw new RangeError(`imageCodec: expected a picture of ${expected}, got one of ${got}; resize it first`);
      }
      return Int32Array.from(data, (value) => symbols[value]!);
    },
    decode: (sequence) => {
      if (sequence.length !== size) {
        throw new RangeError(`imageCodec: expected ${size} symbols, a whole picture, got ${sequence.length}`);
      }
      const data = Uint8Array.from(sequence, (symbol) => {
        const value = values[symbol];
        if (value === undefined) {
          throw new RangeError(`imageCodec: expected a symbol from 0 to ${levels - 1}, got ${symbol}`);
        }
        return value;
      });
      return { width, height, channels, data };
    },
  };
}

function shapeText({ width, height, channels }: Pick<ImageShape, 'width' | 'height' | 'channels'>): string {
  return `${width} x ${height} x ${channels}`;
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`imageCodec: ${name} must be a whole number from ${least} to ${most}, got ${value}`);
}
