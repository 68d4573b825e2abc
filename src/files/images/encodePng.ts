// Pixels -> PNG: for what is shown and saved, and, as small as it gets, for the figure that a model has to beat. A row is stored
// as differences to its neighbors ("filtered") so that zlib finds more that repeats; which filter, the writer is free to choose.
import { deflateSync } from 'node:zlib';
import type { Pixels } from '../../base/pixels.ts';
import { crc32 } from './crc32.ts';
import { paeth } from './png.ts';

const grey = 0;
const truecolor = 2;
const indexed = 3;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly colorType: number;
  readonly depth: number;
  readonly palette?: Uint8Array;
  /** Packed, unfiltered. */
  readonly rows: readonly Uint8Array[];
}

/** Of zlib. */
const usualLevel = 6;
const highestLevel = 9;

const filters = [0, 1, 2, 3, 4] as const;
type Filter = (typeof filters)[number];

/** Eight bits a channel. Each row takes the filter whose differences have the smallest sum, as the specification advises. */
export function encodePng({ width, height, channels, data }: Pixels): Uint8Array {
  const colorType = channels === 1 ? grey : truecolor;
  const rows = cutRows(data, width * channels, height);
  return write({ width, height, colorType, depth: 8, rows }, 'adaptive', usualLevel);
}

/** Numbers from 0 to `levels` - 1 in the order of `Pixels`. */
export interface Levels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly levels: number;
  readonly data: Uint8Array;
}

/**
 * The smallest of all filters, of the fewest bits that hold the levels, and of a palette where there are at most 256 colors. The
 * values are stored as they are: 0 and 1 need one bit, though a viewer would show them as two blacks at eight.
 */
export function smallestPng(image: Levels): Uint8Array {
  const pictures = [inLevels(image), inPalette(image)].filter((picture) => picture !== undefined);
  const ways = pictures.flatMap((picture) => (['adaptive', ...filters] as const).map((how) => ({ picture, how })));
  // The highest level takes ten times as long and changes little: it is for the best alone.
  const tries = ways.map((way) => ({ ...way, file: write(way.picture, way.how, usualLevel) }));
  const best = tries.reduce((first, one) => (one.file.length < first.file.length ? one : first));
  const tried = write(best.picture, best.how, highestLevel);
  return tried.length < best.file.length ? tried : best.file;
}

function inLevels({ width, height, channels, levels, data }: Levels): Picture {
  const depth = channels === 3 ? 8 : bitsFor(levels);
  const rows = cutRows(data, width * channels, height).map((row) => pack(row, depth));
  return { width, height, colorType: channels === 3 ? truecolor : grey, depth, rows };
}

function inPalette({ width, height, channels, data }: Levels): Picture | undefined {
  const numbers = new Map<number, number>();
  const indices = new Uint8Array(width * height);
  for (let i = 0; i < indices.length; i++) {
    const at = i * channels;
    const color = channels === 1 ? data[at]! : (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
    const number = numbers.get(color) ?? numbers.size;
    if (number > 255) return undefined;
    numbers.set(color, number);
    indices[i] = number;
  }
  const palette = Uint8Array.from(
    [...numbers.keys()].flatMap((color) =>
      channels === 1 ? [color, color, color] : [color >> 16, (color >> 8) & 255, color & 255],
    ),
  );
  const depth = bitsFor(numbers.size);
  const rows = cutRows(indices, width, height).map((row) => pack(row, depth));
  return { width, height, colorType: indexed, depth, palette, rows };
}

function bitsFor(levels: number): number {
  return [1, 2, 4].find((bits) => levels <= 2 ** bits) ?? 8;
}

function cutRows(data: Uint8Array, length: number, height: number): Uint8Array[] {
  return Array.from({ length: height }, (_, y) => data.subarray(y * length, (y + 1) * length));
}

/** The first value in the highest bits. */
function pack(values: Uint8Array, depth: number): Uint8Array {
  if (depth === 8) return values;
  const packed = new Uint8Array(Math.ceil((values.length * depth) / 8));
  values.forEach((value, i) => {
    const bit = i * depth;
    packed[bit >> 3]! |= value << (8 - depth - (bit & 7));
  });
  return packed;
}

function write(
  { width, height, colorType, depth, palette, rows }: Picture,
  how: Filter | 'adaptive',
  level: number,
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(depth, 8);
  header.writeUInt8(colorType, 9);
  const step = depth === 8 && colorType === truecolor ? 3 : 1;
  const filtered = rows.map((row, y) => {
    const above = rows[y - 1] ?? new Uint8Array(row.length);
    return how === 'adaptive' ? bestFiltered(row, above, step) : filter(how, row, above, step);
  });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    chunk('IDAT', deflateSync(Buffer.concat(filtered), { level })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function bestFiltered(row: Uint8Array, above: Uint8Array, step: number): Uint8Array {
  const all = filters.map((one) => filter(one, row, above, step));
  return all.reduce((best, one) => (sumOfDifferences(one) < sumOfDifferences(best) ? one : best));
}

/** The kind of filter, and the row as it leaves it. */
function filter(kind: Filter, row: Uint8Array, above: Uint8Array, step: number): Uint8Array {
  const out = new Uint8Array(row.length + 1);
  out[0] = kind;
  for (let i = 0; i < row.length; i++) {
    const left = i >= step ? row[i - step]! : 0;
    const corner = i >= step ? above[i - step]! : 0;
    const up = above[i]!;
    out[i + 1] = row[i]! - guess(kind, left, up, corner);
  }
  return out;
}

function guess(kind: Filter, left: number, up: number, corner: number): number {
  switch (kind) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
  }
}

function sumOfDifferences(filtered: Uint8Array): number {
  let sum = 0;
  for (let i = 1; i < filtered.length; i++) sum += Math.min(filtered[i]!, 256 - filtered[i]!);
  return sum;
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(type, 4, 'latin1');
  out.set(body, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}
