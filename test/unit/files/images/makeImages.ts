// Image files made for tests, small ones: PNG of every kind, GIF, BMP byte by byte; JPEG and WebP by the encoders that come with the
// decoders.
import { deflateSync } from 'node:zlib';
import makeMozjpeg from '@jsquash/jpeg/codec/enc/mozjpeg_enc.js';
import mozjpegBytes from '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm';
import { defaultOptions as jpegOptions } from '@jsquash/jpeg/meta.js';
import makeLibwebp from '@jsquash/webp/codec/enc/webp_enc.js';
import libwebpBytes from '@jsquash/webp/codec/enc/webp_enc.wasm';
import { defaultOptions as webpOptions } from '@jsquash/webp/meta.js';
import type { Pixels } from '../../../../src/base/pixels.ts';
import { Random } from '../../../../src/base/random.ts';
import { crc32 } from '../../../../src/files/images/crc32.ts';

interface EncoderModule {
  encode(data: Uint8ClampedArray, width: number, height: number, options: object): Uint8Array;
}

type MakeModule = (options: object) => Promise<EncoderModule>;

async function encoder(make: unknown, bytes: Uint8Array<ArrayBuffer>): Promise<EncoderModule> {
  const module = new WebAssembly.Module(bytes);
  return (make as MakeModule)({
    noInitialRun: true,
    instantiateWasm: (imports: Record<string, Record<string, unknown>>, done: (instance: unknown) => void) => {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
}

const mozjpeg = encoder(makeMozjpeg, mozjpegBytes);
const libwebp = encoder(makeLibwebp, libwebpBytes);

export async function jpeg(pixels: Pixels, options: object = {}): Promise<Buffer> {
  const { encode } = await mozjpeg;
  return Buffer.from(encode(rgba(pixels), pixels.width, pixels.height, { ...jpegOptions, quality: 95, ...options }));
}

export async function webp(pixels: Pixels, options: object = {}): Promise<Buffer> {
  const { encode } = await libwebp;
  return Buffer.from(encode(rgba(pixels), pixels.width, pixels.height, { ...webpOptions, lossless: 1, ...options }));
}

function rgba({ channels, data }: Pixels): Uint8ClampedArray {
  const numPixels = data.length / channels;
  return Uint8ClampedArray.from({ length: 4 * numPixels }, (_, i) =>
    i % 4 === 3 ? 255 : data[(i >> 2) * channels + (channels === 1 ? 0 : i % 4)]!,
  );
}

/** A smooth picture that no other seed makes. */
export function smooth(width: number, height: number, channels: 1 | 3, seed = 1): Pixels {
  const random = new Random(seed);
  const waves = Array.from({ length: channels }, () => [1, 2, 3, 4].map(() => random.nextFloat()));
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      waves.forEach(([a, b, c, d], channel) => {
        const u = (x / width) * (1 + 4 * a!) + (y / height) * (1 + 4 * b!);
        data[(y * width + x) * channels + channel] = 128 + 100 * Math.sin(2 * u + 6 * c!) * Math.cos(u + 6 * d!);
      });
    }
  }
  return { width, height, channels, data };
}

/** Numbers without a pattern. */
export function noise(width: number, height: number, channels: 1 | 3, seed = 1): Pixels {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: width * height * channels }, () => random.nextInteger(256));
  return { width, height, channels, data };
}

export function pngChunk(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(type, 4, 'latin1');
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), body])));
  return Buffer.concat([head, body, checksum]);
}

export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlace?: 0 | 1;
  /** Before the pixels: PLTE, tRNS, and what else there is. */
  readonly before?: readonly Buffer[];
  /** Rows with their filter bytes, not yet compressed. */
  readonly rows: Uint8Array;
}

