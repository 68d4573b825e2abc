import assert from 'node:assert/strict';
import { realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type FileSystem, nodeFileSystem } from '../../../src/files/fileSystem.ts';
import { type WalkOptions, walkFolder } from '../../../src/files/walk.ts';
import { makeTree } from './tree.ts';

// What whoever runs the tests ignores everywhere must not count.
process.env['HOME'] = '/nowhere';
process.env['USERPROFILE'] = '/nowhere';
delete process.env['XDG_CONFIG_HOME'];

async function list(root: string, options: Partial<WalkOptions> = {}): Promise<string[]> {
  const { files } = await walkFolder(root, { respectIgnore: true, ...options });
  return files.map((file) => file.path);
}

/** The real file system with some answers replaced by errors. */
function failing(errors: Readonly<Record<string, string>>): FileSystem {
  const orFail =
    <A extends unknown[], R>(work: (file: string, ...rest: A) => Promise<R>) =>
    async (file: string, ...rest: A): Promise<R> => {
      const code = errors[path.basename(file)];
      if (code !== undefined) throw Object.assign(new Error(`${code}: ${file}`), { code });
      return work(file, ...rest);
    };
  const { list: listFolder, sizeBytes, read } = nodeFileSystem;
  return { list: orFail(listFolder), sizeBytes: orFail(sizeBytes), read: orFail(read) };
}

test('files of all folders, sorted, with sizes', async (context) => {
  const root = makeTree(context, {
    'b.ts': 'bb',
    'a/z.ts': '',
    'a/B.ts': 'x',
    'a-b.ts': '',
    'é.ts': '',
    empty: null,
    '.hidden/x': '',
  });
  assert.deepEqual(await list(root), ['.hidden/x', 'a/B.ts', 'a/z.ts', 'a-b.ts', 'b.ts', 'é.ts']);
  const { files } = await walkFolder(root, { respectIgnore: false });
  assert.deepEqual(files[4], { path: 'b.ts', absolutePath: path.join(realpathSync(root), 'b.ts'), sizeBytes: 2 });
});

test('gitignore: nested, negated, anchored, folders, and the nearest rule decides', async (context) => {
  const root = makeTree(context, {
    '.git/HEAD': 'ref',
    '.gitignore': '\ufeff# comment\n*.log\n/build/\ndocs/*.html\n!docs/index.html\nsecret\\ file \n',
    'a.log': '',
    'build/x.ts': '',
    'src/build/y.ts': '',
    'docs/a.html': '',
    'docs/index.html': '',
    'docs/deep/b.html': '',
    'secret file': '',
    'src/.gitignore': '!keep.log\n/local.ts\n',
    'src/keep.log': '',
    'src/other.log': '',
    'src/local.ts': '',
    'src/deep/local.ts': '',
    'src/deep/.gitignore': '*\n!.gitignore\n!kept.ts\n',
    'src/deep/kept.ts': '',
    'src/deep/er/kept.ts': '',
  });
  const kept = [
    '.gitignore',
    'docs/deep/b.html',
    'docs/index.html',
    'src/.gitignore',
    'src/build/y.ts',
    'src/deep/.gitignore',
    'src/deep/kept.ts',
    'src/keep.log',
  ];
  assert.deepEqual(await list(root), kept);
  assert.equal((await list(root, { respectIgnore: false })).length, 16);
});

test('a rule too long for a regular expression is passed over', async (context) => {
  const root = makeTree(context, { '.gitignore': `${'x'.repeat(900_000)}\na.ts\n`, 'a.ts': '', 'b.ts': '' });
  assert.deepEqual(await list(root), ['.gitignore', 'b.ts']);
});

test('what an ignored folder holds does not come back', async (context) => {
  const root = makeTree(context, {
    '.gitignore': 'out\n!out/keep.ts\n',
    'out/keep.ts': '',
    'out/.gitignore': '!keep.ts\n',
  });
  const { files, leftOut } = await walkFolder(root, { respectIgnore: true });
  assert.deepEqual(
    files.map((file) => file.path),
    ['.gitignore'],
  );
  assert.deepEqual(leftOut.list(), [{ reason: 'ignored', count: 1, examples: [{ path: 'out' }] }]);
});

