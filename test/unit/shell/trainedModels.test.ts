import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { TrainedModels } from '../../../src/shell/trainedModels.ts';

const place = mkdtempSync(path.join(os.tmpdir(), 'chainrule-models-'));
const storage = path.join(place, 'models');
after(() => rmSync(place, { recursive: true }));

let problems: string[] = [];
let models = new TrainedModels(storage, () => undefined);
beforeEach(() => {
  rmSync(storage, { recursive: true, force: true });
  mkdirSync(storage);
  problems = [];
  models = new TrainedModels(storage, (problem) => problems.push(problem));
});

const text = {
  architecture: 'charRnn',
  codec: { kind: 'bytes' },
  bitsPerByte: 2.13,
  provenance: { data: 'demo', steps: 900, seed: 1, workspace: { hash: 'aa', name: 'demo' } },
};
const image = {
  architecture: 'pixelCnn',
  codec: { kind: 'image', width: 28, height: 20, channels: 1, levels: 4 },
  bitsPerDimension: 0.3,
  provenance: { data: 'pictures', steps: 5, seed: 1 },
};

function write(id: string, description: unknown, changedSeconds = 1000): string {
  const folder = path.join(storage, id);
  mkdirSync(folder);
  const file = path.join(folder, 'model.json');
  writeFileSync(file, typeof description === 'string' ? description : JSON.stringify(description));
  utimesSync(file, changedSeconds, changedSeconds);
  return folder;
}

test('the newest first, with what they say of themselves', async () => {
  write('a', text, 1000);
  write('b', image, 2000);
  const [newest, older] = await models.list();
  assert.deepEqual([newest?.id, newest?.eats, newest?.bits, newest?.width, newest?.levels], ['b', 'image', 0.3, 28, 4]);
  assert.deepEqual([newest?.name, newest?.workspace], ['PixelCNN', null]);
  assert.deepEqual([older?.name, older?.bits, older?.eats], ['CharRNN of demo', 2.13, 'text']);
  assert.deepEqual(problems, []);
});

test('runs without a model, broken and foreign folders do not hide the others', async () => {
  write('good', text);
  mkdirSync(path.join(storage, 'unfinished', 'checkpoints'), { recursive: true });
  write('broken', '{"architecture":');
  write('other', { name: 'x' });
  write('large', ' '.repeat(2 ** 20 + 1));
  writeFileSync(path.join(storage, 'file'), '');
  assert.deepEqual(
    (await models.list()).map(({ id }) => id),
    ['good'],
  );
  assert.ok(problems.length >= 3, problems.join('\n'));
  assert.deepEqual(await new TrainedModels(path.join(place, 'nowhere'), () => undefined).list(), []);
});

test('a name is kept beside the model; an empty or endless one is refused, a damaged one passed over', async () => {
  const folder = write('a', text);
  const [model] = await models.list();
  await models.rename(model!, '  My model  ');
  assert.equal((await models.read(folder))?.name, 'My model');
  await assert.rejects(models.rename(model!, '  '), /needs a name/);
  await assert.rejects(models.rename(model!, 'x'.repeat(101)), /at most 100/);
  writeFileSync(path.join(folder, 'label.json'), '{');
  assert.equal((await models.read(folder))?.name, 'CharRNN of demo');
});

test('only folders of the storage are deleted, whole', async () => {
  const folder = write('a', text);
  mkdirSync(path.join(folder, 'checkpoints'));
  writeFileSync(path.join(folder, 'checkpoints', '1.safetensors'), 'x'.repeat(100));
  assert.ok((await models.sizeBytes(folder)) > 100);
  for (const elsewhere of [place, storage, path.join(folder, 'checkpoints'), path.join(storage, '..', 'x'), '/']) {
    await assert.rejects(models.remove(elsewhere), /is not below/);
  }
  await models.remove(folder);
  assert.ok(!existsSync(folder));
});

