import assert from 'node:assert/strict';
import { readdir, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CheckpointStore, peekState } from '../../../src/train/checkpoint.ts';
import { keepToQuota } from '../../../src/train/checkpointQuota.ts';
import { record, temporaryFolder, tinyOptions, withValidation } from './tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

test('above the quota what no resumption needs goes, the oldest first; the last and the best stay', async (context) => {
  const folder = await temporaryFolder(context);
  const stores = ['a', 'b'].map((name) => new CheckpointStore(path.join(folder, name, 'checkpoints')));
  for (const [i, checkpoints] of stores.entries()) {
    // Best after step 2, so that steps 2, 8 and 9 are there.
    const options = await tinyOptions(folder, { checkpoints, validateEverySteps: 2 });
    await record(options, { runtime: await withValidation((steps) => 2 + steps / 100) }).result;
    for (const step of await checkpoints.steps()) await utimes(checkpoints.fileOf(step), 1000 - i, 1000 - i);
  }
  const [a, b] = stores;
  assert.equal((await peekState(a!.fileOf(9)))?.bestValidation?.step, 2);
  const { size } = await stat(a!.fileOf(9));
  assert.deepEqual((await keepToQuota(folder, 6 * size + 1000)).removed, []);
  assert.deepEqual((await keepToQuota(folder, 5 * size + 1000)).removed, [b!.fileOf(8)]);
  const { removed, bytes } = await keepToQuota(folder, 0);
  assert.deepEqual(removed, [a!.fileOf(8)]);
  assert.ok(bytes > 3 * size);
  for (const store of stores) assert.deepEqual(await store.steps(), [9, 2]);
});

test('of a run whose last file is torn nothing goes; folders that are none are passed over', async (context) => {
  const folder = await temporaryFolder(context);
  const checkpoints = new CheckpointStore(path.join(folder, 'a', 'checkpoints'));
  await record(await tinyOptions(folder, { checkpoints })).result;
  await truncate(checkpoints.fileOf(9), 5);
  const before = await readdir(path.join(folder, 'a', 'checkpoints'));
  assert.deepEqual((await keepToQuota(folder, 0)).removed, []);
  assert.deepEqual(await readdir(path.join(folder, 'a', 'checkpoints')), before);
  assert.deepEqual(await keepToQuota(path.join(folder, 'nowhere'), 0), { removed: [], bytes: 0 });
});

test('of a run that another process holds nothing goes', async (context) => {
  const folder = await temporaryFolder(context);
  const checkpoints = new CheckpointStore(path.join(folder, 'a', 'checkpoints'));
  await record(await tinyOptions(folder, { checkpoints })).result;
  const before = await checkpoints.steps();
  assert.ok(before.length > 1);
  await writeFile(path.join(folder, 'a', 'lock'), `${process.ppid} -\n`);
  assert.deepEqual((await keepToQuota(folder, 0)).removed, []);
  assert.deepEqual(await checkpoints.steps(), before);
});
