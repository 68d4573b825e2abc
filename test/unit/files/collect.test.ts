import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CollectOptions, collectTexts, type SourceText, surveyText } from '../../../src/files/collect.ts';
import { contentHash, DuplicateFilter } from '../../../src/files/duplicates.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/files/fileSystem.ts';
import { plainRoots } from '../../../src/files/roots.ts';
import type { Survey } from '../../../src/files/survey.ts';
import { makeTree } from './tree.ts';

interface Collected {
  readonly texts: SourceText[];
  readonly survey: Survey;
  /** By reason, the examples' paths below the root. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
}

async function collect(root: string, options: Partial<CollectOptions> = {}): Promise<Collected> {
  const texts: SourceText[] = [];
  const generator = collectTexts(plainRoots([root]), { respectIgnore: true, ...options });
  for (let next = await generator.next(); ; next = await generator.next()) {
    if (next.done) return { texts, survey: next.value, leftOut: byReason(next.value, root) };
    texts.push(next.value);
  }
}

function byReason({ leftOut }: Pick<Survey, 'leftOut'>, root: string): Record<string, string[]> {
  const below = `${path.basename(root)}/`;
  return Object.fromEntries(
    leftOut.map(({ reason, examples }) => [reason, examples.map((one) => one.path.replace(below, ''))]),
  );
}

const pathsOf = (texts: readonly SourceText[]) => texts.map((text) => text.path);

/** The file system, but for reading files of that name. */
function withRead(name: string, read: FileSystem['read']): FileSystem {
  return {
    ...nodeFileSystem,
    read: (file, maxBytes) => (file.endsWith(name) ? read : nodeFileSystem.read)(file, maxBytes),
  };
}

const everything = {
  '.gitignore': 'out/\n',
  'out/x.ts': 'x',
  'a.ts': '\ufeffconst a = 1;\r\n',
  'b/copy.ts': 'const a = 1;  \n',
  'c.py': 'c = 3\n',
  'image.png': Uint8Array.of(0x89, 0, 1),
  '.env': 'A=1',
  'blank.txt': '\n',
  'yarn.lock': 'x',
  'old.c': Buffer.from('// caf\xe9\n', 'latin1'),
  'wide.txt': Buffer.from('\ufeffwide', 'utf16le'),
};

test('texts in order of path, and a report of what is read and what is not', async (context) => {
  const root = makeTree(context, everything);
  const { texts, survey, leftOut } = await collect(root);
  const name = path.basename(root);
  assert.deepEqual(texts, [
    { id: `${name}/.gitignore`, path: '.gitignore', text: 'out/\n' },
    { id: `${name}/a.ts`, path: 'a.ts', text: 'const a = 1;\r\n' },
    { id: `${name}/c.py`, path: 'c.py', text: 'c = 3\n' },
    { id: `${name}/old.c`, path: 'old.c', text: '// café\n' },
    { id: `${name}/wide.txt`, path: 'wide.txt', text: 'wide' },
  ]);
  const bytes = { settings: 5, ts: 17, py: 6, c: 8, text: 10 };
  assert.deepEqual([survey.numFiles, survey.numBytes, survey.stoppedBy], [5, 46, null]);
  assert.deepEqual(survey.groups, [
    { name: 'TypeScript', numFiles: 1, numBytes: bytes.ts },
    { name: 'Plain text', numFiles: 1, numBytes: bytes.text },
    { name: 'C / C++', numFiles: 1, numBytes: bytes.c },
    { name: 'Python', numFiles: 1, numBytes: bytes.py },
    { name: 'Settings', numFiles: 1, numBytes: bytes.settings },
  ]);
  assert.deepEqual(leftOut, {
    ignored: ['out'],
    empty: ['blank.txt'],
    secret: ['.env'],
    binary: ['image.png'],
    generated: ['yarn.lock'],
    duplicate: ['b/copy.ts'],
  });
  assert.deepEqual(survey.leftOut.find(({ reason }) => reason === 'duplicate')?.examples, [
    { path: `${name}/b/copy.ts`, detail: `it is the same as ${name}/a.ts` },
  ]);
});

test('the survey promises exactly what the reading yields, and a message can carry it', async (context) => {
  const root = makeTree(context, everything);
  const seen: string[] = [];
  const survey = await surveyText(plainRoots([root]), { respectIgnore: true, onText: (text) => seen.push(text) });
  const { texts, survey: reading } = await collect(root);
  assert.deepEqual(survey, reading);
  assert.deepEqual(
    seen,
    texts.map(({ text }) => text),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(survey)), survey);
});

