import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { float32 } from '../../../src/base/tensor.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { sha256 } from '../../../src/formats/hashes.ts';
import {
  type ModelCodec,
  type ModelDescription,
  type ReadConfig,
  readModelFolder,
  writeCodec,
  writeModelDescription,
} from '../../../src/formats/modelFolder.ts';
import { writeSafetensors } from '../../../src/formats/safetensors.ts';
import { readConfig as architecturesKnown } from '../../../src/models/registry.ts';
import { codeSamples, everyCodec } from '../codecs/samples.ts';
import { temporaryFolder } from './folder.ts';

async function makeFolder(
  context: TestContext,
  codec: ModelCodec = bytesCodec(),
  dir = temporaryFolder(context),
): Promise<string> {
  await writeSafetensors(path.join(dir, 'model.safetensors'), [['w', float32(Float32Array.of(1, 2), [2])]]);
  writeFileSync(path.join(dir, 'step.onnx'), 'not a graph, but a file');
  const codecDescription = await writeCodec(dir, codec);
  const files = ['step.onnx', 'model.safetensors', ...('file' in codecDescription ? [codecDescription.file] : [])];
  const description: Omit<ModelDescription, 'files'> = {
    formatVersion: 1,
    architecture: 'gpt',
    config: { hiddenSize: 8, nested: { anything: [1] } },
    vocabularySize: codec.vocabulary.size,
    contextLength: 64,
    codec: codecDescription,
    state: [
      { name: 'layers.0.key', shape: ['past', 8], kind: 'appended', axis: 0 },
      { name: 'hidden', shape: [1, 8], kind: 'replaced' },
    ],
    provenance: { data: 'three files', steps: 10, symbols: 1000, seed: 1 },
    bitsPerByte: null,
  };
  await writeModelDescription(dir, description, files);
  return dir;
}

/** Rewrites model.json with something changed. */
function change(dir: string, edit: (json: Record<string, unknown>) => void): void {
  const file = path.join(dir, 'model.json');
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  edit(json);
  writeFileSync(file, JSON.stringify(json));
}

async function rejects(dir: string, message: RegExp, verify = true): Promise<void> {
  await assert.rejects(readModelFolder(dir, { verify }), { name: 'UserError', message });
}

for (const codec of everyCodec) {
  test(`a folder comes back with its ${codec.kind} codec (${codec.vocabulary.size})`, async (context) => {
    const dir = await makeFolder(context, codec);
    const read = await readModelFolder(dir, { verify: true });
    assert.equal(read.dir, dir);
    assert.ok(read.codec.kind !== 'image' && read.codec.kind === codec.kind);
    for (const text of Object.values(codeSamples))
      assert.deepEqual(read.codec.encodeText(text), codec.encodeText(text));
    assert.deepEqual(read.description.state[0], {
      name: 'layers.0.key',
      shape: ['past', 8],
      kind: 'appended',
      axis: 0,
    });
    assert.deepEqual(read.description.config, { hiddenSize: 8, nested: { anything: [1] } });
  });
}

test('a folder of an image model comes back with its codec, and every part must be for the same pictures', async (context) => {
  const dir = await makeFolder(context, imageCodec({ width: 8, height: 4, channels: 1, levels: 16, rule: 'fit' }));
  change(dir, (json) => {
    json['contextLength'] = 32;
    json['config'] = { width: 8, height: 4 };
  });
  const { codec } = await readModelFolder(dir, { verify: true });
  assert.ok(codec.kind === 'image');
  assert.deepEqual([codec.width, codec.height, codec.channels, codec.levels, codec.rule], [8, 4, 1, 16, 'fit']);

  const whole = readFileSync(path.join(dir, 'model.json'), 'utf8');
  const check = async (edit: (json: Record<string, unknown>) => void, message: RegExp) => {
    writeFileSync(path.join(dir, 'model.json'), whole);
    change(dir, edit);
    await rejects(dir, message, false);
  };
  const image = { kind: 'image', width: 8, height: 4, channels: 1, levels: 16 };
  const set = (codec: object) => (json: Record<string, unknown>) => {
    json['codec'] = codec;
  };
  await check(set({ ...image, width: 4, height: 8 }), /codec\.width: expected 8, as its config says, got 4; export/);
  await check(set({ ...image, rule: 'bend' }), /codec\.rule: expected one of .*crop.*, got "bend"/);
  await check(set({ ...image, levels: 1 }), /codec\.levels: expected an integer from 2 to 256, got 1/);
  await check(set({ ...image, levels: 8 }), /vocabularySize: expected 9, the size of its image codec, got 17/);
  await check(set({ ...image, channels: 2 }), /codec\.channels: expected one of 1, 3, got 2/);
  await check(set({ ...image, width: 0 }), /codec\.width: expected an integer from 1 to 256, got 0/);
  await check(set({ ...image, file: 'x' }), /codec\.file: expected no such field/);
  await check((json) => {
    json['contextLength'] = 64;
  }, /contextLength: expected 32, the channel values of one picture, got 64/);
});

