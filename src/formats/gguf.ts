// GGUF, version 3, the file format of llama.cpp: little-endian, no code in it.
//   | GGUF | version | tensors | values | value ... | tensor: name, extents, type, offset ... | data | data | ...
// Data begins at a multiple of 32 bytes, each tensor too; extents are listed from the innermost. Written here, never read.
import { halfBits } from '../base/half.ts';
import { sizeOf } from '../base/tensor.ts';
import { writeFileAtomic } from './atomicFile.ts';

/** Numbers of the format, and what a block takes. */
const types = {
  F32: { number: 0, values: 1, bytes: 4 },
  F16: { number: 1, values: 1, bytes: 2 },
  Q4_0: { number: 2, values: 32, bytes: 18 },
  Q8_0: { number: 8, values: 32, bytes: 34 },
} as const;

export type GgufType = keyof typeof types;

export type GgufValue =
  | { readonly integer: number }
  | { readonly float: number }
  | { readonly flag: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly floats: readonly number[] }
  | { readonly integers: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** As everywhere here: the innermost last. */
  readonly shape: readonly number[];
  readonly type: GgufType;
  /** As the type has it; asked for once, when its turn has come. */
  readonly encode: () => Uint8Array;
}

const VERSION = 3;
const ALIGNMENT = 32;
/** Of values: a number without sign, one with, a float, a flag, a text, a list. */
const UNSIGNED = 4;
const SIGNED = 5;
const FLOAT = 6;
const FLAG = 7;
const TEXT = 8;
const LIST = 9;

/** @throws UserError when the disk is full or the place cannot be written to. */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Promise<void> {
  await writeFileAtomic(path, ggufParts(metadata, tensors));
}

/** The file in pieces, each made when it is asked for: a large model is never there twice. */
export function* ggufParts(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Generator<Uint8Array> {
  const values = Object.entries(metadata).map(([key, value]) => Buffer.concat([text(key), valueBytes(value)]));
  let offset = 0;
  const headers = tensors.map((tensor) => {
    const { name, shape, type } = tensor;
    const extents = shape.toReversed().map(long);
    const header = Buffer.concat([text(name), word(shape.length), ...extents, word(types[type].number), long(offset)]);
    offset += padded(sizeBytes(tensor));
    return header;
  });
  const start = [Buffer.from('GGUF'), word(VERSION), long(tensors.length), long(values.length)];
  yield* paddedParts(Buffer.concat([...start, ...values, ...headers]));
  for (const tensor of tensors) {
    const bytes = tensor.encode();
    if (bytes.length !== sizeBytes(tensor)) {
      throw new RangeError(
        `gguf: ${tensor.name}: expected ${sizeBytes(tensor)} bytes for ${tensor.type} [${tensor.shape.join(', ')}], got ${bytes.length}`,
      );
    }
    yield* paddedParts(bytes);
  }
}

/** As they are, or in half precision. */
export function floatTensor(
  name: string,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
  type: 'F32' | 'F16',
): GgufTensor {
  const encode = () => {
    const bytes = Buffer.alloc(data.length * types[type].bytes);
    for (const [i, value] of data.entries()) {
      if (type === 'F16') bytes.writeUInt16LE(halfBits(value), 2 * i);
      else bytes.writeFloatLE(value, 4 * i);
    }
    return bytes;
  };
  return { name, shape, type, encode };
}

/** @throws RangeError when rows do not end where blocks do. */
function sizeBytes({ name, shape, type }: GgufTensor): number {
  const { values, bytes } = types[type];
  if ((shape.at(-1) ?? 1) % values === 0) return (sizeOf(shape) / values) * bytes;
  throw new RangeError(
    `gguf: ${name}: expected rows of a multiple of ${values} for ${type}, got [${shape.join(', ')}]`,
  );
}

function* paddedParts(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes;
  if (padded(bytes.length) > bytes.length) yield new Uint8Array(padded(bytes.length) - bytes.length);
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function valueBytes(value: GgufValue): Buffer {
  if ('integer' in value) return Buffer.concat([word(UNSIGNED), word(value.integer)]);
  if ('float' in value) return Buffer.concat([word(FLOAT), float(value.float)]);
  if ('flag' in value) return Buffer.concat([word(FLAG), Buffer.of(Number(value.flag))]);
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
