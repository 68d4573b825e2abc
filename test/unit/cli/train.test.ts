// The command from arguments to model folder, in this process.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { CommandContext } from '../../../src/cli/command.ts';
import { tokenizer } from '../../../src/cli/tokenizer.ts';
import { train } from '../../../src/cli/train.ts';
import { encodePng } from '../../../src/files/images/encodePng.ts';
import { readModelFolder } from '../../../src/formats/modelFolder.ts';
import { readConfig } from '../../../src/models/registry.ts';
import { lockRun } from '../../../src/train/runLock.ts';
import { temporaryFolder } from '../train/tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const config = JSON.stringify({
  ...{ hiddenSize: 16, numLayers: 1, numHeads: 2, numKeyValueHeads: 1, intermediateSize: 24, contextLength: 32 },
});
const tiny = ['--config', config, '--batch', '2', '--threads', '1', '--checkpoint-every', '2', '--validate-every', '3'];

interface Terminal extends CommandContext {
  readonly lines: string[];
  readonly logged: string[];
}

function terminal(onLine: (line: string) => void = () => undefined, signal = new AbortController().signal): Terminal {
  const lines: string[] = [];
  const logged: string[] = [];
  let milliseconds = 0;
  return {
    lines,
    logged,
    signal,
    out: (line) => {
      lines.push(line);
      onLine(line);
    },
    log: (line) => logged.push(line),
    progress: () => undefined,
    now: () => milliseconds++,
  };
}

async function dataIn(folder: string): Promise<string> {
  const data = path.join(folder, 'data');
  await mkdir(data);
  for (let i = 0; i < 8; i++) {
    const lines = Array.from({ length: 20 }, (_, line) => `export const value${i}_${line} = ${line};`);
    await writeFile(path.join(data, `file${i}.ts`), `${lines.join('\n')}\n`);
  }
  return data;
}

test('train writes one event as JSON per line, and a model', async (context) => {
  const folder = await temporaryFolder(context);
  const out = path.join(folder, 'model');
  const shown = terminal();
  const status = await train.run(
    ['gpt', '--data', await dataIn(folder), '--out', out, '--steps', '5', '--vocabulary', '300', ...tiny, '--json'],
    shown,
  );
  assert.equal(status, 0);
  const kinds = shown.lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  assert.equal(kinds.filter((kind) => kind === 'step').length, 5);
  assert.equal(kinds.at(-1), 'done');
  const { description, codec } = await readModelFolder(out, { verify: true });
  const { steps, symbols, ...record } = description.provenance;
  assert.equal(symbols, steps * 2 * 32, 'of the steps that were kept');
  assert.deepEqual(record, {
    ...{
      data: 'data',
      validation: 'text held out from the data',
      seed: 1,
      totalSteps: 5,
      decayStart: 3,
      warmupSteps: 1,
    },
    ...{ batch: 2, accumulation: 1, time: 32, schedule: 'wsd', learningRate: 0.002, optimizer: 'muon' },
    ...{ weightDecay: 0.1, clipNorm: 1, validateEverySteps: 3, threads: 1 },
  });
  assert.equal(codec.kind, 'bpe');
  assert.ok(description.bitsPerByte !== null && description.bitsPerByte > 0);
  assert.match(shown.logged.join('\n'), /6 documents, .*; 2 documents held out/);
});

test('interrupted, it leaves a checkpoint and says how to go on; with --resume it completes', async (context) => {
  const folder = await temporaryFolder(context);
  const out = path.join(folder, 'model');
  const args = [
    'gpt',
    '--data',
    await dataIn(folder),
    '--out',
    out,
    '--steps',
    '6',
    '--codec',
    'bytes',
    ...tiny,
    '--json',
  ];
  const controller = new AbortController();
  const stopped = terminal((line) => {
    if (line.includes('"step":3,')) controller.abort();
  }, controller.signal);
  assert.equal(await train.run([...args, '--resume'], stopped), 130, 'nothing to resume: it begins');
  assert.match(stopped.logged.join('\n'), /stopped at step 3; the same command with --resume/);
  await assert.rejects(readModelFolder(out, { verify: false }), /model.json/);
  await assert.rejects(train.run(args, terminal()), /holds a run that reached step 3; go on with --resume/);
  const resumed = terminal();
  assert.equal(await train.run([...args, '--resume'], resumed), 0);
  assert.match(resumed.lines[0]!, /"kind":"step","step":4,/);
  await readModelFolder(out, { verify: true });
});