test('model.json lists the hash of every file of the model; what else lies there does not matter', async (context) => {
  const dir = temporaryFolder(context);
  for (const name of ['my notes.txt', 'train.log']) writeFileSync(path.join(dir, name), 'before');
  await makeFolder(context, everyCodec[1], dir);
  for (const name of ['my notes.txt', 'train.log']) writeFileSync(path.join(dir, name), 'after');
  await readModelFolder(dir, { verify: true });
  const { files } = (await readModelFolder(dir, { verify: false })).description;
  assert.deepEqual(Object.keys(files), ['characters.json', 'model.safetensors', 'step.onnx']);
  assert.equal(files['step.onnx'], sha256('not a graph, but a file'));
});

test('the card may be edited, also where an earlier exporter listed it', async (context) => {
  const dir = await makeFolder(context);
  writeFileSync(path.join(dir, 'README.md'), 'edited');
  change(dir, (json) => {
    json['files'] = { ...(json['files'] as object), 'README.md': '0'.repeat(64) };
  });
  const { files } = (await readModelFolder(dir, { verify: true })).description;
  assert.deepEqual(Object.keys(files), ['model.safetensors', 'step.onnx']);
});

test('who knows the architectures says whether a configuration is right, and the rest must fit it', async (context) => {
  const dir = await makeFolder(context);
  const read = (readConfig: ReadConfig) => readModelFolder(dir, { verify: false, readConfig });
  await read(() => ({ vocabularySize: 262, contextLength: 64 }));
  const refuses = (readConfig: ReadConfig, message: RegExp) =>
    assert.rejects(read(readConfig), { name: 'UserError', message });
  await refuses(
    () => ({ vocabularySize: 9, contextLength: 64 }),
    /model\.json: vocabularySize: expected 9, as its config says, got 262; export the model again/,
  );
  await refuses(
    () => ({ vocabularySize: 262, contextLength: Infinity }),
    /model\.json: contextLength: expected null, as its config says, got 64; export/,
  );
  await refuses(architecturesKnown, /model\.json: gpt config: vocabularySize: expected .*, got nothing; set/);
  change(dir, (json) => {
    json['architecture'] = 'nonsense';
  });
  await refuses(
    architecturesKnown,
    /model\.json: architecture: expected one of gpt, .*, got "nonsense"; take one of these, or update/,
  );
});

test('a folder that is missing, a file, or without model.json', async (context) => {
  const dir = await makeFolder(context);
  await rejects(path.join(dir, 'missing'), /missing: expected a model folder, got nothing there; check the path/);
  await rejects(path.join(dir, 'step.onnx'), /expected a model folder, got a file/);
  rmSync(path.join(dir, 'model.json'));
  await rejects(dir, /model\.json: cannot be read: ENOENT.*; export the model again or fetch it again/);
});

test('a listed file that is missing, changed, cut off, or a folder', async (context) => {
  const dir = await makeFolder(context);
  const step = path.join(dir, 'step.onnx');
  writeFileSync(step, 'not a graph, but a fiLe');
  await rejects(dir, /step\.onnx: expected sha256 [0-9a-f]{64} as model\.json says, got [0-9a-f]{64}; export/);
  await readModelFolder(dir, { verify: false });
  rmSync(step);
  await rejects(dir, /step\.onnx: expected the file that model\.json lists, got none/, false);
  mkdirSync(step);
  await rejects(dir, /step\.onnx: expected the file that model\.json lists/, false);
  const weights = path.join(dir, 'model.safetensors');
  truncateSync(weights, statSync(weights).size - 4);
  change(dir, (json) => {
    json['files'] = { 'model.safetensors': '0'.repeat(64) };
  });
  await rejects(dir, /model\.safetensors: expected \d+ bytes as the header says, got \d+; the file is damaged/, false);
});

