// compress and decompress over folders with random parameters, in this process: round trips, and everything that can be wrong with them.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { bits } from '../../../src/cli/bits.ts';
import { CodingProgress } from '../../../src/cli/codingProgress.ts';
import type { Command } from '../../../src/cli/command.ts';
import { compress } from '../../../src/cli/compress.ts';
import { decompress } from '../../../src/cli/decompress.ts';
import { findModel, usualPlaces } from '../../../src/cli/findModel.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { readCompressed } from '../../../src/likelihood/compressedHeader.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { randomParameters } from '../../tinyModels.ts';
import { codingModels, exportCodingModel } from '../likelihood/codingModels.ts';
import { recordsOf, terminal } from './terminal.ts';

let folder = '';
let models = '';
let model = '';
let file = '';
const at = (name: string) => path.join(folder, name);

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-zip-'));
  models = at('models');
  for (const one of codingModels) await exportCodingModel(models, one);
  model = path.join(models, 'bytes');
  file = at('text.ts');
  await writeFile(file, 'let x = 1;\r\n\ufefflet y = "\0";\n');
});

after(async () => {
  await rm(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

async function run(command: Command, args: readonly string[], signal?: AbortSignal) {
  const shown = terminal(signal);
  const status = await command.run([...args], shown);
  return { status, shown };
}

/** Compressed with the plain runtime, which is there wherever the tests run. */
async function compressed(name: string, ...more: string[]): Promise<string> {
  const out = at(name);
  await run(compress, [file, '--model', model, '--out', out, '--runtime', 'plain', '--force', ...more]);
  return out;
}

test('there and back, with the model that is named and with the one that is found', async () => {
  const out = at('a.crz');
  const { status, shown } = await run(compress, [file, '--model', model, '--out', out, '--prove', '--json']);
  assert.equal(status, 0);
  const record = recordsOf(shown)[0]!;
  assert.deepEqual(Object.keys(record), [
    ...['path', 'bytes', 'compressedBytes', 'headerBytes', 'symbols', 'bits', 'bitsPerByte', 'proved'],
  ]);
  const size = (await readFile(out)).length;
  assert.equal(record['compressedBytes'], size);
  assert.ok(Math.abs(size - Number(record['headerBytes']) - Number(record['bits']) / 8) < 2);
  const { shown: measured } = await run(bits, ['--model', model, file]);
  assert.ok(Math.abs(Number(recordsOf(measured)[0]!['bits']) - Number(record['bits'])) < 0.01);
  for (const [i, how] of [
    ['--model', model],
    ['--models', models],
    ['--models', folder, '--models', model],
  ].entries()) {
    const back = at(`back-${i}`);
    const { shown: told } = await run(decompress, [out, '--out', back, ...how, '--json']);
    assert.deepEqual(await readFile(back), await readFile(file));
    assert.equal(recordsOf(told)[0]!['model'], model);
  }
});

test('in words, and an empty file', async () => {
  const empty = at('empty');
  await writeFile(empty, '');
  const out = at('empty.crz');
  const { shown } = await run(compress, [empty, '--model', path.join(models, 'characters'), '--out', out, '--prove']);
  assert.match(shown.lines.join('\n'), /empty\.crz: \d+ of 0 bytes; a header of \d+ and \d+\.\d bits; proved/);
  const { shown: told } = await run(decompress, [out, '--out', at('empty.back'), '--models', models]);
  assert.match(told.lines.join('\n'), /empty\.back: 0 bytes, by .*characters/);
  assert.equal((await readFile(at('empty.back'))).length, 0);
});

test('runtime, threads and weights are those that the header tells; others are refused, or tried anyway', async () => {
  const out = await compressed('plain.crz', '--threads', '2');
  assert.equal(readCompressed(await readFile(out), out).header.settings.runtime, 'plain');
  const back = ['--out', at('plain.back'), '--model', model, '--force'];
  assert.equal((await run(decompress, [out, ...back])).status, 0);
  await assert.rejects(run(decompress, [out, ...back, '--threads', '1']), /plain\.crz: .* 2 threads \(here 1 thread\)/);
  await assert.rejects(run(decompress, [out, ...back, '--runtime', 'native']), /the plain runtime \(here the native/);
  await assert.rejects(run(decompress, [out, ...back, '--variant', 'fastest']), /--variant: expected the name/);
  assert.equal((await run(decompress, [out, ...back, '--threads', '1', '--anyway'])).status, 0);
  assert.deepEqual(await readFile(at('plain.back')), await readFile(file));
});

test('another model, and none at all', async () => {
  const out = await compressed('model.crz');
  const back = ['--out', at('model.back')];
  const other = await exportCodingModel(models, codingModels[1]!, 2);
  await assert.rejects(
    run(decompress, [out, ...back, '--model', other]),
    /model\.crz: it was written with another model/,
  );
  await rename(model, at('hidden'));
  try {
    const { model: identity } = readCompressed(await readFile(out), out).header;
    await assert.rejects(
      run(decompress, [out, ...back, '--models', models]),
      new RegExp(`expected the model .*${identity}`),
    );
  } finally {
    await rename(at('hidden'), model);
  }
  await assert.rejects(readFile(at('model.back')));
});

test('what is there is not replaced, unless one says so; the file itself never', async () => {
  const out = await compressed('there.crz');
  await assert.rejects(run(compress, [file, '--model', model, '--out', out]), /is there already; give --force/);
  await assert.rejects(run(decompress, [out, '--model', model, '--out', file]), /is there already; give --force/);
  await symlink(file, at('link'));
  for (const same of [file, at('link')]) {
    await assert.rejects(run(compress, [file, '--model', model, '--out', same, '--force']), /expected another file/);
  }
  await assert.rejects(run(compress, [file, '--model', model, '--out', folder, '--force']), /got the folder/);
  await assert.rejects(run(compress, [file, '--model', model, '--out', at('no/a')]), /the folder does not exist/);
});

test('files that are none, or too long; commands that are not whole', async () => {
  const to = ['--model', model, '--out', at('never')];
  await assert.rejects(run(compress, [at('missing'), ...to]), /expected a file, got .*missing/);
  await assert.rejects(run(compress, [folder, ...to]), /which is none; name a file/);
  await assert.rejects(run(compress, [file, file, ...to]), /expected one file to compress, got 2/);
  await assert.rejects(run(compress, [file, '--model', model]), /expected --out FILE/);
  await assert.rejects(run(compress, [file, '--out', at('never')]), /expected --model DIR/);
  await assert.rejects(run(compress, [file, ...to, '--variant', 'fastest']), UserError);
  await writeFile(at('long'), '');
  await truncate(at('long'), 2 ** 26 + 1);
  await assert.rejects(run(compress, [at('long'), ...to]), /expected at most 67108864 bytes, got 67108865/);
  await truncate(at('long'), 2 ** 30 + 1);
  await assert.rejects(run(decompress, [at('long'), ...to]), /expected at most 1073741824 bytes/);
  await assert.rejects(run(decompress, [at('missing'), ...to]), /expected a compressed file, got .*missing/);
  await assert.rejects(run(decompress, [folder, ...to]), UserError);
  await assert.rejects(run(decompress, [file, ...to]), /text\.ts: expected a file that chainrule compress wrote/);
  await assert.rejects(run(decompress, []), /expected one file to decompress, got 0/);
  await assert.rejects(readFile(at('never')));
});

test('models of images are refused', async () => {
  const shape = { width: 4, height: 3, channels: 1, levels: 4 } as const;
  const family = architectureNamed('pixelCnn');
  const sizes = { hiddenSize: 4, numLayers: 1, firstKernel: 3, outputSize: 4 };
  const config = family.parseConfig({ ...family.defaultConfig, ...sizes, ...shape });
  const parameters = randomParameters(family, config, new Random(1));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  const images = { architecture: family, config, codec: imageCodec(shape), parameters, provenance, bitsPerByte: null };
  await exportModel(at('pictures'), images);
  const args = [file, '--model', at('pictures'), '--out', at('never')];
  await assert.rejects(run(compress, args), /expected a model of text, got one of images/);
});

test('cut off and damaged files are told, and nothing is written', async () => {
  const out = await compressed('whole.crz');
  const bytes = await readFile(out);
  const broken = at('broken.crz');
  const changed = Uint8Array.from(bytes);
  changed[bytes.length - 3]! ^= 4;
  for (const content of [bytes.subarray(0, 20), bytes.subarray(0, -1), changed]) {
    await writeFile(broken, content);
    const back = run(decompress, [broken, '--model', model, '--out', at('never')]);
    await assert.rejects(back, /broken\.crz: is damaged or not whole/);
  }
  await assert.rejects(readFile(at('never')));
});

test('interrupted: nothing is left, and what was there stays', async () => {
  const out = await compressed('kept.crz');
  const bytes = await readFile(out);
  const names = await readdir(folder);
  const args = ['--model', model, '--runtime', 'plain', '--force'];
  const interrupted = AbortSignal.abort();
  await assert.rejects(run(compress, [file, '--out', out, ...args], interrupted), CancelledError);
  await assert.rejects(run(decompress, [out, '--out', at('never'), ...args], interrupted), CancelledError);
  assert.deepEqual(await readFile(out), bytes);
  assert.deepEqual(await readdir(folder), names);
});

test('folders that hold no model, or a broken one, are passed over when one is looked for', async () => {
  const place = at('place');
  await mkdir(path.join(place, 'a', 'model.json'), { recursive: true });
  await mkdir(path.join(place, 'b'));
  await writeFile(path.join(place, 'b', 'model.json'), '{');
  await writeFile(path.join(place, 'c'), '');
  const found = await exportCodingModel(place, codingModels[1]!);
  const { model: identity } = readCompressed(await readFile(await compressed('find.crz')), 'x').header;
  assert.equal(await findModel(identity, 'fp32', [at('nowhere'), place]), found);
  await assert.rejects(findModel(identity, 'int8', [place]), /name it by --model DIR/);
});

test('without a place that is named: the shipped models, then those of editors', () => {
  const script = path.join('x', 'dist', 'cli.js');
  const home = path.join('home', 'me');
  const linux = usualPlaces(script, { platform: 'linux', home });
  assert.equal(linux[0], path.join('x', 'models'));
  const storage = path.join('User', 'globalStorage', 'chainrule.chainrule', 'models');
  assert.equal(linux[1], path.join(home, '.config', 'Code', storage));
  assert.ok(linux.includes(path.join(home, '.vscode-server', 'data', storage)));
  const mac = usualPlaces(script, { platform: 'darwin', home });
  assert.equal(mac[1], path.join(home, 'Library', 'Application Support', 'Code', storage));
  const windows = usualPlaces(script, { platform: 'win32', home, appData: 'roaming' });
  assert.equal(windows[1], path.join('roaming', 'Code', storage));
});

test('progress: at most ten lines a second', () => {
  const lines: string[] = [];
  let time = 0;
  const { onProgress } = new CodingProgress('compressing', { progress: (line) => lines.push(line), now: () => time });
  for (const [now, done] of [
    [0, 0],
    [50, 100],
    [1000, 500],
    [1050, 600],
    [2000, 1000],
  ] as const) {
    time = now;
    onProgress(done, 4000);
  }
  assert.deepEqual(lines, [
    'compressing: 0 of 4000 bytes, 0 bytes/s',
    'compressing: 500 of 4000 bytes, 500 bytes/s, 7 s left',
    'compressing: 1000 of 4000 bytes, 500 bytes/s, 6 s left',
  ]);
});