test('wishes that cannot be met are refused in words', async (context) => {
  const folder = await temporaryFolder(context);
  const data = await dataIn(folder);
  const base = ['gpt', '--data', data, '--out', path.join(folder, 'model'), '--codec', 'bytes', ...tiny];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /expected an architecture/],
    [['gpt'], /expected --out/],
    [['gpt', '--out', folder], /expected --data/],
    [base, /expected either --steps N .* or --minutes M or --until-stopped/],
    [[...base, '--steps', '2', '--minutes', '1'], /expected either --steps/],
    [[...base, '--steps', '1.5'], /--steps: expected a whole number from 1/],
    [[...base, '--steps', 'many'], /--steps: expected a number from 1 .* got many/],
    [[...base, '--steps', '2', '--time', '64'], /time: expected at most the model's context of 32 symbols, got 64/],
    [[...base, '--steps', '2', '--codec', 'morse'], /--codec: expected one of bpe, characters, bytes, auto, got morse/],
    [[...base, '--steps', '2', '--schedule', 'x'], /--schedule: expected wsd or cosine/],
    [[...base, '--steps', '2', '--optimizer', 'x'], /--optimizer: expected adamw or muon, got x/],
    [[...base, '--steps', '2', '--config', '[1]'], /--config: expected a JSON object/],
    [['pixelgpt', ...base.slice(1), '--steps', '2'], /architecture: expected one of/],
  ];
  for (const [args, expected] of cases) await assert.rejects(train.run(args, terminal()), expected, args.join(' '));
});

test('tokenizer writes a tokenizer.json that train takes', async (context) => {
  const folder = await temporaryFolder(context);
  const data = await dataIn(folder);
  const file = path.join(folder, 'new/tokenizer.json');
  const shown = terminal();
  assert.equal(await tokenizer.run([data, '--vocabulary', '275', '--out', file, '--json'], shown), 0);
  assert.deepEqual(JSON.parse(shown.lines[0]!), { path: file, vocabularySize: 275 });
  const out = path.join(folder, 'model');
  await train.run(['gpt', '--data', data, '--out', out, '--steps', '1', '--tokenizer', file, ...tiny], terminal());
  assert.equal((await readModelFolder(out, { verify: true })).description.vocabularySize, 275);
});

test('by minutes, and then by the steps and the start of the decay that it told: the same run', async (context) => {
  const folder = await temporaryFolder(context);
  const data = await dataIn(folder);
  const settings = ['--codec', 'bytes', ...tiny, '--checkpoint-every', '50', '--validate-every', '50', '--json'];
  const run = async (name: string, ...budget: string[]) => {
    const shown = terminal();
    const out = path.join(folder, name);
    assert.equal(await train.run(['gpt', '--data', data, '--out', out, ...budget, ...settings], shown), 0);
    const events = shown.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return { events, provenance: (await readModelFolder(out, { verify: true })).description.provenance };
  };
  // The terminal's clock goes on by a millisecond whenever someone looks at it.
  const byMinutes = await run('minutes', '--minutes', '0.01');
  const { step, decayStart } = byMinutes.events.at(-1)! as { step: number; decayStart: number };
  assert.ok(step < 901 && decayStart < step, 'the example is no longer a short one');
  const bySteps = await run('steps', '--steps', String(step), '--decay-start', String(decayStart));
  const figures = ({ events }: typeof bySteps) =>
    events.map(({ step, lossNats, learningRate, gradientNorm }) => [step, lossNats, learningRate, gradientNorm]);
  assert.deepEqual(figures(bySteps), figures(byMinutes));
  assert.deepEqual(bySteps.provenance, byMinutes.provenance);
});

