import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { measuredFileName, measuringKey, recallThreads, rememberThreads } from '../../../src/host/measuredThreads.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-threads-'));
});
after(() => rm(folder, { recursive: true }));

const why = 'measured';

test('what is remembered is found again, the newest of a key, and nothing else is left in the folder', async () => {
  const inside = path.join(folder, 'made', 'first');
  assert.equal(await recallThreads(inside, 'a'), undefined);
  await rememberThreads(inside, { key: 'a', threads: 2, why });
  await rememberThreads(inside, { key: 'b', threads: 4, why });
  await rememberThreads(inside, { key: 'a', threads: 1, why });
  assert.deepEqual(await recallThreads(inside, 'a'), { key: 'a', threads: 1, why });
  assert.equal((await recallThreads(inside, 'b'))?.threads, 4);
  assert.deepEqual(await readdir(inside), [measuredFileName]);
});

test('the oldest are forgotten', async () => {
  for (let i = 0; i < 20; i++) await rememberThreads(folder, { key: `${i}`, threads: 1, why });
  assert.equal(await recallThreads(folder, '3'), undefined);
  assert.equal((await recallThreads(folder, '4'))?.threads, 1);
});

test('a file that is wrong is ignored, and replaced', async () => {
  const wrong = [
    'no JSON',
    '[]',
    '{"entries":[{"key":"a","threads":0,"why":""}]}',
    '{"entries":[{"key":"a","threads":65,"why":""}]}',
    `{"entries":[{"key":"a","threads":1,"why":"${'x'.repeat(70_000)}"}]}`,
  ];
  for (const text of wrong) {
    await writeFile(path.join(folder, measuredFileName), text);
    assert.equal(await recallThreads(folder, 'a'), undefined, text.slice(0, 50));
  }
  await rememberThreads(folder, { key: 'a', threads: 3, why });
  assert.equal((await recallThreads(folder, 'a'))?.threads, 3);
});

test('another runtime, version or model is another key', () => {
  const runtime = { name: 'native', version: '1' };
  const keys = [
    measuringKey(runtime, 'model'),
    measuringKey(runtime, 'other'),
    measuringKey({ ...runtime, version: '2' }, 'model'),
    measuringKey({ ...runtime, name: 'plain' }, 'model'),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(measuringKey({ ...runtime }, 'model'), keys[0]);
});
