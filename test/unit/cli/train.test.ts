// The command from arguments to model folder, in this process.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { CommandContext } from '../../../src/cli/command.ts';
import { tokenizer } from '../../../src/cli/tokenizer.ts';
import { train } from '../../../src/cli/train.ts';
import { readModelFolder } from '../../../src/formats/modelFolder.ts';
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
    [base, /expected either --steps N .* or --minutes M/],
    [[...base, '--steps', '2', '--minutes', '1'], /expected either --steps/],
    [[...base, '--steps', '1.5'], /--steps: expected a whole number from 1/],
    [[...base, '--steps', 'many'], /--steps: expected a number from 1 .* got many/],
    [[...base, '--steps', '2', '--time', '64'], /time: expected at most the model's context of 32 symbols, got 64/],
    [[...base, '--steps', '2', '--codec', 'morse'], /--codec: expected one of bpe, characters, bytes, auto, got morse/],
    [[...base, '--steps', '2', '--schedule', 'x'], /--schedule: expected wsd or cosine/],
    [[...base, '--steps', '2', '--optimizer', 'x'], /--optimizer: expected one of adamw, muon/],
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
