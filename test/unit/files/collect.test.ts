import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CollectReport, collectTexts, type SourceText } from '../../../src/files/collect.ts';
import { contentHash, DuplicateFilter } from '../../../src/files/duplicates.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/files/fileSystem.ts';
import { makeTree } from './tree.ts';

async function collect(root: string, fileSystem?: FileSystem): Promise<{ texts: SourceText[]; report: CollectReport }> {
  const texts: SourceText[] = [];
  const generator = collectTexts(root, { respectIgnore: true, ...(fileSystem === undefined ? {} : { fileSystem }) });
  for (let next = await generator.next(); ; next = await generator.next()) {
    if (next.done) return { texts, report: next.value };
    texts.push(next.value);
  }
}

test('texts in order of path, and a report of the rest', async (context) => {
  const root = makeTree(context, {
    '.gitignore': 'out/\n',
    'out/x.ts': 'x',
    'a.ts': '\ufeffconst a = 1;\r\n',
    'b/copy.ts': 'const a = 1;  \n',
    'c.ts': 'const c = 3;\n',
    'image.png': Uint8Array.of(0x89, 0, 1),
    '.env': 'A=1',
    'blank.txt': '\n',
    'yarn.lock': 'x',
  });
  const { texts, report } = await collect(root);
  assert.deepEqual(texts, [
    { path: '.gitignore', text: 'out/\n' },
    { path: 'a.ts', text: 'const a = 1;\r\n' },
    { path: 'c.ts', text: 'const c = 3;\n' },
  ]);
  assert.deepEqual(report, {
    texts: 3,
    bytes: 5 + 17 + 13,
    passedOver: { ignored: 1, secret: 1, duplicate: 1, empty: 1, binary: 1, generated: 1 },
    stoppedBy: null,
  });
});

test('secret files are not even read, and a file that vanishes before it is read is passed over', async (context) => {
  const root = makeTree(context, { '.env': 'A=1', 'a.ts': 'a', 'b.ts': 'b' });
  const read: string[] = [];
  const { texts, report } = await collect(root, {
    ...nodeFileSystem,
    read: async (file, maxBytes) => {
      if (!file.endsWith('.gitignore')) read.push(file);
      if (file.endsWith('b.ts')) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return nodeFileSystem.read(file, maxBytes);
    },
  });
  assert.deepEqual(texts, [{ path: 'a.ts', text: 'a' }]);
  assert.deepEqual(report.passedOver, { secret: 1, vanished: 1 });
  assert.ok(!read.some((file) => file.endsWith('.env')));
});

test('a file that grows while it is read is too large, not half read', async (context) => {
  const root = makeTree(context, { 'a.ts': 'a' });
  const { report } = await collect(root, {
    ...nodeFileSystem,
    read: async (file, maxBytes) =>
      file.endsWith('a.ts') ? new Uint8Array(maxBytes).fill(0x61) : nodeFileSystem.read(file, maxBytes),
  });
  assert.deepEqual(report.passedOver, { tooLarge: 1 });
});

test('duplicates: line ends and blanks at line ends do not make a difference, anything else does', () => {
  assert.equal(contentHash('a\r\nb \n'), contentHash('a\nb\n\n'));
  assert.notEqual(contentHash('a\n b\n'), contentHash('a\nb\n'));
  const filter = new DuplicateFilter();
  assert.equal(filter.earlier('one', 'x'), undefined);
  assert.equal(filter.earlier('two', 'x\n'), 'one');
  assert.equal(filter.earlier('three', 'y'), undefined);
});

test('at most so many bytes are read', async (context) => {
  const root = makeTree(context, { 'a.ts': '0123456789' });
  assert.equal(Buffer.from(await nodeFileSystem.read(`${root}/a.ts`, 4)).toString(), '0123');
  assert.equal(Buffer.from(await nodeFileSystem.read(`${root}/a.ts`, 100)).toString(), '0123456789');
});