test('a link in a folder is neither followed nor counted', async () => {
  const folder = write('a', text);
  const before = await models.sizeBytes(folder);
  symlinkSync(place, path.join(folder, 'link'));
  assert.equal(await models.sizeBytes(folder), before);
  await models.remove(folder);
  assert.ok(existsSync(place));
});

test('a new folder is named for what it will hold', () => {
  assert.equal(models.newPath('charRnn', '2026-01-02 03:04'), path.join(storage, 'charRnn-2026-01-02-03-04'));
});

/** A run that has not come to a model. */
function writeRun(id: string, files: Readonly<Record<string, string>>): string {
  const folder = path.join(storage, id);
  mkdirSync(path.join(folder, 'checkpoints'), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

const demo = { hash: 'aa', name: 'demo' };

test('of unfinished runs it is told whose they are and whether a process trains there, of any window; that one is not deleted', async () => {
  write('finished', text);
  const paused = writeRun('paused', { 'run.json': JSON.stringify({ workspace: demo }) });
  const trained = writeRun('trained', { lock: `${process.pid} -\n`, 'run.json': '{' });
  const left = writeRun('left', { lock: '1234567890 5\n' });
  const rows = new Map((await models.unfinished()).map((one) => [one.path, one]));
  assert.deepEqual(rows.get(paused), { path: paused, isTraining: false, workspace: demo });
  assert.deepEqual(rows.get(trained), { path: trained, isTraining: true, workspace: null });
  assert.deepEqual(rows.get(left), { path: left, isTraining: false, workspace: null });
  assert.equal(rows.size, 3);
  await assert.rejects(models.remove(trained), new RegExp(`trained is being trained .process ${process.pid}`));
  assert.ok(existsSync(trained));
  await models.remove(left);
  assert.ok(!existsSync(left));
});

test('where a run stands is what its checkpoints say, and all of them are counted', async () => {
  const folder = writeRun('a', {
    'checkpoints/step-00000120.checkpoint': 'xx',
    'checkpoints/step-00000040.checkpoint': 'x',
  });
  assert.equal(await models.reachedStep(folder), 120);
  assert.equal(await models.reachedStep(writeRun('b', { 'checkpoints/.step-00000007.checkpoint.1.0.part': 'x' })), 0);
  assert.equal(await models.reachedStep(path.join(storage, 'gone')), 0);
  assert.equal(await models.unfinishedBytes(), 4);
});

test('of very many the newest are shown, whatever they are called, and it is told that there are more', async () => {
  for (let i = 0; i < 203; i++) write(`m${String(i).padStart(3, '0')}`, text, 1000 + i);
  write('a-old-one', text, 10);
  const list = await models.list();
  assert.deepEqual([list.length, list[0]?.id, list.at(-1)?.id], [200, 'm202', 'm003']);
  assert.match(problems.join(), /the 4 oldest of 204/);
});

test("an export is a folder of the model's name with what belongs to it, and never over another", async () => {
  const folder = write('charRnn-1', { ...text, files: { 'step.onnx': '0', 'model.safetensors': '1' } });
  for (const name of ['step.onnx', 'model.safetensors', 'README.md', 'label.json', 'run.json', 'lock']) {
    writeFileSync(path.join(folder, name), name);
  }
  const [model] = await models.list();
  await models.rename(model!, 'Notes: the best/../one');
  const [renamed] = await models.list();
  const first = await models.export(renamed!, place);
  assert.equal(first, path.join(place, 'Notes- the best-..-one'));
  assert.deepEqual(readdirSync(first).sort(), ['README.md', 'model.json', 'model.safetensors', 'step.onnx']);
  assert.equal(await models.export(renamed!, place), `${first}-2`);
  rmSync(path.join(folder, 'step.onnx'));
  await assert.rejects(models.export(renamed!, place), /step\.onnx/);
  assert.ok(!existsSync(`${first}-3`), 'half of a model is none');
  const lying = write('lying', { ...text, files: { '../../secret': '0' } });
  await assert.rejects(models.export((await models.read(lying))!, place), /expected names/);
});
