// What a model has to beat: the bits that a common compressor takes for the same held-out data. Text: gzip, all files in one stream. Images:
// PNG, all in one file, so that its header is paid for once and what repeats between images is found; of one column and a square of
// images, of every filter, depth and palette the smallest. Both learn from the held-out data alone, as a file does that is sent to somebody.
import { createGzip } from 'node:zlib';
import type { Pixels } from '../base/pixels.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { type Levels, smallestPng } from '../files/images/encodePng.ts';

export interface Baseline {
  readonly bits: number;
  /** Bytes of text, or channel values of images. */
  readonly numUnits: number;
  /** NaN without any. */
  readonly bitsPerUnit: number;
}

/** At level 9, header and checksum included; no more than a block is held in memory. */
export async function gzipBaseline(texts: Iterable<Uint8Array>): Promise<Baseline> {
  const gzip = createGzip({ level: 9 });
  let compressed = 0;
  gzip.on('data', (part: Uint8Array) => {
    compressed += part.length;
  });
  const ended = new Promise<void>((resolve, reject) => {
    gzip.on('end', resolve);
    gzip.on('error', reject);
  });
  let numBytes = 0;
  for (const text of texts) {
    numBytes += text.length;
    await new Promise<void>((resolve, reject) => {
      gzip.write(text, (error) => (error ? reject(error) : resolve()));
    });
  }
  gzip.end();
  await ended;
  return baseline(8 * compressed, numBytes);
}

/** A minute of a PNG encoder's work is too much for a figure: of more images the first ones are taken. */
const mostValues = 1 << 19;

/** Of the values that a model of that codec learns, as they are quantized by it. @throws RangeError for images of another shape. */
export function pngBaseline(codec: ImageCodec, images: readonly Pixels[]): Baseline {
  const { width, height, channels } = codec;
  const size = width * height * channels;
  const taken = images.slice(0, Math.max(1, Math.floor(mostValues / size)));
  if (taken.length === 0) return baseline(0, 0);
  const all = taken.map((image) => codec.encode(image));
  const sheets = new Set([1, Math.ceil(Math.sqrt(taken.length))]);
  const lengths = [...sheets].map((columns) => smallestPng(sheetOf(codec, all, columns)).length);
  return baseline(8 * Math.min(...lengths), taken.length * size);
}

/** In rows of `columns`; what the last one lacks stays 0. */
function sheetOf(
  { width, height, channels, levels }: ImageCodec,
  images: readonly Int32Array[],
  columns: number,
): Levels {
  const lineLength = columns * width * channels;
  const sheetHeight = Math.ceil(images.length / columns) * height;
  const data = new Uint8Array(lineLength * sheetHeight);
  for (const [i, image] of images.entries()) {
    const left = (i % columns) * width * channels;
    const top = Math.floor(i / columns) * height;
    for (let y = 0; y < height; y++) {
      data.set(image.subarray(y * width * channels, (y + 1) * width * channels), (top + y) * lineLength + left);
    }
  }
  return { width: columns * width, height: sheetHeight, channels, levels, data };
}

function baseline(bits: number, numUnits: number): Baseline {
  return { bits, numUnits, bitsPerUnit: numUnits > 0 ? bits / numUnits : Number.NaN };
}