test('a folder within a repository obeys the rules above it, unless they ignore the folder itself', async (context) => {
  const root = makeTree(context, {
    '.git/info/exclude': 'private.ts\n',
    '.gitignore': '*.log\n/app/src/gen/\n/scratch/\n',
    'app/src/gen/x.ts': '',
    'app/src/a.log': '',
    'app/src/a.ts': '',
    'app/src/private.ts': '',
    'scratch/b.ts': '',
    'scratch/b.log': '',
  });
  assert.deepEqual(await list(path.join(root, 'app', 'src')), ['a.ts']);
  assert.deepEqual(await list(path.join(root, 'scratch')), ['b.log', 'b.ts']);
  assert.deepEqual(await list(root), ['.gitignore', 'app/src/a.ts']);
});

test('globs of the setting files.exclude', async (context) => {
  const root = makeTree(context, {
    'a.ts': '',
    'a.js': '',
    'lib/a.js': '',
    'lib/b/c.ts': '',
    'b/c.ts': '',
    'lib/x.mjs': '',
  });
  assert.deepEqual(await list(root, { exclude: ['**/*.js'] }), ['a.ts', 'b/c.ts', 'lib/b/c.ts', 'lib/x.mjs']);
  assert.deepEqual(await list(root, { exclude: ['b'] }), ['a.js', 'a.ts', 'lib/a.js', 'lib/b/c.ts', 'lib/x.mjs']);
  assert.deepEqual(await list(root, { exclude: ['**/*.{js,mjs}', 'lib/b/**'] }), ['a.ts', 'b/c.ts']);
  const { leftOut } = await walkFolder(root, { respectIgnore: false, exclude: ['**/*.js'] });
  assert.deepEqual(leftOut.counts(), { excluded: 2 });
});

test('what a person ignores in every repository, as their git is set up', async (context) => {
  const root = makeTree(context, {
    '.git/HEAD': '',
    '.gitignore': '!kept.note\n',
    'a.note': '',
    'kept.note': '',
    'a.ts': '',
  });
  const home = makeTree(context, { '.config/git/ignore': '*.note\n', 'rules/mine': '*.ts\n' });
  process.env['HOME'] = home;
  process.env['USERPROFILE'] = home;
  try {
    assert.deepEqual(await list(root), ['.gitignore', 'a.ts', 'kept.note'], 'its own rules come first');
    writeFileSync(
      path.join(home, '.gitconfig'),
      '[user]\n\texcludesFile = no\n[core]\n\texcludesFile = ~/rules/mine\n',
    );
    assert.deepEqual(await list(root), ['.gitignore', 'a.note', 'kept.note']);
    const plain = makeTree(context, { 'a.ts': '' });
    assert.deepEqual(await list(plain), ['a.ts'], 'no repository');
  } finally {
    process.env['HOME'] = '/nowhere';
    process.env['USERPROFILE'] = '/nowhere';
  }
});

test('of a worktree and of a submodule, what is ignored in this copy only', async (context) => {
  const main = makeTree(context, {
    '.git/info/exclude': 'scratch\n',
    '.git/worktrees/w/commondir': '../..\n',
    '.git/modules/m/info/exclude': 'private\n',
    'm/.git': 'gitdir: ../.git/modules/m\n',
    ...{ 'm/private': '', 'm/scratch': '', 'm/a': '' },
  });
  const worktree = makeTree(context, { '.git': `gitdir: ${main}/.git/worktrees/w\n`, scratch: '', private: '', a: '' });
  assert.deepEqual(await list(worktree), ['a', 'private']);
  assert.deepEqual(await list(path.join(main, 'm')), ['a', 'scratch']);
});

test('links are not followed, so loops end and nothing outside comes in', async (context) => {
  const outside = makeTree(context, { 'secret.txt': 'x' });
  const root = makeTree(context, { 'a/b.ts': '' });
  symlinkSync('..', path.join(root, 'a', 'up'));
  symlinkSync(root, path.join(root, 'self'));
  symlinkSync(outside, path.join(root, 'outside'));
  symlinkSync('nowhere', path.join(root, 'broken'));
  const { files, leftOut } = await walkFolder(root, { respectIgnore: true });
  assert.deepEqual(
    files.map((file) => file.path),
    ['a/b.ts'],
  );
  const examples = ['a/up', 'broken', 'outside', 'self'].map((name) => ({ path: name }));
  assert.deepEqual(leftOut.list(), [{ reason: 'link', count: 4, examples }]);
});

