import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type FileSink, syncFolder, writeFileAtomic } from '../../../src/formats/atomicFile.ts';
import { temporaryFolder } from './folder.ts';

/** A disk that takes so many pieces and is then full. */
function fullAfter(pieces: number, closed: () => void): () => Promise<FileSink> {
  let left = pieces;
  return async () => ({
    write: async () => {
      if (left-- === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
    sync: async () => {},
    close: async () => closed(),
  });
}

test('writes pieces of text and bytes, over an earlier file too, and leaves nothing else', async (context) => {
  const folder = temporaryFolder(context);
  const target = path.join(folder, 'a.txt');
  for (const text of ['one', 'two']) {
    await writeFileAtomic(target, [text, Buffer.from('é'), '']);
    assert.equal(readFileSync(target, 'utf8'), `${text}é`);
  }
  assert.deepEqual(readdirSync(folder), ['a.txt']);
});

test('a full disk leaves the earlier file whole, removes the unfinished one and says so', async (context) => {
  const folder = temporaryFolder(context);
  const target = path.join(folder, 'a.txt');
  writeFileSync(target, 'earlier');
  let closed = 0;
  const openSink = fullAfter(1, () => {
    closed += 1;
  });
  await assert.rejects(writeFileAtomic(target, ['new', 'and more'], openSink), {
    name: 'UserError',
    message:
      /a\.txt: cannot be written: the disk is full; free some space and try again; what was there before is unchanged/,
  });
  assert.equal(closed, 1);
  assert.equal(readFileSync(target, 'utf8'), 'earlier');
  assert.deepEqual(readdirSync(folder), ['a.txt']);
});

test('a source that fails leaves the earlier file whole', async (context) => {
  const folder = temporaryFolder(context);
  const target = path.join(folder, 'a.txt');
  writeFileSync(target, 'earlier');
  const pieces = async function* () {
    yield 'new';
    throw new RangeError('the source broke');
  };
  await assert.rejects(writeFileAtomic(target, pieces()), RangeError);
  assert.equal(readFileSync(target, 'utf8'), 'earlier');
  assert.deepEqual(readdirSync(folder), ['a.txt']);
});

test('a folder that is missing is named with the remedy', async (context) => {
  const target = path.join(temporaryFolder(context), 'missing', 'a.txt');
  await assert.rejects(writeFileAtomic(target, ['x']), {
    name: 'UserError',
    message: /the folder does not exist; create it first/,
  });
});

test('two writers at once do not mix', async (context) => {
  const target = path.join(temporaryFolder(context), 'a.txt');
  const texts = ['a'.repeat(100_000), 'b'.repeat(100_000)];
  await Promise.all(texts.map((text) => writeFileAtomic(target, [text])));
  assert.ok(texts.includes(readFileSync(target, 'utf8')));
});

test('a file system that cannot flush a folder is no failure, another error is', async () => {
  let closed = 0;
  const failing = (code: string) => async () => ({
    sync: async () => {
      throw Object.assign(new Error(`${code}: fsync`), { code });
    },
    close: async () => {
      closed += 1;
    },
  });
  await syncFolder('.', failing('EINVAL'));
  await syncFolder('.', failing('ENOTSUP'));
  if (process.platform !== 'win32') {
    await assert.rejects(syncFolder('.', failing('EIO')), /EIO/);
    assert.equal(closed, 3);
  }
});