test('charRnn by its size, the codec chosen by the texts; pixelCnn from a folder of images and from IDX', async (context) => {
  const folder = await temporaryFolder(context);
  const common = ['--steps', '3', '--batch', '2', '--threads', '1', '--json'];
  const rnn = path.join(folder, 'rnn');
  const rnnConfig = JSON.stringify({ embeddingSize: 4, hiddenSize: 8, numLayers: 1 });
  const text = ['charRnn', '--data', await dataIn(folder), '--out', rnn, '--preset', 'small', '--time', '16'];
  assert.equal(await train.run([...text, '--config', rnnConfig, ...common], terminal()), 0);
  const trained = await readModelFolder(rnn, { verify: true, readConfig });
  assert.equal(trained.codec.kind, 'bytes', 'all of it is ASCII');
  assert.equal(trained.description.provenance.learningRate, 0.004);
  assert.equal(trained.description.provenance.optimizer, 'adamw');

  const art = path.join(folder, 'art');
  await mkdir(art);
  const values = (i: number) =>
    Uint8Array.from({ length: 36 }, (_, at) => (at * 7 + i * i * 31 + (at % 6) * i * 11) % 256);
  for (let i = 0; i < 8; i++) {
    await writeFile(path.join(art, `${i}.png`), encodePng({ width: 6, height: 6, channels: 1, data: values(i) }));
  }
  const config = JSON.stringify({ hiddenSize: 4, numLayers: 1, firstKernel: 3, outputSize: 4 });
  const cnn = path.join(folder, 'cnn');
  const image = ['pixelCnn', '--config', config, ...common];
  const shown = terminal();
  assert.equal(await train.run([...image, '--data', art, '--out', cnn, '--levels', '8', '--rule', 'fit'], shown), 0);
  assert.match(shown.lines.at(-1)!, /"bitsPerDimension":\d/);
  const { description } = await readModelFolder(cnn, { verify: true, readConfig });
  assert.deepEqual(description.codec, { kind: 'image', width: 6, height: 6, channels: 1, levels: 8, rule: 'fit' });
  assert.equal(description.provenance.validation, 'images held out from the data');

  const header = Buffer.alloc(16);
  for (const [at, word] of [0x803, 8, 6, 6].entries()) header.writeUInt32BE(word, 4 * at);
  const idx = path.join(folder, 'train-images-idx3-ubyte.gz');
  await writeFile(idx, gzipSync(Buffer.concat([header, ...Array.from({ length: 8 }, (_, i) => values(i))])));
  const binary = [
    ...image,
    '--data',
    idx,
    '--validation',
    idx,
    '--out',
    path.join(folder, 'idx'),
    '--binarize',
    'sampled',
  ];
  const logged = terminal();
  assert.equal(await train.run(binary, logged), 0);
  assert.match(logged.logged.join('\n'), /8 images of 6 x 6 to learn from; 8 held out; 2 levels, binarization sampled/);
  const card = await readFile(path.join(folder, 'idx', 'README.md'), 'utf8');
  assert.match(card, /--size 6x6 .*--levels 2 .*--binarize sampled\n/s);
  await assert.rejects(train.run([...binary, '--levels', '4', '--resume'], terminal()), /--levels: expected 2 with/);
});

test('until stopped: Ctrl+C keeps the best', async (context) => {
  const folder = await temporaryFolder(context);
  const out = path.join(folder, 'model');
  const controller = new AbortController();
  const shown = terminal((line) => {
    if (line.includes('"step":4,')) controller.abort();
  }, controller.signal);
  const args = [
    'gpt',
    '--data',
    await dataIn(folder),
    '--out',
    out,
    '--until-stopped',
    '--codec',
    'bytes',
    ...tiny,
    '--json',
  ];
  assert.equal(await train.run(args, shown), 0);
  assert.match(shown.lines.at(-1)!, /"reason":"kept","step":4/);
  await readModelFolder(out, { verify: true, readConfig });
});

test('a folder in which another process trains is refused', async (context) => {
  const folder = await temporaryFolder(context);
  const out = path.join(folder, 'model');
  const unlock = await lockRun(out);
  const args = ['gpt', '--data', await dataIn(folder), '--out', out, '--steps', '1', '--codec', 'bytes', ...tiny];
  await assert.rejects(train.run(args, terminal()), /in which process \d+ trains; wait for it or stop it/);
  await unlock();
  assert.equal(await train.run(args, terminal()), 0);
});
