// The safetensors format: tensors by name in one file, no code in it. Offsets here are from the start of the FILE, as ONNX
// external data wants them, and not from the start of the data as in the header.
//   | header length: u64 | header: JSON, padded with blanks to a multiple of 64 | data | data | ...
// The format forbids gaps between tensors, so those that fill whole multiples of 64 bytes come first and stay aligned.
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';
import { halfValue } from '../base/half.ts';
import { type JsonObject, jsonObject, parseJson } from '../base/json.ts';
import { type DType, type FloatTensor, float32, sizeOf, type Tensor } from '../base/tensor.ts';
import { writeFileAtomic } from './atomicFile.ts';

export interface TensorLocation {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

export interface SafetensorsIndex {
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
}

/** Half precision, as bits (base/half.ts): for files only. */
export interface HalfTensor {
  readonly dtype: 'float16';
  readonly shape: readonly number[];
  readonly data: Uint16Array;
}

const bytesPerElement = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type SafetensorsType = keyof typeof bytesPerElement;
const typeNames: Readonly<Record<DType | HalfTensor['dtype'], SafetensorsType>> = {
  float16: 'F16',
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
const knownTypes = Object.keys(bytesPerElement) as SafetensorsType[];

const alignment = 64;
const largestHeaderBytes = 100_000_000; // The format's own limit.
const largestReadBytes = 2 ** 30;
const remedy = 'the file is damaged or was not copied whole: copy or export it again';

/** Little-endian. @throws RangeError when a name comes twice. @throws UserError when the disk is full. */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: Tensor | HalfTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { header, ordered } = layOut([...tensors], metadata);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFileAtomic(path, [length, header, ...ordered.map(({ data }) => bytesOf(data))]);
}

/** What the header says, checked against the size of the file. @throws UserError. */
export async function safetensorsIndex(path: string): Promise<SafetensorsIndex> {
  return withFile(path, (file) => readIndex(file, path));
}

/** All tensors, or those named, as float32; half precision is widened. @throws UserError. */
export async function readSafetensors(path: string, names?: readonly string[]): Promise<Map<string, FloatTensor>> {
  return withFile(path, async (file) => {
    const { tensors } = await readIndex(file, path);
    const found = new Map<string, FloatTensor>();
    for (const name of names ?? tensors.keys()) {
      const location = tensors.get(name);
      if (location === undefined) throw new UserError(`${path}: expected a tensor named ${name}, got none; ${remedy}`);
      found.set(name, float32(await readFloats(file, path, name, location), location.shape));
    }
    return found;
  });
}

function layOut(
  tensors: readonly (readonly [string, Tensor | HalfTensor])[],
  metadata: Readonly<Record<string, string>>,
) {
  const isAligned = ([, { data }]: readonly [string, Tensor | HalfTensor]) => data.byteLength % alignment === 0;
  const ordered = [...tensors.filter(isAligned), ...tensors.filter((entry) => !isAligned(entry))];
  const fields: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [['__metadata__', metadata]];
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const begin = end;
    end += data.byteLength;
    fields.push([name, { dtype: typeNames[dtype], shape, data_offsets: [begin, end] }]);
  }
  if (new Set(fields.map(([name]) => name)).size !== fields.length) {
    throw new RangeError('writeSafetensors: expected every tensor to have a name of its own');
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(fields)));
  const padded = Math.ceil((8 + json.length) / alignment) * alignment - 8;
  return { header: Buffer.concat([json, Buffer.alloc(padded - json.length, ' ')]), ordered: ordered.map(([, t]) => t) };
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`, { cause: error });
  });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readIndex(file: FileHandle, path: string): Promise<SafetensorsIndex> {
  const { size } = await file.stat();
  if (size < 8) throw damaged(path, `expected at least 8 bytes, got ${size}`);
  const headerLength = Number(Buffer.from(await readBytes(file, path, 0, 8)).readBigUInt64LE());
  if (headerLength > Math.min(largestHeaderBytes, size - 8)) {
    throw damaged(path, `expected a header that fits into the file of ${size} bytes, got one of ${headerLength}`);
  }
  const text = Buffer.from(await readBytes(file, path, 8, headerLength)).toString();
  const header = jsonObject(parseJson(text, path, remedy), path, remedy);
  const dataStart = 8 + headerLength;
  const metadata = header.optional('__metadata__', (name) => stringFields(header.object(name))) ?? {};
  const names = header.keys().filter((name) => name !== '__metadata__');
  const tensors = new Map(names.map((name) => [name, locate(header.object(name), dataStart)]));
  checkNoGaps(path, tensors, dataStart, size);
  return { tensors, metadata, sizeBytes: size };
}

function locate(entry: JsonObject, dataStart: number): TensorLocation {
  const dtype = entry.oneOf('dtype', knownTypes);
  const shape = entry.integers('shape', { min: 0 });
  const offsets = entry.integers('data_offsets', { min: 0 });
  const [begin, end] = offsets;
  const length = sizeOf(shape) * bytesPerElement[dtype];
  if (offsets.length !== 2 || begin === undefined || end === undefined || end - begin !== length) {
    throw entry.problem('data_offsets', `two offsets ${length} bytes apart, as ${dtype} [${shape.join(', ')}] needs`);
  }
  return { dtype, shape, offset: dataStart + begin, length };
}

function checkNoGaps(path: string, tensors: ReadonlyMap<string, TensorLocation>, dataStart: number, size: number) {
  let end = dataStart;
  for (const [name, { offset, length }] of [...tensors].sort(
    ([, a], [, b]) => a.offset - b.offset || a.length - b.length,
  )) {
    if (offset !== end) throw damaged(path, `${name}: expected its data at byte ${end}, got ${offset}`);
    end = offset + length;
  }
  if (end !== size) throw damaged(path, `expected ${end} bytes as the header says, got ${size}`);
}

async function readFloats(
  file: FileHandle,
  path: string,
  name: string,
  { dtype, offset, length }: TensorLocation,
): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await readBytes(file, path, offset, length);
  if (dtype === 'F32') return new Float32Array(bytes.buffer);
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(bytes.buffer), halfValue);
  if (dtype === 'BF16') {
    return new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer);
  }
  throw new UserError(
    `${path}: ${name}: expected F32, F16 or BF16, got ${dtype}; export the model with float parameters`,
  );
}

/** A buffer of its own, from its first byte. */
async function readBytes(
  file: FileHandle,
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(new ArrayBuffer(length));
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(length - at, largestReadBytes), offset + at);
    if (bytesRead === 0) throw damaged(path, `expected ${length} bytes at ${offset}, got ${at}`);
    at += bytesRead;
  }
  return bytes;
}

function bytesOf(data: (Tensor | HalfTensor)['data']): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function stringFields(object: JsonObject): Record<string, string> {
  return Object.fromEntries(object.keys().map((name) => [name, object.string(name)]));
}

function damaged(path: string, problem: string): UserError {
  return new UserError(`${path}: ${problem}; ${remedy}`);
}
