// quantize, and the commands that open what it made, in this process.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { bits } from '../../../src/cli/bits.ts';
import { check } from '../../../src/cli/check.ts';
import type { Command } from '../../../src/cli/command.ts';
import { quantize } from '../../../src/cli/quantize.ts';
import { sample } from '../../../src/cli/sample.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { readModelFolder } from '../../../src/formats/modelFolder.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { recordsOf, terminal } from './terminal.ts';

let folder = '';
let model = '';
let text = '';

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-quantize-'));
  model = path.join(folder, 'model');
  text = path.join(folder, 'held.txt');
  await writeFile(text, 'let a = 1;\nlet b = a + 1;\n'.repeat(8));
  const architecture = architectureNamed('gpt');
  const codec = bytesCodec();
  const config = architecture.withVocabulary(
    architecture.parseConfig({ ...tinyConfigs['gpt']![0], hiddenSize: 32, intermediateSize: 64 }),
    codec.vocabulary,
  );
  const parameters = randomParameters(architecture, config, new Random(1));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  await exportModel(model, { architecture, config, codec, parameters, provenance, bitsPerByte: 8 });
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

test('variants are made, and measured as bits measures; other commands open them', async () => {
  await assert.rejects(run(bits, '--model', model, '--variant', 'int8', text), /make them with chainrule quantize/);
  const { status, shown } = await run(quantize, model, '--text', text, '--only', 'int8', '--only', 'int4', '--json');
  assert.equal(status, 0);
  const { description } = await readModelFolder(model, { verify: true });
  assert.deepEqual(recordsOf(shown), description.variants);
  assert.deepEqual(
    description.variants?.map(({ name }) => name),
    ['int8', 'int4'],
  );
  const total = async (...variant: string[]) => {
    const records = recordsOf((await run(bits, '--model', model, ...variant, text)).shown);
    return Number(records.at(-1)?.['bitsPerByte']);
  };
  const plain = await total();
  for (const { name, lossBitsPerByte } of description.variants ?? []) {
    const difference = (await total('--variant', name)) - plain - lossBitsPerByte!;
    assert.ok(Math.abs(difference) < 1e-6, `${name}: ${difference}`);
  }
  assert.equal((await run(sample, '--model', model, '--variant', 'fastest', '--symbols', '5')).status, 0);
  const checked = await run(check, model, '--variant', 'int4', '--json');
  assert.ok(recordsOf(checked.shown).length > 3);
});

test('what is asked for wrongly is told', async () => {
  await assert.rejects(run(quantize), /expected one model folder/);
  await assert.rejects(
    run(quantize, model, '--only', 'int2'),
    /--only: expected one of int8, int4, dynamicInt8, got int2/,
  );
  await assert.rejects(run(quantize, model, '--text', path.join(folder, 'none')), /--text: expected a file/);
  await assert.rejects(run(bits, '--model', model, '--variant', 'int2', text), /--variant: expected one of fp32/);
});

test('without text nothing is known of the loss', async () => {
  const { shown } = await run(quantize, model, '--only', 'dynamicInt8');
  assert.match(shown.lines.join('\n'), /^dynamicInt8: not measured, tolerance /);
});