export function pngOf({ width, height, depth, colorType, interlace = 0, before = [], rows }: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...before,
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

export interface GifFrame {
  readonly indices: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly transparent?: number;
  readonly interlaced?: boolean;
}

/** With a palette of 256 greys, or the one given. */
export function gifOf(
  screen: { width: number; height: number },
  frames: readonly GifFrame[],
  palette?: Uint8Array,
): Buffer {
  const colors = palette ?? Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  const bits = Math.log2(colors.length / 3);
  const head = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt16LE(screen.width, 6);
  head.writeUInt16LE(screen.height, 8);
  head.writeUInt8(0x80 | (bits - 1), 10);
  const parts = frames.flatMap(({ indices, width, height, x = 0, y = 0, transparent, interlaced = false }) => {
    const control = [0x21, 0xf9, 4, transparent === undefined ? 0 : 1, 0, 0, transparent ?? 0, 0];
    const descriptor = Buffer.alloc(10);
    descriptor.writeUInt8(0x2c);
    for (const [i, value] of [x, y, width, height].entries()) descriptor.writeUInt16LE(value, 1 + 2 * i);
    descriptor.writeUInt8(interlaced ? 0x40 : 0, 9);
    const packed = lzw(indices, Math.max(2, bits));
    const blocks = Array.from({ length: Math.ceil(packed.length / 255) }, (_, i) => {
      const block = packed.subarray(i * 255, (i + 1) * 255);
      return Buffer.concat([Buffer.of(block.length), block]);
    });
    return [Buffer.from(control), descriptor, Buffer.of(Math.max(2, bits)), ...blocks, Buffer.of(0)];
  });
  return Buffer.concat([head, colors, ...parts, Buffer.of(0x3b)]);
}

/** The table is cleared when it is full. */
function lzw(indices: Uint8Array, minCodeSize: number): Buffer {
  const clear = 1 << minCodeSize;
  const bytes: number[] = [];
  let codes = new Map<string, number>();
  let codeSize = 0;
  let bits = 0;
  let numBits = 0;
  const put = (code: number) => {
    bits |= code << numBits;
    for (numBits += codeSize; numBits >= 8; numBits -= 8) {
      bytes.push(bits & 255);
      bits >>>= 8;
    }
  };
  const begin = () => {
    codes = new Map(Array.from({ length: clear }, (_, code) => [String.fromCharCode(code), code]));
    codeSize = minCodeSize + 1;
  };
  begin();
  put(clear);
  let word = '';
  for (const index of indices) {
    const longer = word + String.fromCharCode(index);
    if (codes.has(longer)) {
      word = longer;
      continue;
    }
    put(codes.get(word)!);
    const next = codes.size + 2;
    if (next < 4096) {
      codes.set(longer, next);
      if (next === 1 << codeSize && codeSize < 12) codeSize += 1;
    } else {
      put(clear);
      begin();
    }
    word = String.fromCharCode(index);
  }
  put(codes.get(word)!);
  put(clear + 1);
  if (numBits > 0) bytes.push(bits & 255);
  return Buffer.from(bytes);
}

export interface BmpParts {
  readonly width: number;
  /** Negative: rows from the top. */
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  readonly palette?: readonly number[];
  /** Red, green, blue, and alpha where there is one. */
  readonly masks?: readonly number[];
  /** With their padding. */
  readonly rows: Uint8Array;
}

export function bmpOf({ width, height, bits, compression = 0, palette = [], masks = [], rows }: BmpParts): Buffer {
  const headerBytes = 40 + (masks.length === 4 ? 16 : 0);
  const head = Buffer.alloc(14 + 40 + masks.length * 4 + palette.length);
  head.write('BM');
  head.writeUInt32LE(head.length + rows.length, 2);
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(headerBytes, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  head.writeUInt32LE(palette.length / 4, 46);
  for (const [i, mask] of masks.entries()) head.writeUInt32LE(mask >>> 0, 54 + 4 * i);
  head.set(palette, 54 + masks.length * 4);
  return Buffer.concat([head, rows]);
}
