// Writes GGUF, version 3, the file format of llama.cpp: little-endian, no code in it.
//   | GGUF | version | tensors | values | value ... | tensor: name, extents, type, offset ... | data | data | ...
// Data begins at a multiple of 32 bytes, each tensor too; extents are listed from the innermost.
import { closeSync, openSync, writeSync } from 'node:fs';
import { sizeOf } from '../../src/base/tensor.ts';
import { BLOCK, halfBits, quantizeBlocks } from './blockQuantization.ts';

export type GgufType = 'F32' | 'Q8_0' | 'Q4_0';

export type GgufValue =
  | { readonly integer: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly floats: readonly number[] }
  | { readonly integers: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** As everywhere here: the innermost last. */
  readonly shape: readonly number[];
  readonly type: GgufType;
  readonly data: Float32Array;
}

const VERSION = 3;
const ALIGNMENT = 32;
const typeNumbers: Readonly<Record<GgufType, number>> = { F32: 0, Q4_0: 2, Q8_0: 8 };
const bytesPerBlock: Readonly<Record<GgufType, number>> = { F32: 4 * BLOCK, Q4_0: 2 + BLOCK / 2, Q8_0: 2 + BLOCK };
const INTEGER = 4;
const SIGNED = 5;
const FLOAT = 6;
const TEXT = 8;
const LIST = 9;

export function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): void {
  const file = openSync(path, 'w');
  try {
    for (const part of ggufParts(metadata, tensors))
      for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
  } finally {
    closeSync(file);
  }
}

/** The file in pieces, each made when it is asked for: a large model is never there twice. */
export function* ggufParts(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Generator<Uint8Array> {
  const values = Object.entries(metadata).map(([key, value]) => Buffer.concat([text(key), valueBytes(value)]));
  let offset = 0;
  const headers = tensors.map(({ name, shape, type, data }) => {
    if (data.length !== sizeOf(shape)) throw new RangeError(`gguf: ${name}: ${data.length} numbers for [${shape}]`);
    const extents = shape.toReversed().map(long);
    const header = Buffer.concat([text(name), word(shape.length), ...extents, word(typeNumbers[type]), long(offset)]);
    offset += padded(dataSize(type, data.length));
    return header;
  });
  const start = [Buffer.from('GGUF'), word(VERSION), long(tensors.length), long(values.length)];
  yield* paddedParts(Buffer.concat([...start, ...values, ...headers]));
  for (const { type, data } of tensors) yield* paddedParts(encode(type, data));
}

function dataSize(type: GgufType, length: number): number {
  return type === 'F32' ? 4 * length : (length / BLOCK) * bytesPerBlock[type];
}

function encode(type: GgufType, data: Float32Array): Uint8Array {
  if (type === 'F32') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const { scales, codes } = quantizeBlocks(data, type === 'Q4_0' ? 4 : 8);
  const size = bytesPerBlock[type];
  const bytes = Buffer.alloc(scales.length * size);
  for (const [block, scale] of scales.entries()) {
    bytes.writeUInt16LE(halfBits(scale), block * size);
    const at = block * size + 2;
    const of = codes.subarray(block * BLOCK, (block + 1) * BLOCK);
    if (type === 'Q8_0') bytes.set(new Uint8Array(of.buffer, of.byteOffset, BLOCK), at);
    // The low halves of 16 bytes are the first 16 codes, the high halves the others.
    else for (let i = 0; i < BLOCK / 2; i++) bytes[at + i] = (of[i]! + 8) | ((of[i + BLOCK / 2]! + 8) << 4);
  }
  return bytes;
}

function* paddedParts(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes;
  if (padded(bytes.length) > bytes.length) yield new Uint8Array(padded(bytes.length) - bytes.length);
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function valueBytes(value: GgufValue): Buffer {
  if ('integer' in value) return Buffer.concat([word(INTEGER), word(value.integer)]);
  if ('float' in value) return Buffer.concat([word(FLOAT), float(value.float)]);
  if ('text' in value) return Buffer.concat([word(TEXT), text(value.text)]);
  if ('texts' in value) return list(TEXT, value.texts.map(text));
  if ('floats' in value) return list(FLOAT, value.floats.map(float));
  return list(SIGNED, value.integers.map(word));
}

function list(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([word(LIST), word(type), long(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