test('a codec file that is missing or wrong, and a vocabulary that does not fit', async (context) => {
  const dir = await makeFolder(context, everyCodec[1]);
  const file = path.join(dir, 'characters.json');
  writeFileSync(file, '{"alphabet":["ab"]}');
  await rejects(dir, /characters\.json: alphabet: expected different single characters, got \["ab"\]/, false);
  writeFileSync(file, '{"alphabet":["a"]}');
  await rejects(dir, /model\.json: vocabularySize: expected 263, the size of its characters codec, got \d+/, false);
  change(dir, (json) => {
    json['files'] = {};
  });
  rmSync(file);
  await rejects(dir, /characters\.json: cannot be read/, false);
});

test('every wrong field is named with its value and a remedy', async (context) => {
  const dir = await makeFolder(context);
  const whole = readFileSync(path.join(dir, 'model.json'), 'utf8');
  const check = async (edit: (json: Record<string, unknown>) => void, message: RegExp) => {
    writeFileSync(path.join(dir, 'model.json'), whole);
    change(dir, edit);
    await rejects(dir, message, false);
  };
  const set = (name: keyof ModelDescription | 'extra', value: unknown) => (json: Record<string, unknown>) => {
    json[name] = value;
  };
  await check(
    set('formatVersion', 2),
    /model\.json: formatVersion: expected at most 1, got 2; it was written by a newer Chainrule: update/,
  );
  await check(
    set('formatVersion', 'one'),
    /model\.json: formatVersion: expected an integer >= 1, got "one"; export the model again/,
  );
  await check(set('architecture', 7), /architecture: expected a string, got 7/);
  await check(set('config', []), /config: expected an object, got \[\]/);
  await check(set('vocabularySize', '262'), /vocabularySize: expected an integer >= 2, got "262"/);
  const variant = { name: 'int8', lossBitsPerByte: null, toleranceNats: 0.1 };
  await check(set('variants', [{ ...variant, name: 'int2' }]), /variants\[0\]\.name: expected one of "int8"/);
  await check(
    set('variants', [{ ...variant, toleranceNats: -1 }]),
    /variants\[0\]\.toleranceNats: expected a number >= 0/,
  );
  await check(set('variants', [variant, variant]), /variants: expected each name once/);
  await check(set('contextLength', 0), /contextLength: expected an integer >= 1, got 0/);
  await check(
    set('codec', { kind: 'words' }),
    /codec\.kind: expected one of "bytes", "characters", "bpe", "image", got "words"/,
  );
  await check(set('codec', { kind: 'bpe', file: '../x' }), /codec\.file: expected "tokenizer\.json", got "\.\.\/x"/);
  await check(
    set('state', [{ name: 'k', shape: ['past'], kind: 'appended' }]),
    /state\[0\]\.axis: expected the axis of 'past'/,
  );
  await check(
    set('state', [{ name: 'k', shape: [1], kind: 'appended', axis: 0 }]),
    /state\[0\]\.axis: expected the axis of 'past'/,
  );
  await check(
    set('state', [{ name: 'k', shape: ['past'], kind: 'replaced' }]),
    /state\[0\]\.shape: expected no 'past'/,
  );
  await check(
    set('state', [{ name: 'k', shape: ['time'], kind: 'replaced' }]),
    /state\[0\]\.shape\[0\]: expected an integer >= 1 or 'past'/,
  );
  await check(set('provenance', { data: 'x', steps: -1 }), /provenance\.steps: expected an integer >= 0, got -1/);
  const provenance = { data: 'x', steps: 1, symbols: 1, seed: 1 };
  await check(
    set('provenance', { ...provenance, batch: 'two' }),
    /provenance\.batch: expected an integer >= 0, got "two"/,
  );
  await check(set('provenance', { ...provenance, more: 1 }), /provenance\.more: expected no such field/);
  await check(set('bitsPerByte', 'low'), /bitsPerByte: expected a number >= 0, got "low"/);
  await check(set('files', { '../../etc/passwd': '0'.repeat(64) }), /expected a plain file name, no path/);
  await check(set('files', { 'step.onnx': 'abc' }), /expected a sha256 of 64 hexadecimal digits, got "abc"/);
  await check(set('extra', 1), /extra: expected no such field/);
  writeFileSync(path.join(dir, 'model.json'), whole.slice(0, -20));
  await rejects(dir, /model\.json: expected JSON, got a syntax error/);
});

test('a description that could not be read back is not written', async (context) => {
  const dir = await makeFolder(context);
  const { description } = await readModelFolder(dir, { verify: true });
  await assert.rejects(
    writeModelDescription(dir, { ...description, vocabularySize: 1 }, ['step.onnx']),
    /vocabularySize: expected an integer >= 2/,
  );
  await readModelFolder(dir, { verify: true });
});
