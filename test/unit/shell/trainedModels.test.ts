import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
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

test('checkpoints are kept within their quota: of finished models first, then the oldest runs, never the one that goes on', async () => {
  const withCheckpoints = (id: string, changedSeconds: number, finished: boolean) => {
    const folder = finished ? write(id, text) : path.join(storage, id);
    const checkpoints = path.join(folder, 'checkpoints');
    mkdirSync(checkpoints, { recursive: true });
    writeFileSync(path.join(checkpoints, 'state'), 'x'.repeat(1000));
    utimesSync(checkpoints, changedSeconds, changedSeconds);
    return { folder, checkpoints };
  };
  const finished = withCheckpoints('finished', 900, true);
  const old = withCheckpoints('old', 100, false);
  const young = withCheckpoints('young', 200, false);
  const current = withCheckpoints('current', 50, false);
  await models.freeCheckpoints(current.folder, 3000);
  assert.ok(existsSync(finished.checkpoints) && existsSync(old.folder), 'all fit');
  await models.freeCheckpoints(current.folder, 2500);
  assert.ok(!existsSync(finished.checkpoints) && existsSync(path.join(finished.folder, 'model.json')));
  assert.ok(existsSync(old.folder));
  await models.freeCheckpoints(current.folder, 1000);
  assert.deepEqual(
    [old, young, current].map(({ folder }) => existsSync(folder)),
    [false, true, true],
  );
  assert.equal(problems.length, 2, problems.join('\n'));
});
