import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { holderOf } from '../../../src/base/folderLock.ts';
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

test('where the system does not tell when a process began, a lock that nobody touches any more is taken over', async (context) => {
  const dir = await temporaryFolder(context);
  const file = path.join(dir, 'lock');
  await writeFile(file, `${process.ppid} -\n`);
  assert.equal(await holderOf(dir), process.ppid);
  await utimes(file, 1000, 1000);
  assert.equal(await holderOf(dir), undefined);
  await (await lockRun(dir))();
});

test('a disk without hard links is locked all the same', async (context) => {
  const dir = await temporaryFolder(context);
  const without = () => Promise.reject(Object.assign(new Error('operation not permitted'), { code: 'EPERM' }));
  const unlock = await lockRun(dir, without);
  assert.equal(await holderOf(dir), process.pid);
  await assert.rejects(lockRun(dir, without), /trains/);
  await unlock();
  assert.deepEqual(await readdir(dir), []);
});
