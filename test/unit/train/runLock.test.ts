import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { lockRun } from '../../../src/train/runLock.ts';
import { temporaryFolder } from './tinyRun.ts';

test('one at a time, also of many who try at once; given back it can be taken again', async (context) => {
  const dir = path.join(await temporaryFolder(context), 'new');
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(dir)));
  const taken = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  assert.equal(taken.length, 1);
  await assert.rejects(lockRun(dir), /got one in which process \d+ trains; wait for it or stop it/);
  await taken[0]!();
  assert.deepEqual(await readdir(dir), []);
  await (await lockRun(dir))();
});

test('the lock of a process that is gone is taken over, and of one whose number went to another', async (context) => {
  const dir = await temporaryFolder(context);
  const file = path.join(dir, 'lock');
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  // A parent lives; where the system tells when it began, it did not begin at tick 1.
  const others = process.platform === 'linux' ? [`${process.ppid} 1\n`] : [];
  for (const left of [`${pid} 1\n`, '', ...others]) {
    await writeFile(file, left);
    const unlock = await lockRun(dir);
    assert.match(await readFile(file, 'utf8'), new RegExp(`^${process.pid} `));
    await unlock();
  }
});

test('the lock of a process that lives holds', async (context) => {
  const dir = await temporaryFolder(context);
  await writeFile(path.join(dir, 'lock'), `${process.ppid} -\n`);
  await assert.rejects(lockRun(dir), new RegExp(`process ${process.ppid} trains`));
});