test('several roots: each with its own excludes, one in another read once, a missing one noted', async (context) => {
  const root = makeTree(context, { 'one/a.ts': 'a', 'one/b.log': 'b', 'one/deep/c.ts': 'c', 'two/b.log': 'bb' });
  const roots = [
    { path: path.join(root, 'one'), excludes: ['**/*.log'] },
    { path: path.join(root, 'two'), excludes: [] },
    { path: path.join(root, 'one', 'deep'), excludes: [] },
    { path: path.join(root, 'gone'), excludes: [] },
  ];
  const ids: string[] = [];
  for await (const { id } of collectTexts(roots, { respectIgnore: true })) ids.push(id);
  assert.deepEqual(ids, ['one/a.ts', 'one/deep/c.ts', 'two/b.log']);
  const { leftOut } = await surveyText(roots, { respectIgnore: true });
  assert.deepEqual(leftOut, [
    { reason: 'excluded', count: 1, examples: [{ path: 'one/b.log' }] },
    { reason: 'vanished', count: 1, examples: [{ path: path.join(root, 'gone') }] },
    { reason: 'duplicate', count: 1, examples: [{ path: 'deep/c.ts', detail: 'it is one/deep/c.ts' }] },
  ]);
  const limited = await surveyText(roots, { respectIgnore: true, limits: { maxFiles: 2 } });
  assert.deepEqual([limited.numFiles, limited.stoppedBy], [2, 'maxFiles']);
});

test('an empty workspace, one tiny file, only binary files', async (context) => {
  const empty = await collect(makeTree(context, { deep: null }));
  assert.deepEqual([empty.texts, empty.survey.numFiles, empty.survey.groups, empty.leftOut], [[], 0, [], {}]);
  assert.deepEqual((await surveyText([], { respectIgnore: true })).numFiles, 0);
  assert.deepEqual((await collect(makeTree(context, { 'a.txt': 'a' }))).texts.length, 1);
  const binary = await collect(
    makeTree(context, { 'a.bin': Uint8Array.of(1, 0, 2), 'b.o': Uint8Array.of(0xff, 0, 0) }),
  );
  assert.deepEqual([binary.texts, binary.leftOut], [[], { binary: ['a.bin', 'b.o'] }]);
});

test('nearly the same as an earlier one: left out, with its name', async (context) => {
  const lines = Array.from({ length: 80 }, (_, i) => `const name${i} = compute(${i * 7});`);
  const root = makeTree(context, { 'a.ts': lines.join('\n'), 'b.ts': lines.with(40, 'let other = 1;').join('\n') });
  const { texts, survey } = await collect(root);
  assert.deepEqual(pathsOf(texts), ['a.ts']);
  const name = path.basename(root);
  const examples = [{ path: `${name}/b.ts`, detail: `it is nearly the same as ${name}/a.ts` }];
  assert.deepEqual(survey.leftOut, [{ reason: 'nearDuplicate', count: 1, examples }]);
});

