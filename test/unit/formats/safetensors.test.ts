import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { float32, int8, uint8 } from '../../../src/base/tensor.ts';
import { readSafetensors, safetensorsIndex, writeSafetensors } from '../../../src/formats/safetensors.ts';
import { temporaryFolder } from './folder.ts';

const sample = [
  ['odd', float32(Float32Array.of(1, -2, 3.5), [3])],
  [
    'model.weight',
    float32(
      Float32Array.from({ length: 32 }, (_, i) => i / 7),
      [4, 8],
    ),
  ],
  ['scalar', float32(Float32Array.of(Number.NaN), [])],
  ['empty', float32(new Float32Array(0), [0, 5])],
  ['view', float32(Float32Array.of(9, 8, 7, 6).subarray(1, 3), [2])],
] as const;

/** The bytes of a file with this header, and this much data. */
function safetensors(header: unknown, dataBytes: Uint8Array | number): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, typeof dataBytes === 'number' ? Buffer.alloc(dataBytes) : dataBytes]);
}

test('tensors come back, by name or all', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  await writeSafetensors(file, sample, { format: 'pt', note: 'é' });
  const back = await readSafetensors(file);
  assert.deepEqual(
    new Map(sample.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    new Map([...back].sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  assert.deepEqual([...(await readSafetensors(file, ['view'])).keys()], ['view']);
  assert.deepEqual((await safetensorsIndex(file)).metadata, { format: 'pt', note: 'é' });
});

test('offsets are from the start of the file, and tensors of whole multiples of 64 bytes are aligned to it', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  await writeSafetensors(file, sample);
  const { tensors, sizeBytes } = await safetensorsIndex(file);
  const bytes = readFileSync(file);
  assert.equal(sizeBytes, bytes.length);
  assert.equal(bytes.readFloatLE(tensors.get('odd')!.offset + 8), 3.5);
  assert.equal(tensors.get('model.weight')!.offset % 64, 0);
  assert.deepEqual({ ...tensors.get('odd'), offset: 0 }, { dtype: 'F32', shape: [3], offset: 0, length: 12 });
});

test('the header is what the format says: length, then JSON that begins with a brace', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  await writeSafetensors(file, [['x', float32(Float32Array.of(1), [1])]]);
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = bytes.subarray(8, 8 + length).toString();
  assert.equal((8 + length) % 64, 0);
  assert.match(header, /^\{"x":\{"dtype":"F32","shape":\[1\],"data_offsets":\[0,4\]\}\} *$/);
});

test('integers are written as what they are', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  await writeSafetensors(file, [
    ['few', uint8(Uint8Array.of(1, 255), [2])],
    ['signed', int8(Int8Array.of(-64, 64, 3), [3, 1])],
  ]);
  const { tensors } = await safetensorsIndex(file);
  const bytes = readFileSync(file);
  assert.deepEqual([tensors.get('few')?.dtype, tensors.get('signed')?.dtype], ['U8', 'I8']);
  assert.equal(bytes.readUInt8(tensors.get('few')!.offset + 1), 255);
  assert.equal(bytes.readInt8(tensors.get('signed')!.offset), -64);
});

test('half precision is widened', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  const half = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x8000, 0x3555);
  const brain = Uint16Array.of(0x3f80, 0xc000, 0x7f80);
  const data = Buffer.concat([Buffer.from(half.buffer), Buffer.from(brain.buffer)]);
  const header = {
    half: { dtype: 'F16', shape: [7], data_offsets: [0, 14] },
    brain: { dtype: 'BF16', shape: [3], data_offsets: [14, 20] },
  };
  writeFileSync(file, safetensors(header, data));
  const back = await readSafetensors(file);
  assert.deepEqual([...back.get('half')!.data], [1, -2, 65504, 2 ** -24, Infinity, -0, 0.333251953125]);
  assert.deepEqual([...back.get('brain')!.data], [1, -2, Infinity]);
});

test('a damaged file is a UserError that says where and what to do', async (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, 'a.safetensors');
  const check = async (bytes: Uint8Array, message: RegExp) => {
    writeFileSync(file, bytes);
    await assert.rejects(safetensorsIndex(file), { name: 'UserError', message });
    await assert.rejects(safetensorsIndex(file), /a\.safetensors: .*copy or export it again/);
  };
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  await check(Buffer.alloc(3), /expected at least 8 bytes, got 3/);
  await check(Buffer.alloc(9, 0xff), /expected a header that fits into the file of 9 bytes/);
  await check(safetensors('{"x":', 0), /expected JSON/);
  await check(safetensors('[]', 0), /expected an object/);
  await check(safetensors({ x: { ...entry, dtype: 'F13' } }, 8), /x\.dtype: expected one of .*, got "F13"/);
  await check(safetensors({ x: { ...entry, shape: [-2] } }, 8), /x\.shape\[0\]: expected an integer >= 0, got -2/);
  await check(
    safetensors({ x: { ...entry, shape: [3] } }, 8),
    /x\.data_offsets: expected two offsets 12 bytes apart, as F32 \[3\] needs/,
  );
  await check(safetensors({ x: entry }, 7), /expected \d+ bytes as the header says, got \d+/);
  await check(safetensors({ x: entry }, 9), /expected \d+ bytes as the header says/);
  await check(safetensors({ x: entry, y: entry }, 16), /y: expected its data at byte/);
  await check(safetensors({ x: { ...entry, data_offsets: [8, 16] } }, 16), /x: expected its data at byte/);
  await check(safetensors({ __metadata__: { a: 1 } }, 0), /__metadata__\.a: expected a string/);
});

test('a truncated copy, a missing file, a missing tensor and integers are UserErrors', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  await assert.rejects(safetensorsIndex(file), { name: 'UserError', message: /cannot be read: ENOENT/ });
  await writeSafetensors(file, sample);
  await assert.rejects(readSafetensors(file, ['nosuch']), {
    name: 'UserError',
    message: /expected a tensor named nosuch/,
  });
  truncateSync(file, statSync(file).size - 1);
  await assert.rejects(readSafetensors(file), { name: 'UserError', message: /as the header says, got/ });
  writeFileSync(file, safetensors({ x: { dtype: 'I32', shape: [1], data_offsets: [0, 4] } }, 4));
  await assert.rejects(readSafetensors(file), { name: 'UserError', message: /x: expected F32, F16 or BF16, got I32/ });
});

test('a name that comes twice is a bug of the caller', async (context) => {
  const file = path.join(temporaryFolder(context), 'a.safetensors');
  await assert.rejects(writeSafetensors(file, [sample[0], sample[0]]), RangeError);
});
