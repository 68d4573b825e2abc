// Small workspaces to learn from: sentences that go on in one way only, among lines that nobody can foresee, so that no file is
// nearly the same as another; and images of rings.
import { deflateSync } from 'node:zlib';
import { Random } from '../../../src/base/random.ts';

const sentences = [
  'monday belongs to the moon and its tides;',
  'tuesday belongs to the god of single combat;',
  'wednesday belongs to the wanderer with one eye;',
  'thursday belongs to thunder over the hills;',
  'friday belongs to the cats that pull a chariot;',
] as const;

/** How a file of that workspace goes on after this beginning of a sentence. */
export function continuation(beginning: string): string {
  const sentence = sentences.find((one) => one.startsWith(beginning));
  if (sentence === undefined) throw new Error(`learningData: no sentence begins with ${JSON.stringify(beginning)}`);
  return sentence.slice(beginning.length);
}

/** Files by name. */
export function textFiles(numFiles = 24, numLines = 120): Record<string, string> {
  const random = new Random(5);
  const files: Record<string, string> = {};
  for (let file = 0; file < numFiles; file++) {
    const lines: string[] = [];
    for (let line = 0; line < numLines; line++) {
      const foreseeable = line % 4 !== 3;
      const noise = Array.from({ length: 4 }, () => random.nextInteger(36 ** 4).toString(36)).join(' ');
      lines.push(foreseeable ? sentences[random.nextInteger(sentences.length)]! : noise);
    }
    files[`notes${file}.txt`] = `${lines.join('\n')}\n`;
  }
  return files;
}

/** Grey squares with a ring somewhere. */
export function imageFiles(numFiles = 60, side = 12): Record<string, Uint8Array> {
  const random = new Random(6);
  const files: Record<string, Uint8Array> = {};
  for (let file = 0; file < numFiles; file++) {
    const place = () => side * (0.35 + 0.3 * random.nextFloat());
    const [x, y, radius] = [place(), place(), side * (0.15 + 0.15 * random.nextFloat())];
    const width = side / 12;
    const value = (column: number, row: number) =>
      Math.round(255 * Math.max(0, 1 - Math.abs(Math.hypot(column - x, row - y) - radius) / width));
    files[`ring${file}.png`] = greyPng(side, side, value);
  }
  return files;
}

/** Small landscapes: a sky that fades, a sun somewhere, a hill, and a little noise that nobody can foresee. */
export function colorImageFiles(numFiles = 60, side = 16): Record<string, Uint8Array> {
  const random = new Random(8);
  const files: Record<string, Uint8Array> = {};
  for (let file = 0; file < numFiles; file++) {
    const between = (low: number, high: number) => low + (high - low) * random.nextFloat();
    const [x, y, radius] = [between(0.2, 0.8) * side, between(0.15, 0.45) * side, between(0.09, 0.16) * side];
    const [hill, slope] = [between(0.6, 0.8) * side, between(-0.2, 0.2)];
    const color = (column: number, row: number) => {
      const noise = between(-6, 6);
      if (row > hill + slope * (column - side / 2)) return [60 + noise, 130 - (40 * row) / side + noise, 50 + noise];
      if (Math.hypot(column - x, row - y) < radius) return [250, 215 + noise, 90];
      const fade = row / side;
      return [90 + 120 * fade + noise, 150 + 60 * fade + noise, 225 - 20 * fade + noise];
    };
    files[`hill${file}.png`] = colorPng(side, side, color);
  }
  return files;
}

function colorPng(
  width: number,
  height: number,
  color: (column: number, row: number) => readonly number[],
): Uint8Array {
  const rows = Buffer.alloc(height * (3 * width + 1));
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const values = color(column, row).map((value) => Math.max(0, Math.min(255, Math.round(value))));
      rows.set(values, row * (3 * width + 1) + 1 + 3 * column);
    }
  }
  return png(width, height, 2, rows);
}

function greyPng(width: number, height: number, value: (column: number, row: number) => number): Uint8Array {
  const rows = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) rows[row * (width + 1) + 1 + column] = value(column, row);
  }
  return png(width, height, 0, rows);
}

function png(width: number, height: number, colorType: 0 | 2, rows: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // Bits of a value.
  header[9] = colorType;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return ~crc >>> 0;
}
