// sample, bits, check and complete over models of the other families, with random parameters, in this process.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { bits } from '../../../src/cli/bits.ts';
import { check } from '../../../src/cli/check.ts';
import type { Command } from '../../../src/cli/command.ts';
import { complete } from '../../../src/cli/complete.ts';
import { sample } from '../../../src/cli/sample.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { decodeImage } from '../../../src/files/images/decodeImage.ts';
import { encodePng } from '../../../src/files/images/encodePng.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { randomParameters } from '../../tinyModels.ts';
import { recordsOf, terminal } from './terminal.ts';

let folder = '';
const at = (name: string) => path.join(folder, name);
const shape = { width: 8, height: 6, channels: 1, levels: 4 } as const;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-families-'));
  const random = new Random(1);
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  const text = bytesCodec();
  const charRnn = architectureNamed('charRnn');
  const small = { embeddingSize: 4, hiddenSize: 8, numLayers: 2 };
  const rnnConfig = charRnn.withVocabulary(
    charRnn.parseConfig({ ...charRnn.defaultConfig, ...small }),
    text.vocabulary,
  );
  const rnn = { architecture: charRnn, config: rnnConfig, codec: text };
  const rnnParameters = randomParameters(charRnn, rnnConfig, random);
  await exportModel(at('rnn'), { ...rnn, parameters: rnnParameters, provenance, bitsPerByte: 2.5 });
  const pixelCnn = architectureNamed('pixelCnn');
  const sizes = { hiddenSize: 4, numLayers: 1, firstKernel: 3, outputSize: 4 };
  const config = pixelCnn.parseConfig({ ...pixelCnn.defaultConfig, ...sizes, ...shape });
  const parameters = randomParameters(pixelCnn, config, random);
  const cnn = { architecture: pixelCnn, config, codec: imageCodec(shape), parameters, provenance };
  await exportModel(at('cnn'), { ...cnn, bitsPerByte: null, bitsPerDimension: 1.25 });
  const data = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);
  await mkdir(at('images'));
  await writeFile(at('images/a.png'), encodePng({ width: 8, height: 6, channels: 1, data }));
  await writeFile(at('images/b.png'), 'no image');
  const header = Buffer.alloc(16);
  for (const [i, word] of [0x803, 3, 6, 8].entries()) header.writeUInt32BE(word, 4 * i);
  await writeFile(at('t10k-images-idx3-ubyte'), Buffer.concat([header, data, data, data]));
});

after(async () => {
  await rm(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

async function run(command: Command, ...args: string[]) {
  const shown = terminal();
  const status = await command.run([...args, '--threads', '1'], shown);
  return { status, shown };
}

test('check passes for both', async () => {
  for (const name of ['rnn', 'cnn']) {
    const { status, shown } = await run(check, at(name), '--json');
    assert.equal(status, 0, shown.lines.join('\n'));
    assert.ok(recordsOf(shown).length >= 4, name);
  }
});

test('sample draws a contact sheet as PNG, the same for the same seed, and completes the lower half', async () => {
  const drawn = async (name: string, ...more: string[]) => {
    const out = at(`${name}.png`);
    const { status, shown } = await run(sample, '--model', at('cnn'), '--out', out, '--json', ...more);
    assert.equal(status, 0);
    assert.equal(recordsOf(shown)[0]!['path'], out);
    return decodeImage(await readFile(out));
  };
  const [a, b, other] = [await drawn('a'), await drawn('b'), await drawn('c', '--seed', '2')];
  assert.deepEqual([a.width, a.height], [4 * 9 + 1, 4 * 7 + 1]);
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, other);
  const completed = await drawn('d', '--count', '1', '--upper', at('images/a.png'));
  const given = imageCodec(shape).encode(await decodeImage(await readFile(at('images/a.png'))));
  assert.deepEqual(imageCodec(shape).encode(completed).subarray(0, 24), given.subarray(0, 24));
  await assert.rejects(run(sample, '--model', at('cnn')), /expected --out FILE.png/);
});

test('bits of images, one by one and of IDX files; what is none is told and ends nothing', async () => {
  const files = await run(bits, '--model', at('cnn'), at('images'));
  assert.equal(files.status, 1);
  const [one, none, total] = recordsOf(files.shown);
  assert.equal(one!['dimensions'], 48);
  assert.match(String(none!['error']), /b.png: expected an image/);
  assert.equal(total!['bits'], one!['bits']);
  const idx = at('t10k-images-idx3-ubyte');
  const [three] = recordsOf((await run(bits, '--model', at('cnn'), idx)).shown);
  assert.ok(Math.abs(Number(three!['bits']) - 3 * Number(one!['bits'])) < 1e-6);
  const [limited] = recordsOf(
    (await run(bits, '--model', at('cnn'), '--limit', '2', '--binarize', 'sampled', idx)).shown,
  );
  assert.equal(limited!['images'], 2);
  assert.equal(limited!['binarization'], 'sampled');
  await assert.rejects(run(bits, '--model', at('cnn'), '--binarize', 'x', idx), /--binarize: expected sampled or none/);
});

test('text commands over CharRNN', async () => {
  await writeFile(at('a.txt'), 'some text\n');
  await writeFile(at('cases.jsonl'), '{"id":1,"prefix":"some "}');
  const measured = recordsOf((await run(bits, '--model', at('rnn'), at('a.txt'))).shown);
  assert.ok(Number(measured[0]!['bitsPerByte']) > 0);
  const { shown } = await run(complete, '--model', at('rnn'), '--cases', at('cases.jsonl'), '--max-symbols', '4');
  assert.equal(recordsOf(shown)[0]!['symbols'], 4);
  const text = await run(sample, '--model', at('rnn'), '--symbols', '8', '--json');
  assert.equal(text.status, 0);
});

test('cards: each family says what it makes, and what was measured in its own unit', async () => {
  const [rnn, cnn] = [await readFile(at('rnn/README.md'), 'utf8'), await readFile(at('cnn/README.md'), 'utf8')];
  assert.match(rnn, /^# CharRNN language model/);
  assert.match(rnn, /2\.500 bits per byte/);
  assert.match(cnn, /^# PixelCNN model of images/);
  assert.match(cnn, /8 x 6, grey, 4 levels/);
  assert.match(cnn, /1\.250 bits per channel value/);
  assert.match(cnn, /sample\.onnx/);
  assert.doesNotMatch(cnn, /language|completing code|bits per byte|step\.onnx.*distribution after/);
});
