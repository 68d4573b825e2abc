// What is written is read; what is cut off, damaged, foreign or newer is told, whatever byte it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../../src/base/errors.ts';
import type { TextModel } from '../../../src/engine/loadModel.ts';
import { crc32 } from '../../../src/files/images/crc32.ts';
import {
  type CodingSettings,
  type CompressedHeader,
  maxTextBytes,
  modelIdentity,
  readCompressed,
  settingsDifference,
  textDigest,
  writeCompressed,
} from '../../../src/likelihood/compressedHeader.ts';

const settings: CodingSettings = {
  runtime: 'native',
  version: '1.30.0',
  weights: 'fp32',
  threads: 1,
  processor: 'x64',
};
const header: CompressedHeader = {
  model: '00112233445566778899aabbccddeeff',
  text: textDigest(new Uint8Array(0)),
  numbers: 'fedcba9876543210',
  length: 0,
  settings,
};
const code = Uint8Array.of(1, 2, 3, 0xff);

/** With the checksum that it would have. */
function checked(file: Uint8Array): Uint8Array {
  const copy = Buffer.from(file);
  copy.writeUInt32BE(crc32(copy.subarray(9)), 5);
  return copy;
}

test('comes back, for every length; the header has at most 96 bytes', () => {
  const largest = {
    ...settings,
    version: '1.30.0-dev.20261124',
    weights: 'dynamicInt8',
    threads: 64,
    processor: 'loong64x',
  };
  for (const length of [0, 1, 127, 128, 16_383, 16_384, maxTextBytes]) {
    for (const used of [settings, largest]) {
      const whole = { ...header, length, settings: used };
      const file = writeCompressed(whole, code);
      const parts = readCompressed(file, 'x');
      const { version, processor } = used;
      const told = { ...used, version: version.slice(0, 10), processor: processor.slice(0, 7) };
      assert.deepEqual(parts.header, { ...whole, settings: told });
      assert.equal(settingsDifference(parts.header.settings, used), undefined);
      assert.deepEqual([...parts.code], [...code]);
      assert.equal(parts.headerBytes, file.length - code.length);
      assert.ok(parts.headerBytes <= 96, String(parts.headerBytes));
    }
  }
  assert.equal(readCompressed(writeCompressed(header, new Uint8Array(0)), 'x').code.length, 0);
});

test('every byte that is changed, and every end that is cut off, is told', () => {
  const file = writeCompressed(header, code);
  for (let at = 0; at < file.length; at++) {
    const changed = Uint8Array.from(file);
    changed[at]! ^= 1 << (at % 8);
    assert.throws(() => readCompressed(changed, 'a.crz'), UserError, `byte ${at}`);
    assert.throws(() => readCompressed(file.subarray(0, at), 'a.crz'), UserError, `the first ${at}`);
  }
  assert.throws(
    () => readCompressed(Buffer.concat([file, Uint8Array.of(0)]), 'a.crz'),
    /a\.crz: is damaged or not whole/,
  );
  assert.throws(() => readCompressed(file.subarray(0, 3), 'a.crz'), /a\.crz: is damaged or not whole/);
});

test('other files are told from ours, and newer ones from damaged ones', () => {
  for (const other of ['', 'let x = 1;\n', '\x1f\x8b\x08']) {
    assert.throws(
      () => readCompressed(Buffer.from(other, 'latin1'), 'a'),
      /expected a file that chainrule compress wrote/,
    );
  }
  const newer = Uint8Array.from(writeCompressed(header, code));
  newer[4] = 2;
  assert.throws(() => readCompressed(newer, 'a'), /expected format 1, got 2: it was written by a newer Chainrule/);
  newer[4] = 0;
  assert.throws(() => readCompressed(newer, 'a'), /damaged/);
});

test('bytes that mean harm: a right checksum over anything is read or told', () => {
  const begin = writeCompressed(header, code).subarray(0, 5);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        const parts = readCompressed(checked(Buffer.concat([begin, new Uint8Array(44), bytes])), 'a');
        assert.ok(parts.header.length <= maxTextBytes);
      } catch (error) {
        assert.ok(error instanceof UserError);
      }
    }),
    { numRuns: 500 },
  );
  const endless = Buffer.concat([begin, new Uint8Array(44), new Uint8Array(30).fill(255)]);
  assert.throws(() => readCompressed(checked(endless), 'a'), UserError);
  const tooLong = writeCompressed({ ...header, length: maxTextBytes + 1 }, code);
  assert.throws(() => readCompressed(tooLong, 'a'), UserError);
});

test('what differs is said in words', () => {
  assert.equal(settingsDifference(settings, { ...settings }), undefined);
  assert.equal(
    settingsDifference(settings, { ...settings, runtime: 'plain', threads: 4, weights: 'int8', processor: 'arm64' }),
    'the native runtime (here the plain runtime), fp32 weights (here int8 weights), 1 thread (here 4 threads), ' +
      'a processor of kind x64 (here a processor of kind arm64)',
  );
});

test('a model is its configuration and what computes its steps, not what else lies in its folder', () => {
  const description = {
    architecture: 'gpt',
    config: { hiddenSize: 16 },
    contextLength: 24,
    codec: { kind: 'bytes' },
    vocabularySize: 262,
    files: { 'step.onnx': 'a', 'model.safetensors': 'b', 'score.onnx': 'c', 'step.int8.onnx': 'd', 'config.json': 'e' },
  } as unknown as TextModel['description'];
  const withFiles = (files: Record<string, string>) => ({ ...description, files: { ...description.files, ...files } });
  const identity = modelIdentity(description, 'fp32');
  assert.match(identity, /^[0-9a-f]{32}$/);
  for (const others of [{ 'score.onnx': 'x' }, { 'step.int8.onnx': 'x' }, { 'weights.int4.safetensors': 'x' }]) {
    assert.equal(modelIdentity(withFiles(others), 'fp32'), identity);
  }
  for (const others of [{ 'step.onnx': 'x' }, { 'model.safetensors': 'x' }, { 'tokenizer.json': 'x' }]) {
    assert.notEqual(modelIdentity(withFiles(others), 'fp32'), identity);
  }
  assert.notEqual(modelIdentity({ ...description, contextLength: 12 }, 'fp32'), identity);
  assert.notEqual(modelIdentity(description, 'int8'), identity);
  assert.notEqual(modelIdentity(withFiles({ 'step.int8.onnx': 'x' }), 'int8'), modelIdentity(description, 'int8'));
});
