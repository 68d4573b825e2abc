import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuplicateFilter } from '../../../src/files/duplicates.ts';
import type { LeftOutCounts } from '../../../src/files/leftOut.ts';
import { plainRoots } from '../../../src/files/roots.ts';
import { readTexts } from '../../../src/train/readTexts.ts';
import { temporaryFolder } from './tinyRun.ts';

async function folderOf(context: TestContext, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder(context);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

async function read(roots: readonly string[], options: Partial<Parameters<typeof readTexts>[1]> = {}) {
  let passedOver: LeftOutCounts = {};
  const onReport = (counts: LeftOutCounts) => {
    passedOver = counts;
  };
  const leftOut: string[] = [];
  const onLeftOut = (message: string) => leftOut.push(message);
  const texts = [];
  for await (const text of readTexts(plainRoots(roots), { respectIgnore: true, onReport, onLeftOut, ...options }))
    texts.push(text);
  return { texts, passedOver, leftOut, paths: texts.map((one) => one.path) };
}

const files = {
  'src/a.ts': 'const a = 1;\r\nconst b = 2;\r\n',
  'src/copy.ts': 'const a = 1;\nconst b = 2;\n',
  'src/left.ts': 'const left = 3;\n',
  '.gitignore': 'left.ts\n',
  'data.bin': Uint8Array.of(1, 0, 2),
};

test('a folder gives its texts once each, ignore files obeyed, lines ending in a line feed', async (context) => {
  const folder = await folderOf(context, files);
  const { texts, paths, passedOver } = await read([folder]);
  assert.deepEqual(paths, ['.gitignore', 'src/a.ts']);
  assert.equal(texts[1]?.text, 'const a = 1;\nconst b = 2;\n');
  assert.equal(texts[1]?.id, `${path.basename(folder)}/src/a.ts`);
  assert.deepEqual(passedOver, { ignored: 1, binary: 1, duplicate: 1 });
  assert.ok((await read([folder], { respectIgnore: false })).paths.includes('src/left.ts'));
});

test('a file that is named is taken whatever ignore files say, and left out when it is no text', async (context) => {
  const folder = await folderOf(context, files);
  const { texts } = await read([path.join(folder, 'src/left.ts')]);
  assert.deepEqual(texts, [{ id: 'left.ts/left.ts', path: 'left.ts', text: 'const left = 3;\n' }]);
  const binary = await read([path.join(folder, 'data.bin')]);
  assert.deepEqual(binary.passedOver, { binary: 1 });
  assert.match(binary.leftOut.join(), /data\.bin: left out: it is no text in UTF-8 or UTF-16$/);
  await assert.rejects(read([path.join(folder, 'none')]), /none: cannot be read: .*check the path/);
});

test('files that are named are never read when they may hold secrets, nor taken when they do', async (context) => {
  const key = `AKIA${'ABCDEFGHIJKLMNOP'}`;
  const folder = await folderOf(context, {
    '.env': 'NAME=value\n',
    'notes.txt': `the key is ${key}\n`,
    'plain.txt': 'nothing special\n',
    'generated.ts': '// @generated\nconst a = 1;\n',
    'home/.aws/config': '[default]\n',
  });
  await symlink('.env', path.join(folder, 'link.txt'));
  const named = ['.env', 'notes.txt', 'plain.txt', 'generated.ts', 'home/.aws/config', 'link.txt'];
  const { paths, passedOver, leftOut } = await read(named.map((name) => path.join(folder, name)));
  assert.deepEqual(paths, ['plain.txt', 'generated.ts']);
  assert.deepEqual(passedOver, { secret: 4 });
  const byName = 'left out: it may hold secrets by its name';
  assert.deepEqual(
    leftOut.map((message) => path.relative(folder, message)),
    [
      `.env: ${byName}`,
      `home/.aws/config: ${byName}`,
      `link.txt: ${byName}`,
      'notes.txt: left out: it seems to hold an AWS access key; take that out of it',
    ],
  );
  assert.ok(!leftOut.join().includes(key));
  // The folder that is given may be the secret itself.
  const whole = await read([path.join(folder, 'home/.aws')]);
  assert.deepEqual([whole.paths, whole.passedOver], [[], { secret: 1 }]);
});

test('with a shared filter a text comes from one of several readings only', async (context) => {
  const folder = await folderOf(context, files);
  const duplicates = new DuplicateFilter();
  await read([path.join(folder, 'src/copy.ts')], { duplicates });
  assert.deepEqual((await read([folder], { duplicates })).paths, ['.gitignore']);
});
