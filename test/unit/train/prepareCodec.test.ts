import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SourceText } from '../../../src/train/gatherCorpus.ts';
import { prepareCodec } from '../../../src/train/prepareCodec.ts';

async function makeFolder(context: TestContext): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'chainrule-codec-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function prepare(dir: string, text: string) {
  const texts = async function* (): AsyncGenerator<SourceText> {
    yield { id: 'a', path: 'a', text };
  };
  const log: string[] = [];
  const request = { dir, kind: 'auto', tokenizer: undefined, vocabularySize: 300, texts } as const;
  const made = await prepareCodec({ ...request, resume: false }, (line) => log.push(line));
  const resumed = await prepareCodec({ ...request, resume: true }, (line) => log.push(line));
  assert.deepEqual([resumed.kind, resumed.vocabulary], [made.kind, made.vocabulary]);
  assert.equal(log.length, 1);
  return { codec: made, said: log[0]! };
}

test('characters or bytes are chosen by the texts, said why, and found again by a run that is resumed', async (context) => {
  const folder = await makeFolder(context);
  const ascii = await prepare(folder, 'plain text\n'.repeat(20));
  assert.equal(ascii.codec.kind, 'bytes');
  assert.match(ascii.said, /^codec: bytes, because/);
  const greek = await prepare(folder, 'Ελληνικά '.repeat(20));
  assert.equal(greek.codec.kind, 'characters');
  assert.match(greek.said, /^codec: characters, because/);
  // Begun once more in the same folder.
  assert.equal((await prepare(folder, 'plain text\n')).codec.kind, 'bytes');
});
