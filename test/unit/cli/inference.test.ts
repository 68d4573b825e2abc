// complete, bits, sample and check over a folder with random parameters, in this process.
import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { bits } from '../../../src/cli/bits.ts';
import { check } from '../../../src/cli/check.ts';
import type { Command } from '../../../src/cli/command.ts';
import { complete } from '../../../src/cli/complete.ts';
import { describe } from '../../../src/cli/describe.ts';
import { sample } from '../../../src/cli/sample.ts';
import { train } from '../../../src/cli/train.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { engineLoader } from '../../../src/host/loadEngine.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { recordsOf, terminal } from './terminal.ts';

let folder = '';
let model = '';

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-inference-'));
  model = path.join(folder, 'model');
  await exportTo(model);
});

after(async () => {
  await rm(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

async function exportTo(dir: string, changes: object = {}): Promise<void> {
  const architecture = architectureNamed('gpt');
  const codec = bytesCodec();
  const config = architecture.withVocabulary(
    architecture.parseConfig({ ...tinyConfigs['gpt']![0], ...changes }),
    codec.vocabulary,
  );
  const parameters = randomParameters(architecture, config, new Random(1));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  await exportModel(dir, { architecture, config, codec, parameters, provenance, bitsPerByte: null });
}

async function run(command: Command, ...args: string[]) {
  const shown = terminal();
  const status = await command.run([...args, '--threads', '1'], shown);
  return { status, shown };
}

async function casesFile(lines: readonly string[]): Promise<string> {
  const file = path.join(folder, 'cases.jsonl');
  await writeFile(file, lines.join('\n'));
  return file;
}

test('complete: one line per case and in order, failures too', async () => {
  const cases = await casesFile([
    '{"id":"one","language":"typescript","path":"a.ts","prefix":"let x = ","suffix":";\\n","more":1}',
    '{"id":2,"prefix":"let x = ","suffix":null}',
    '',
    '{"id":3}',
    'no JSON',
    '{"prefix":"x"}',
  ]);
  const { status, shown } = await run(complete, '--model', model, '--cases', cases, '--max-symbols', '5');
  const records = recordsOf(shown);
  assert.equal(status, 1);
  assert.deepEqual(
    records.map(({ id }) => id),
    ['one', 2, 3, null, null],
  );
  for (const record of records.slice(0, 2)) {
    assert.deepEqual(Object.keys(record), [
      ...['id', 'text', 'logProbNats', 'symbols', 'prefillMs', 'decodeMs', 'reusedSymbols'],
    ]);
  }
  assert.match(String(records[2]!['error']), /cases\.jsonl:4: prefix: expected a string, got nothing/);
  assert.match(String(records[3]!['error']), /cases\.jsonl:5: expected JSON/);
});

test('complete --line stops at the first line end; the same cases give the same texts', async () => {
  const cases = await casesFile(['{"id":1,"prefix":"a"}', '{"id":2,"prefix":"ab"}', '{"id":3,"prefix":"x = "}']);
  const texts = async () => {
    const { shown } = await run(complete, '--model', model, '--cases', cases, '--line');
    return recordsOf(shown).map(({ text }) => String(text));
  };
  const first = await texts();
  assert.ok(first.every((text) => !text.includes('\n')));
  assert.deepEqual(await texts(), first);
});

test('complete --reviewed answers as the editor would', async () => {
  const cases = await casesFile(['{"id":1,"prefix":"con","suffix":"sole"}']);
  const { status, shown } = await run(complete, '--model', model, '--cases', cases, '--reviewed');
  assert.equal(status, 0);
  assert.equal(recordsOf(shown)[0]?.['nothing'], 'insideWord');
});

test('--json is taken by every command that asks a model, and every line is JSON', async () => {
  const cases = await casesFile(['{"id":1,"prefix":"a"}']);
  const calls: readonly (readonly [Command, readonly string[]])[] = [
    [complete, ['--model', model, '--cases', cases, '--max-symbols', '2']],
    [bits, ['--model', model, cases]],
    [sample, ['--model', model, '--symbols', '2']],
    [check, [model]],
  ];
  for (const [command, args] of calls) {
    const { status, shown } = await run(command, ...args, '--json');
    assert.equal(status, 0, command.summary);
    assert.ok(recordsOf(shown).length > 0, command.summary);
  }
});

test('a missing cases file, a missing model and a wrong option are told', async () => {
  const missing = path.join(folder, 'missing.jsonl');
  await assert.rejects(run(complete, '--model', model, '--cases', missing), /missing\.jsonl: cannot be read/);
  await assert.rejects(run(complete, '--model', missing, '--cases', missing), UserError);
  await assert.rejects(run(complete, '--cases', missing), /expected --model DIR/);
  await assert.rejects(run(complete, '--model', model), /expected --cases/);
  await assert.rejects(run(bits, '--model', model), /expected a file or a folder/);
});

test('bits: every regular file below a folder, sorted, then a total', async () => {
  const data = path.join(folder, 'data');
  await mkdir(path.join(data, 'sub'), { recursive: true });
  await writeFile(path.join(data, '.gitignore'), 'b.txt\n');
  await writeFile(path.join(data, 'b.txt'), 'x'.repeat(400));
  await writeFile(path.join(data, 'sub', 'a.bin'), Uint8Array.of(0, 255, 254));
  await writeFile(path.join(data, 'empty'), '');
  await symlink(data, path.join(data, 'loop'));
  const missing = path.join(folder, 'nothing');
  const { status, shown } = await run(bits, '--model', model, data, missing, path.join(data, 'b.txt'));
  const records = recordsOf(shown);
  assert.equal(status, 1);
  assert.deepEqual(
    records.map(({ path: file }) => file),
    [
      ...['.gitignore', 'b.txt', 'empty', 'sub/a.bin'].map((name) => path.join(data, name)),
      missing,
      path.join(data, 'b.txt'),
      undefined,
    ],
  );
  const [ignore, text, empty, binary, failed, again, total] = records;
  assert.equal(text!['bytes'], 400);
  assert.ok(Number(text!['bits']) > 0 && Number(text!['bitsPerByte']) === Number(text!['bits']) / 400);
  assert.ok(Number(empty!['bits']) > 0, 'the end symbol counts');
  assert.equal(empty!['bitsPerByte'], null);
  assert.equal(binary!['bytes'], 3);
  assert.match(String(failed!['error']), /ENOENT/);
  assert.equal(again!['bits'], text!['bits']);
  const sum = [ignore, text, empty, binary, again].reduce(
    (bitsSoFar, record) => bitsSoFar + Number(record!['bits']),
    0,
  );
  assert.equal(total!['bits'], sum);
  assert.deepEqual([total!['files'], total!['bytes']], [5, 400 + 400 + 6 + 3]);
});

test('sample: the same seed draws the same text, beyond the context too', async () => {
  const draw = async (...args: string[]) => {
    const { shown } = await run(sample, '--model', model, '--symbols', '400', '--json', ...args);
    const record = recordsOf(shown)[0]!;
    return record;
  };
  const one = await draw('--prompt', 'let ', '--seed', '7', '--temperature', '0.9', '--top-k', '20');
  assert.deepEqual(await draw('--prompt', 'let ', '--seed', '7', '--temperature', '0.9', '--top-k', '20'), one);
  assert.notEqual((await draw('--prompt', 'let ', '--seed', '8'))['text'], one['text']);
  assert.ok(Number(one['symbols']) > 160 || one['ended'] === true);
  const { shown } = await run(sample, '--model', model, '--prompt', 'let ', '--symbols', '3');
  assert.ok(shown.lines[0]?.startsWith('let '));
  await assert.rejects(run(sample, '--model', model, '--temperature', 'hot'), /--temperature: expected a number/);
});

test('check: a sound folder passes, a changed file does not', async () => {
  const { status, shown } = await run(check, model);
  assert.equal(status, 0);
  assert.ok(shown.lines.length >= 8 && shown.lines.every((line) => line.startsWith('ok')), shown.lines.join('\n'));

  const spoiled = path.join(folder, 'spoiled');
  await exportTo(spoiled);
  await appendFile(path.join(spoiled, 'config.json'), 'x');
  await assert.rejects(run(check, spoiled), /config\.json: expected sha256/);
  await assert.rejects(run(check, folder), /model\.json/);
  await assert.rejects(run(check), /expected one model folder/);
});

test('check: a context too short for the laws is told', async () => {
  const short = path.join(folder, 'short');
  await exportTo(short, { contextLength: 3 });
  const { status, shown } = await run(check, short, '--json');
  assert.equal(status, 1);
  assert.match(
    shown.lines.at(-1)!,
    /"laws","ok":false,"detail":"expected a context of at least 4 symbols .*, got 3; train/,
  );
});

test('an unknown architecture and a wrong configuration are refused alike by all who open a model', async () => {
  const dir = path.join(folder, 'unknown');
  await exportTo(dir);
  const file = path.join(dir, 'model.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as { config: object };
  const refused = async (change: object, message: RegExp) => {
    await writeFile(file, JSON.stringify({ ...json, ...change }));
    await assert.rejects(run(check, dir), message);
    await assert.rejects(run(sample, '--model', dir), message);
    const configure = {
      modelPath: dir,
      threads: 1,
      weights: 'auto',
      storagePath: '',
      logLevel: 'info',
      workAhead: true,
    } as const;
    await assert.rejects(
      engineLoader({ openRuntime, clock: systemClock })(configure, () => undefined),
      message,
    );
  };
  const [unknown, wrong] = [
    /architecture: expected one of gpt, charRnn, pixelCnn, got "nonsense"; take one/,
    /numHeads: expected a whole/,
  ];
  await refused({ architecture: 'nonsense', config: {} }, unknown);
  await refused({ config: { ...json.config, numHeads: '4' } }, wrong);
  const training = ['--data', folder, '--out', path.join(folder, 'none'), '--steps', '1', '--codec', 'bytes'];
  await assert.rejects(run(train, 'nonsense', ...training), unknown);
  await assert.rejects(run(train, 'gpt', ...training, '--config', '{"numHeads":"4"}'), wrong);
});

test('describe tells more of a model, takes folders that list their card, and refuses what could not be read back', async () => {
  const dir = path.join(folder, 'described');
  await exportTo(dir);
  const file = path.join(dir, 'model.json');
  const before = JSON.parse(await readFile(file, 'utf8')) as { files: Record<string, string>; provenance: object };
  const old = { ...before, files: { ...before.files, 'README.md': '0'.repeat(64) } };
  await writeFile(file, JSON.stringify(old));
  const section = path.join(folder, 'section.md');
  await writeFile(section, '## Evaluation\n\n| 1.875 |\n');
  const describing = (provenance: string) =>
    describe.run([dir, '--provenance', provenance, '--section', section, '--json'], terminal());
  await assert.rejects(describing('{"steps":-1}'), /model\.json: provenance\.steps: expected an integer >= 0, got -1/);
  await assert.rejects(describing('[]'), /--provenance: expected a JSON object/);
  assert.equal(await describing('{"data":"forty gardens","totalSteps":9,"decayStart":5}'), 0);
  const after = JSON.parse(await readFile(file, 'utf8')) as object;
  const provenance = { ...before.provenance, data: 'forty gardens', totalSteps: 9, decayStart: 5 };
  assert.deepEqual(after, { ...before, provenance });
  const card = await readFile(path.join(dir, 'README.md'), 'utf8');
  for (const part of ['forty gardens', '--decay-start 5', '| 1.875 |']) assert.ok(card.includes(part), part);
  assert.equal((await run(check, dir)).status, 0);
  await writeFile(section, '## Evaluation\n\n| 1.5 |\n');
  assert.equal(await describe.run([dir, '--section', section, '--keep'], terminal()), 0);
  const kept = await readFile(path.join(dir, 'README.md'), 'utf8');
  assert.equal(kept, card.replace('| 1.875 |', '| 1.5 |'));
  await assert.rejects(
    describe.run([dir, '--keep', '--provenance', '{}'], terminal()),
    /expected --keep or --provenance/,
  );
  await appendFile(path.join(dir, 'step.onnx'), 'x');
  await assert.rejects(describing('{}'), /step\.onnx: expected sha256/);
});

test('an interrupted command says nothing more', async () => {
  const shown = terminal(AbortSignal.abort());
  const cases = await casesFile(['{"id":1,"prefix":"a"}']);
  await assert.rejects(complete.run(['--model', model, '--cases', cases], shown), CancelledError);
  await assert.rejects(bits.run(['--model', model, folder], shown), CancelledError);
  await assert.rejects(sample.run(['--model', model], shown), CancelledError);
  assert.deepEqual(shown.lines, []);
});
