// Every file comes back byte for byte, in as many bits as are shown; what is not the same is told, and nothing else happens.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import type { TextModel } from '../../../src/engine/loadModel.ts';
import { bitsOf, wholeText } from '../../../src/likelihood/bits.ts';
import { compress, decompress } from '../../../src/likelihood/compressedFile.ts';
import { type CodingSettings, readCompressed, writeCompressed } from '../../../src/likelihood/compressedHeader.ts';
import { proveCompression } from '../../../src/likelihood/compressionProof.ts';
import { runtimes } from '../../runtimes.ts';
import { modelOf } from '../engine/plainModels.ts';
import { codingModels, exportCodingModel, openCodingModel } from './codingModels.ts';
import { corpus } from './corpus.ts';

const settings: CodingSettings = { runtime: 'plain', version: '1.0', weights: 'fp32', threads: 1, processor: 'x64' };
const text = new TextEncoder().encode('let x = 1;\nlet y = x + 1;\n'.repeat(4));
let folder = '';
const dirs: string[] = [];

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-compress-'));
  for (const model of codingModels) dirs.push(await exportCodingModel(folder, model));
});

after(async () => {
  await rm(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

async function withModel<T>(dir: string, body: (model: TextModel) => Promise<T>): Promise<T> {
  const model = await openCodingModel(dir, runtimes.plain);
  try {
    return await body(model);
  } finally {
    model.dispose();
  }
}

/** Of a model without a folder. */
function bare(model: TextModel['model'], codec: TextCodec) {
  const description = { files: {} } as TextModel['description'];
  const weights = { decode: 'fp32', prefill: 'fp32' } as const;
  const dispose = () => model.dispose();
  return { textModel: { model, codec, description, weights, dispose }, dispose };
}

const files = corpus();

test('the corpus has more than 200 different files', () => {
  assert.ok(new Set(files.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size > 200);
});

const ways = Object.entries(runtimes).flatMap(([runtime, opened]) =>
  codingModels.map(({ name }, i) => ({ runtime, opened, name, i })),
);

for (const [number, { runtime, opened, name, i }] of ways.entries()) {
  test(`${runtime}, ${name}: files come back, and their size is the sum of their bits`, async () => {
    const model = await openCodingModel(dirs[i]!, opened);
    // Each file goes one of the six ways.
    for (const { name: file, bytes } of files.filter((_, index) => index % ways.length === number)) {
      const proof = await proveCompression(model, bytes);
      assert.ok(proof.identical, file);
      const { compressedBytes, headerBytes, bits, codedBits, numSymbols } = proof;
      const difference = compressedBytes - headerBytes - bits / 8;
      assert.ok(Math.abs(difference) < 8, `${file}: ${compressedBytes} - ${headerBytes} bytes for ${bits} bits`);
      assert.ok(Math.abs(codedBits - bits) < 1e-4 * numSymbols, `${file}: ${codedBits}, ${bits} bits`);
      assert.ok(headerBytes <= 96);
    }
    model.dispose();
  });
}

test('bits of a text and the size of the file are one number', async () => {
  await withModel(dirs[0]!, async (model) => {
    const { file, headerBytes, numSymbols } = await compress(model, text, settings);
    const { bits } = await bitsOf(model.model, wholeText(model.codec, text), { by: 'step' });
    assert.equal(numSymbols, wholeText(model.codec, text).length);
    const codeBytes = file.length - headerBytes;
    assert.ok(codeBytes >= Math.floor(bits / 8) && codeBytes <= Math.ceil(bits / 8) + 1, `${codeBytes}, ${bits}`);
  });
});

test('the same file twice is the same; between two others too', async () => {
  await withModel(dirs[1]!, async (model) => {
    const first = await compress(model, text, settings);
    await compress(model, text.subarray(3), settings);
    const both = await Promise.all([compress(model, text, settings), compress(model, text.subarray(5), settings)]);
    assert.deepEqual(both[0].file, first.file);
    assert.deepEqual(await decompress(model, readCompressed(both[1].file, 'x'), settings), text.subarray(5));
  });
});

test('another model, other settings, other numbers: each is told before anything is decoded', async () => {
  const file = await withModel(dirs[0]!, async (model) => (await compress(model, text, settings)).file);
  const parts = readCompressed(file, 'x');
  const other = await exportCodingModel(folder, codingModels[0]!, 2);
  await withModel(other, (model) => assert.rejects(decompress(model, parts, settings), /another model/));
  await withModel(dirs[0]!, async (model) => {
    const here: CodingSettings = { ...settings, threads: 2, version: '2.0' };
    await assert.rejects(decompress(model, parts, here), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /ONNX Runtime 1\.0 \(here ONNX Runtime 2\.0\), 1 thread \(here 2 threads\)/);
      return true;
    });
    assert.deepEqual(await decompress(model, parts, here, { anyway: true }), text);
    const elsewhere = { ...parts, header: { ...parts.header, numbers: '0123456789abcdef' } };
    await assert.rejects(decompress(model, elsewhere, settings), /computes other numbers here/);
    assert.deepEqual(await decompress(model, elsewhere, settings, { anyway: true }), text);
  });
});

test('a code that decodes to something else is told, and ends soon', async () => {
  await withModel(dirs[2]!, async (model) => {
    const { file } = await compress(model, text, settings);
    const { header, code } = readCompressed(file, 'x');
    for (const wrong of [code.subarray(1), code.map((byte) => byte ^ 255), new Uint8Array(0), code.subarray(0, 9)]) {
      const parts = readCompressed(writeCompressed(header, wrong), 'x');
      await assert.rejects(decompress(model, parts, settings), /not the text that went in/);
    }
    for (const length of [0, text.length - 1, text.length + 1, 2 ** 26]) {
      const parts = readCompressed(writeCompressed({ ...header, length }, code), 'x');
      await assert.rejects(decompress(model, parts, settings), /not the text that went in/);
    }
  });
});

test('cancelled at any moment, also by the turn that it awaits; progress grows up to the end', async () => {
  await withModel(dirs[2]!, async (model) => {
    const long = new TextEncoder().encode('abc '.repeat(200));
    const { file } = await compress(model, long, settings);
    for (const last of [1, 3, 20]) {
      const controller = new AbortController();
      let turns = 0;
      const turn = async () => {
        turns += 1;
        if (turns === last) controller.abort();
      };
      const options = { signal: controller.signal, turn };
      await assert.rejects(compress(model, long, settings, options), CancelledError);
      assert.equal(turns, last);
      await assert.rejects(decompress(model, readCompressed(file, 'x'), settings, options), CancelledError);
    }
    const seen: string[] = [];
    const proof = await proveCompression(model, long, {
      onProgress: (phase, done, of) => seen.push(`${phase} ${done} ${of}`),
    });
    assert.ok(proof.identical);
    assert.equal(seen.filter((line) => line.startsWith('compress')).length, 13);
    assert.equal(seen.at(-1), 'decompress 768 800');
  });
});

test('a model that is sure, and mostly wrong, takes as many bytes as it shows', async () => {
  const codec = bytesCodec();
  const model = modelOf(codec.vocabulary, 64, (history, row) => {
    for (let i = 0; i < row.length; i++) row[i] = -40 - ((i * 37) % 90);
    row[(history.at(-1)! + 1) % 256] = 0;
  });
  const { textModel, dispose } = bare(model, codec);
  const { identical, compressedBytes, headerBytes, bits, numSymbols } = await proveCompression(textModel, text);
  assert.ok(identical);
  assert.ok(bits > 60 * numSymbols);
  assert.ok(Math.abs(compressedBytes - headerBytes - bits / 8) <= 1);
  dispose();
});

test('the format: the same bytes as ever', async () => {
  const codec = bytesCodec();
  const model = modelOf(codec.vocabulary, 8, (history, row) => {
    for (let i = 0; i < row.length; i++) row[i] = -2 - ((i * 37 + history.length) % 30);
  });
  const { textModel, dispose } = bare(model, codec);
  const bytes = new TextEncoder().encode('The format, as it is.');
  const { file, headerBytes } = await compress(textModel, bytes, settings);
  assert.equal(Buffer.from(file.subarray(0, 5)).toString('hex'), '8d43525a01');
  assert.equal(
    Buffer.from(file.subarray(headerBytes)).toString('hex'),
    'fffff4aa48acc2ffbc6d6005b5db78711967ed57b4f5c3bd74bd8664b5953d664fb2d9e6d3e56f8b36db6d0bcafc06a030d45cd6509631d1e0ec05c2f4fd17ebbcf92e39dce3b6798604e6b09d',
  );
  assert.deepEqual(await decompress(textModel, readCompressed(file, 'x'), settings), bytes);
  dispose();
});

test('a codec that cannot spell the file is refused, and so are two kinds of weights', async () => {
  const whole = bytesCodec();
  const seven: TextCodec = {
    ...whole,
    lossless: false,
    encode: (bytes) => Int32Array.from(bytes, (byte) => byte & 127),
  };
  const model = modelOf(whole.vocabulary, 64, (_, row) => row.fill(-Math.log(262)));
  const { textModel, dispose } = bare(model, seven);
  await assert.rejects(compress(textModel, Uint8Array.of(200), settings), /cannot spell the file/);
  assert.ok((await proveCompression(textModel, Uint8Array.of(100))).identical);
  const mixed = { ...textModel, weights: { decode: 'fp32', prefill: 'dynamicInt8' } as const };
  await assert.rejects(compress(mixed, text, settings), /one kind of weights/);
  dispose();
});

test('a model that changes its mind is found out', async () => {
  const codec = bytesCodec();
  let calls = 0;
  const model = modelOf(codec.vocabulary, 64, (_, row) => {
    calls += 1;
    row.fill(-Math.log(262));
    // From some moment on it favors another symbol.
    if (calls > 150) row[calls % 256] = -1;
  });
  const { textModel, dispose } = bare(model, codec);
  const { identical } = await proveCompression(textModel, text);
  assert.equal(identical, false);
  dispose();
});