test('secret files are not even read, and a file that vanishes before it is read is passed over', async (context) => {
  const root = makeTree(context, {
    '.env': 'A=1',
    'a.ts': 'a',
    'b.ts': 'b',
    'c.ts': `k = "AKIA${'ABCDEFGHIJKLMNOP'}"`,
  });
  const read: string[] = [];
  const { texts, survey, leftOut } = await collect(root, {
    fileSystem: {
      ...nodeFileSystem,
      read: async (file, maxBytes) => {
        if (!file.endsWith('.gitignore')) read.push(path.basename(file));
        if (file.endsWith('b.ts')) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
        return nodeFileSystem.read(file, maxBytes);
      },
    },
  });
  assert.deepEqual(pathsOf(texts), ['a.ts']);
  assert.deepEqual(leftOut, { secret: ['.env', 'c.ts'], vanished: ['b.ts'] });
  assert.deepEqual(read, ['a.ts', 'b.ts', 'c.ts']);
  assert.doesNotMatch(JSON.stringify(survey), /AKIA/);
});

test('what refuses to be read is passed over, whatever the refusal', async (context) => {
  const root = makeTree(context, { 'a.ts': 'a', 'b.ts': 'b' });
  for (const code of ['EACCES', 'EIO', 'EMFILE']) {
    const fileSystem = withRead('b.ts', async () => {
      throw Object.assign(new Error(code), { code });
    });
    const { texts, leftOut } = await collect(root, { fileSystem });
    assert.deepEqual([pathsOf(texts), leftOut], [['a.ts'], { unreadable: ['b.ts'] }]);
  }
});

test('loops of links end, and nothing is read twice', async (context) => {
  const root = makeTree(context, { 'a/b.ts': 'b', 'c.ts': 'c' });
  symlinkSync('..', path.join(root, 'a', 'up'));
  symlinkSync(root, path.join(root, 'self'));
  symlinkSync('c.ts', path.join(root, 'd.ts'));
  const { texts, leftOut } = await collect(root);
  assert.deepEqual(pathsOf(texts), ['a/b.ts', 'c.ts']);
  assert.deepEqual(leftOut, { link: ['a/up', 'd.ts', 'self'] });
});

test('a file that grows while it is read is read whole, or is too large, never half', async (context) => {
  const root = makeTree(context, { 'a.ts': '0123456789' });
  const file = path.join(root, 'a.ts');
  const growing: FileSystem = {
    ...nodeFileSystem,
    sizeBytes: async (name) => {
      const size = await nodeFileSystem.sizeBytes(name);
      if (name.endsWith('a.ts')) appendFileSync(file, 'and more');
      return size;
    },
  };
  const { texts } = await collect(root, { fileSystem: growing });
  assert.equal(texts[0]?.text, '0123456789and more');
  const endless = withRead('a.ts', async (_, maxBytes) => new Uint8Array(maxBytes).fill(0x61));
  assert.deepEqual((await collect(root, { fileSystem: endless })).leftOut, { tooLarge: ['a.ts'] });
});

test('a read in which the file grows goes on to its end, or to the limit', async (context) => {
  const root = makeTree(context, { 'a.ts': '0123456789' });
  const read = async (maxBytes: number) => Buffer.from(await nodeFileSystem.read(`${root}/a.ts`, maxBytes)).toString();
  assert.equal(await read(4), '0123');
  assert.equal(await read(10), '0123456789');
  assert.equal(await read(100), '0123456789');
  // Of the files of /proc the system says that they are empty, and then gives more.
  const maps = await nodeFileSystem.read('/proc/self/maps', 1 << 20).catch(() => undefined);
  assert.ok(maps === undefined || maps.length > 500);
});

test('a root that is a secret folder, a device or gone gives nothing, and says so', async (context) => {
  const root = makeTree(context, { '.ssh/config': 'Host a\n', 'a.ts': 'a' });
  const { leftOut } = await surveyText(plainRoots([path.join(root, '.ssh'), '/dev/null', path.join(root, 'x')]), {
    respectIgnore: true,
  });
  assert.deepEqual(
    leftOut.map(({ reason }) => reason),
    ['notAFile', 'vanished', 'secret'],
  );
});