test('the root may be a link itself', async (context) => {
  const root = makeTree(context, { 'real/a.ts': '' });
  symlinkSync('real', path.join(root, 'alias'));
  assert.deepEqual(await list(path.join(root, 'alias')), ['a.ts']);
});

test('what vanishes or refuses is left out, and the walk goes on', async (context) => {
  const root = makeTree(context, { 'a.ts': '', 'gone.ts': '', 'locked/x.ts': '', 'lost/x.ts': '', 'z.ts': '' });
  const fileSystem = failing({ 'gone.ts': 'ENOENT', locked: 'EACCES', lost: 'ENOENT' });
  const { files, leftOut } = await walkFolder(root, { respectIgnore: true, fileSystem });
  assert.deepEqual(
    files.map((file) => file.path),
    ['a.ts', 'z.ts'],
  );
  assert.deepEqual(leftOut.list(), [
    { reason: 'vanished', count: 2, examples: [{ path: 'gone.ts' }, { path: 'lost' }] },
    { reason: 'unreadable', count: 1, examples: [{ path: 'locked' }] },
  ]);
});

test('a root that cannot be read is an error', async (context) => {
  const root = makeTree(context, {});
  await assert.rejects(walkFolder(path.join(root, 'missing'), { respectIgnore: true }), /ENOENT/);
});

test('limits: size of a file, depth, number, bytes', async (context) => {
  const root = makeTree(context, { 'a.ts': '12345', 'b.ts': '1234567890', 'c.ts': '123', 'd/e/f.ts': '1' });
  const walk = (limits: WalkOptions['limits']) => walkFolder(root, { respectIgnore: true, limits: limits ?? {} });
  const large = await walk({ maxFileBytes: 9 });
  assert.deepEqual(large.leftOut.list(), [{ reason: 'tooLarge', count: 1, examples: [{ path: 'b.ts' }] }]);
  assert.equal(large.stoppedBy, null);
  assert.deepEqual((await walk({ maxDepth: 1 })).leftOut.list(), [
    { reason: 'tooDeep', count: 1, examples: [{ path: 'd/e' }] },
  ]);
  const few = await walk({ maxFiles: 2 });
  assert.deepEqual([few.files.length, few.stoppedBy], [2, 'maxFiles']);
  const small = await walk({ maxBytes: 15 });
  assert.deepEqual([small.files.length, small.stoppedBy], [2, 'maxBytes']);
  assert.equal((await walk({ maxFiles: 4 })).stoppedBy, null);
  const short = await walk({ maxEntries: 5 }); // Three files, two folders.
  assert.deepEqual([short.files.length, short.stoppedBy], [3, 'maxFiles']);
});

test('the report of what was left out is bounded, its counts are not', async (context) => {
  const names = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`${i}.log`, '']));
  const root = makeTree(context, { ...names, '.gitignore': '*.log\n' });
  const { leftOut } = await walkFolder(root, { respectIgnore: true });
  const [ignored] = leftOut.list();
  assert.deepEqual([ignored?.count, ignored?.examples.length], [1100, 5]);
  assert.deepEqual(leftOut.counts(), { ignored: 1100 });
});

test('only the files that are asked for are seen, counted and left out', async (context) => {
  const root = makeTree(context, {
    '.gitignore': '*.log\nb.png\n',
    'a.png': '1',
    'b.png': '',
    'c.log': '',
    'd.ts': '',
  });
  symlinkSync('d.ts', path.join(root, 'e.ts'));
  const { files, leftOut } = await walkFolder(root, { respectIgnore: true, accept: (name) => name.endsWith('.png') });
  assert.deepEqual(
    files.map((file) => file.path),
    ['a.png'],
  );
  assert.deepEqual(leftOut.list(), [{ reason: 'ignored', count: 1, examples: [{ path: 'b.png' }] }]);
});

test('a cancelled walk ends', async (context) => {
  const root = makeTree(context, { 'a/b.ts': '' });
  await assert.rejects(walkFolder(root, { respectIgnore: true, signal: AbortSignal.abort() }), {
    name: 'CancelledError',
  });
});
