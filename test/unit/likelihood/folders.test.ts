import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { utf8 } from '../../../src/codecs/text.ts';
import { bitsOf, wholeText } from '../../../src/likelihood/bits.ts';
import {
  beginning,
  type FileBits,
  type FoldersOptions,
  type FoldersReport,
  type ScoredFile,
  scoreFolders,
} from '../../../src/likelihood/folders.ts';
import { makeTree } from '../files/tree.ts';
import { byteModel, codec } from './byteModel.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const tree = {
  'b/large.ts': `${'let x = 1;\n'.repeat(20)}`,
  'a.md': '# Title\n',
  'c.ts': 'const y = 2;\n',
  '.gitignore': 'ignored.ts\n',
  '.git/HEAD': 'ref\n',
  'ignored.ts': 'x\n',
  '.env': 'TOKEN=1\n',
  'picture.png': new Uint8Array([0x89, 0x50, 0, 0, 1]),
  'broken.ts': new Uint8Array([0x61, 0xff, 0xfe, 0x80, 0x0a]),
  'hidden.log': 'line\n',
};

async function run(root: string, options: Partial<FoldersOptions> = {}, onFile: (file: ScoredFile) => void = () => {}) {
  const model = byteModel(64);
  const files: ScoredFile[] = [];
  let report: FoldersReport | undefined;
  try {
    const scored = scoreFolders([{ path: root, excludes: ['**/*.log'] }], {
      model,
      modelKey: 'm',
      order: 'size',
      maxFileBytes: 1 << 20,
      maxBytes: 1 << 30,
      memory: new Map<string, FileBits>(),
      compute: (work) => work(async () => {}),
      ...options,
    });
    for (;;) {
      const next = await scored.next();
      if (next.done) {
        report = next.value;
        break;
      }
      files.push(next.value);
      onFile(next.value);
    }
  } finally {
    model.dispose();
  }
  const name = path.basename(root);
  return { files, report: report!, names: files.map((file) => file.path.replace(`${name}/`, '')) };
}

test('the files that training would read are scored as `bits` scores them, small ones first', async (t) => {
  const root = makeTree(t, tree);
  const { files, report, names } = await run(root);
  assert.deepEqual(names, ['a.md', '.gitignore', 'c.ts', 'b/large.ts']);
  assert.deepEqual((await run(root, { order: 'path' })).names, ['.gitignore', 'a.md', 'b/large.ts', 'c.ts']);
  const model = byteModel(64);
  for (const [index, name] of names.entries()) {
    const text = utf8(tree[name as keyof typeof tree] as string);
    const { bits, numSymbols } = await bitsOf(model.model, wholeText(codec, text));
    const { bytes, sizeBytes, ...file } = files[index]!;
    assert.deepEqual([file.bits, file.numSymbols, bytes, sizeBytes], [bits, numSymbols, text.length, text.length]);
    assert.equal(file.absolutePath.endsWith(name), true);
  }
  model.dispose();
  assert.deepEqual(Object.fromEntries(report.leftOut.map(({ reason, count }) => [reason, count])), {
    ignored: 1,
    secret: 1,
    binary: 2,
    excluded: 1,
  });
  assert.equal(report.stoppedBy, null);
});

test('a second run computes what changed and nothing else', async (t) => {
  const root = makeTree(t, tree);
  const memory = new Map<string, FileBits>();
  let computed = 0;
  const compute: FoldersOptions['compute'] = (work) => {
    computed += 1;
    return work(async () => {});
  };
  const first = await run(root, { memory, compute });
  assert.equal(computed, 4);
  writeFileSync(path.join(root, 'c.ts'), 'const y = 3;\n');
  const second = await run(root, { memory, compute });
  assert.equal(computed, 5);
  assert.deepEqual(
    second.files.map(({ path: name, remembered }) => [path.basename(name), remembered]),
    [
      ['a.md', true],
      ['.gitignore', true],
      ['c.ts', false],
      ['large.ts', true],
    ],
  );
  assert.equal(second.files[0]?.bits, first.files[0]?.bits);
  await run(root, { memory, compute, modelKey: 'another' });
  assert.equal(computed, 9, 'another model knows nothing of it');
});

test('bounds: of a file its beginning, of all what comes first; both are told', async (t) => {
  const root = makeTree(t, tree);
  const cut = await run(root, { maxFileBytes: 12 });
  assert.deepEqual(
    cut.files.map(({ bytes, sizeBytes }) => [bytes, sizeBytes]),
    [
      [8, 8],
      [11, 11],
      [12, 13],
      [12, 220],
    ],
  );
  assert.equal(cut.files[2]?.numSymbols, 12, 'what is cut has no end');
  const stopped = await run(root, { maxBytes: 20 });
  assert.deepEqual(stopped.names, ['a.md', '.gitignore']);
  assert.equal(stopped.report.stoppedBy, 'maxBytes');
  assert.ok(stopped.report.numUnseen >= 2);
  assert.deepEqual([...beginning(utf8('aä€🙂'), 2)], [0x61], 'no character is cut in two');
  for (let most = 0; most <= 10; most++)
    assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(beginning(utf8('aä€🙂'), most)));
});

test('files and folders that go while it runs are told; a cancelled run ends', async (t) => {
  const root = makeTree(t, tree);
  const gone = await run(root, {}, ({ path: name }) => {
    if (name.endsWith('a.md')) rmSync(path.join(root, 'b'), { recursive: true });
  });
  assert.deepEqual(gone.names, ['a.md', '.gitignore', 'c.ts']);
  assert.ok(gone.report.leftOut.some(({ reason }) => reason === 'vanished'));
  rmSync(root, { recursive: true });
  assert.deepEqual((await run(root)).files, []);
  const other = makeTree(t, tree);
  const controller = new AbortController();
  const cancelled = run(other, { signal: controller.signal }, () => controller.abort());
  await assert.rejects(cancelled, CancelledError);
});

test('an empty folder has nothing, and one line of a megabyte has its beginning', async (t) => {
  const empty = await run(makeTree(t, {}));
  assert.deepEqual([empty.files, empty.report], [[], { leftOut: [], stoppedBy: null, numUnseen: 0 }]);
  const long = await run(makeTree(t, { 'a.txt': 'word '.repeat(3000), 'b.ts': 'x'.repeat(6000) }), {
    maxFileBytes: 64,
  });
  assert.deepEqual(long.names, ['a.txt']);
  assert.equal(long.files[0]?.bytes, 64);
  assert.equal(long.report.leftOut[0]?.reason, 'minified');
});