test('a root that does not open is noted, and the others are read', async (context) => {
  const root = makeTree(context, { 'locked/a.ts': 'a', 'open/b.ts': 'b' });
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    list: async (folder) => {
      if (folder.endsWith('locked')) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      return nodeFileSystem.list(folder);
    },
  };
  const roots = plainRoots([path.join(root, 'locked'), path.join(root, 'open')]);
  const survey = await surveyText(roots, { respectIgnore: true, fileSystem });
  assert.equal(survey.numFiles, 1);
  assert.deepEqual(
    survey.leftOut.map(({ reason, examples }) => [reason, examples[0]?.detail]),
    [['unreadable', 'it does not open: EACCES: permission denied']],
  );
});

test('progress is told, and a survey is cancelled between two files', async (context) => {
  const root = makeTree(context, { 'a.ts': 'a', 'b.ts': 'b', 'c.ts': 'c' });
  const told: string[] = [];
  const onProgress = (done: number, total: number) => told.push(`${done}/${total}`);
  await collect(root, { onProgress });
  assert.deepEqual(told, ['0/3', '1/3', '2/3', '3/3']);
  const controller = new AbortController();
  const onText = () => controller.abort();
  await assert.rejects(surveyText(plainRoots([root]), { respectIgnore: true, signal: controller.signal, onText }), {
    name: 'CancelledError',
  });
});

test('many kinds of files: the list is bounded and sums up the rest', async (context) => {
  const names = Array.from({ length: 30 }, (_, i) => [`file.kind${i}`, `${'x'.repeat(100 - i)}${i}`] as const);
  const { survey } = await collect(makeTree(context, Object.fromEntries(names)));
  assert.equal(survey.groups.length, 20);
  assert.deepEqual(survey.groups.at(-1)?.name, 'other');
  assert.equal(
    survey.groups.reduce((sum, { numFiles }) => sum + numFiles, 0),
    30,
  );
  assert.equal(
    survey.groups.reduce((sum, { numBytes }) => sum + numBytes, 0),
    survey.numBytes,
  );
});

test('where there is more text than is asked for, the first of it is given, and said to be a part', async (context) => {
  const root = makeTree(context, {
    'a.ts': 'a'.repeat(10),
    'b.bin': new Uint8Array(100),
    'c.ts': 'c'.repeat(10),
    d: 'd',
  });
  const part = await collect(root, { maxTextBytes: 20 });
  assert.deepEqual(pathsOf(part.texts), ['a.ts', 'c.ts']);
  assert.deepEqual([part.survey.numFiles, part.survey.numBytes, part.survey.stoppedBy], [2, 20, 'maxBytes']);
  const whole = await collect(root, { maxTextBytes: 21 });
  assert.deepEqual([whole.survey.numFiles, whole.survey.stoppedBy], [3, null]);
});

test('duplicates: line ends and blanks at line ends do not make a difference, anything else does', () => {
  assert.equal(contentHash('a\r\nb \n'), contentHash('a\nb\n\n'));
  assert.notEqual(contentHash('a\n b\n'), contentHash('a\nb\n'));
  const filter = new DuplicateFilter();
  assert.equal(filter.earlier('one', 'x'), undefined);
  assert.deepEqual(filter.earlier('two', 'x\n'), { kind: 'duplicate', path: 'one' });
  assert.equal(filter.earlier('three', 'y'), undefined);
});

test('a folder that vanishes while it is walked is passed over', async (context: TestContext) => {
  const root = makeTree(context, { 'a.ts': 'a' });
  mkdirSync(path.join(root, 'b'));
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    list: async (folder) => {
      if (folder.endsWith('/b')) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return nodeFileSystem.list(folder);
    },
  };
  assert.deepEqual((await collect(root, { fileSystem })).leftOut, { vanished: ['b'] });
});
