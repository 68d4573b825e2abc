// The scorer over its wire: folders, a changed file, what an agent hands in; and what it remembers on the disk.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, type TestContext, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { TextModel } from '../../../src/engine/loadModel.ts';
import { ModelShelf } from '../../../src/host/modelShelf.ts';
import { RememberedScores } from '../../../src/host/rememberedScores.ts';
import { startScorerRole } from '../../../src/host/scorerRole.ts';
import { type FromScorer, readFromScorer } from '../../../src/protocol/scorerMessages.ts';
import { temporaryFolder } from '../formats/folder.ts';
import { byteModel } from '../likelihood/byteModel.ts';
import { ManualClock } from '../manualClock.ts';
import { until } from '../until.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

function started(t: TestContext) {
  const folder = temporaryFolder(t);
  const modelPath = path.join(folder, 'model');
  const root = path.join(folder, 'work');
  const storagePath = path.join(folder, 'storage');
  for (const made of [modelPath, root]) mkdirSync(made);
  writeFileSync(path.join(modelPath, 'model.json'), '{}');
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
    return path.join(root, name);
  };
  const shelf = new ModelShelf({
    text: async () => byteModel(64) as unknown as TextModel,
    image: async () => assert.fail('no image model is asked for'),
  });
  t.after(() => shelf.dispose());
  const sent: FromScorer[] = [];
  let receive: (value: unknown) => void = () => undefined;
  const wire = {
    send: (message: FromScorer) => void sent.push(readFromScorer(message)),
    onMessage: (listener: (value: unknown) => void) => {
      receive = listener;
    },
    exit: () => undefined,
  };
  startScorerRole(wire, { shelf, clock: new ManualClock() });
  receive({ kind: 'configure', threads: 1, logLevel: 'warning', storagePath });
  let request = 0;
  /** Everything that carries the question's number, the answer last. */
  const ask = async (question: object, meanwhile: () => void = () => undefined): Promise<FromScorer[]> => {
    request += 1;
    const own = request;
    const mine = () => sent.filter((one) => 'request' in one && one.request === own);
    receive({ modelPath, ...question, request: own });
    meanwhile();
    const isAnswer = ({ kind }: FromScorer) => /^scored|^failed$/.test(kind);
    await until('an answer', () => mine().some(isAnswer));
    assert.equal(mine().filter(isAnswer).length, 1, 'answered once');
    return mine();
  };
  const folders = {
    kind: 'scoreFolders',
    roots: [{ path: root, excludes: [] }],
    order: 'size',
    maxFileBytes: 1 << 20,
    maxBytes: 1 << 30,
  };
  const submission = {
    kind: 'scoreSubmission',
    text: '',
    path: '',
    roots: [{ path: root, excludes: ['hidden'] }],
    maxTokens: 5,
  };
  return {
    shelf,
    root,
    modelPath,
    storagePath,
    write,
    ask,
    sent,
    folders,
    submission,
    cancel: () => receive({ kind: 'cancel', request }),
  };
}

const last = <Kind extends FromScorer['kind']>(messages: FromScorer[], kind: Kind) => {
  const message = messages.at(-1);
  assert.equal(message?.kind, kind, JSON.stringify(message));
  return message as Extract<FromScorer, { kind: Kind }>;
};

test('folders: files as they come, progress, an answer; remembered by the next process', async (t) => {
  const first = started(t);
  for (let i = 0; i < 300; i++) first.write(`src/f${i}.ts`, `let x${i} = ${i};\n`);
  first.write('.env', 'A=1\n');
  const messages = await first.ask(first.folders);
  const told = messages.flatMap((one) => (one.kind === 'folderFiles' ? one.files : []));
  assert.equal(told.length, 300);
  assert.ok(messages.every((one) => one.kind !== 'folderFiles' || one.files.length <= 256));
  assert.deepEqual(
    last(messages, 'scoredFolders').leftOut.map(({ reason, numFiles }) => [reason, numFiles]),
    [['secret', 1]],
  );
  assert.ok(messages.some((one) => one.kind === 'folderProgress' && one.total === 300));
  const again = await first.ask(first.folders);
  assert.ok(again.every((one) => one.kind !== 'folderFiles' || one.files.every(({ remembered }) => remembered)));
  assert.match(
    readFileSync(path.join(first.storagePath, 'likelihoods.txt'), 'utf8'),
    /^chainrule scores 1 [0-9a-f]{64}\n/,
  );
  first.shelf.dispose();
});

test('a model that is gone, one that goes while it runs, and a cancelled run', async (t) => {
  const { ask, folders, write, modelPath, cancel, shelf } = started(t);
  write('a.ts', 'let a = 1;\n');
  const missing = last(await ask({ ...folders, modelPath: `${modelPath}-gone` }), 'failed');
  assert.match(missing.reason, /expected a model folder/);
  const cancelled = last(await ask(folders, cancel), 'failed');
  assert.equal(cancelled.cancelled, true);
  const going = await ask(folders, () => rmSync(modelPath, { recursive: true }));
  assert.ok(['scoredFolders', 'failed'].includes(going.at(-1)!.kind));
  shelf.dispose();
});

test('a changed file, hunk by hunk; and those that are none', async (t) => {
  const { ask, write, root, shelf } = started(t);
  const question = {
    kind: 'scoreChange',
    path: 'a.ts',
    newFile: write('a.ts', 'one\nzwei\nthree\n'),
    oldContent: null as string | null,
  };
  const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
  const { hunks } = last(await ask({ ...question, oldContent: base64('one\ntwo\nthree\n') }), 'scoredChange');
  assert.deepEqual(
    hunks[0]?.lines.map(({ kind, line, text, bytes }) => [kind, line, text, bytes]),
    [
      ['removed', 2, 'two', 4],
      ['added', 2, 'zwei', 5],
    ],
  );
  assert.ok(hunks[0]!.added.bits > 0 && hunks[0]!.removed.bits > 0);
  const whole = last(await ask(question), 'scoredChange');
  assert.equal(whole.hunks[0]?.added.bytes, 15);
  const gone = last(await ask({ ...question, newFile: '', oldContent: base64('one\n') }), 'scoredChange');
  assert.equal(gone.hunks[0]?.removed.bytes, 4);
  const unscored = async (content: string | Uint8Array | undefined, old: string | Uint8Array | null, name = 'b.ts') => {
    const newFile = content === undefined ? path.join(root, 'nowhere') : write(name, content);
    const oldContent = old === null ? null : base64(old);
    return last(await ask({ ...question, path: name, newFile, oldContent }), 'scoredChange').unscored;
  };
  assert.equal(await unscored(new Uint8Array([0, 1, 2]), 'text\n'), 'binary');
  assert.equal(await unscored(new Uint8Array([0xc3, 0x28, 0xa0, 0xa1, 0xff]), 'text\n'), 'binary');
  assert.equal(await unscored('text\n', new Uint8Array([0, 1, 2])), 'binary');
  assert.equal(await unscored('x'.repeat(2 ** 20 + 1), null), 'tooLarge');
  assert.equal(await unscored(undefined, 'text\n'), 'vanished');
  assert.equal(await unscored('a\r\nb\r\n', 'a\nb\n'), 'lineEnds');
  assert.equal(await unscored('{}\n', null, 'package-lock.json'), 'generated');
  assert.equal(await unscored('AKIAABCDEFGHIJKLMNOP\n', null), 'secret');
  assert.equal(await unscored('', null), '');
  const link = path.join(root, 'link.txt');
  symlinkSync(write('.env', 'A=1\n'), link);
  const linked = { ...question, path: 'link.txt', newFile: link };
  assert.equal(last(await ask(linked), 'scoredChange').unscored, 'notAFile');
  const named = { ...question, path: 'a.txt', newFile: write('.ssh/a.txt', 'a\n') };
  assert.equal(last(await ask(named), 'scoredChange').unscored, 'secret');
  shelf.dispose();
});

test('what an agent hands in: a text, a file, a diff; and no file that may not be read', async (t) => {
  const { ask, write, root, submission, shelf } = started(t);
  write('src/a.ts', 'one\ntwo\nthree\n');
  write('src/secret.ts', `const key = 'AKIAABCDEFGHIJKLMNOP';\n`);
  write('.gitignore', 'ignored/\n');
  write('.git/config', 'x\n');
  write('ignored/b.ts', 'b\n');
  write('hidden/c.ts', 'c\n');
  write('.env', 'A=1\n');
  write('big.txt', 'a'.repeat(2 ** 20 + 1));
  write('raw.bin', new Uint8Array([0, 1]));
  const outside = path.join(path.dirname(root), 'outside.ts');
  writeFileSync(outside, 'o\n');
  symlinkSync(outside, path.join(root, 'link.ts'));
  const part = async (question: object) =>
    last(await ask({ ...submission, ...question }), 'scoredSubmission').parts[0]!;
  const text = await part({ type: 'text', text: 'ab\ncd\n' });
  assert.deepEqual([text.numSymbols, text.numLines, text.tokens.length, text.added.bytes], [7, 2, 5, 6]);
  assert.deepEqual(
    text.tokens.map(({ text: one, line }) => one + line),
    ['a1', 'b1', '\n1', 'c2', 'd2'],
  );
  assert.ok(text.places[0]!.bits >= text.places[1]!.bits);
  const empty = await part({ type: 'text', text: '' });
  assert.deepEqual([empty.numSymbols, empty.numLines], [1, 0]);
  for (const name of ['src/a.ts', `${path.basename(root)}/src/a.ts`, path.join(root, 'src/a.ts')]) {
    assert.equal((await part({ type: 'file', path: name })).numLines, 3);
  }
  const refusals: Record<string, RegExp> = {
    'src/secret.ts': /secret/,
    '.env': /secret/,
    'ignored/b.ts': /ignored/,
    'hidden/c.ts': /ignored/,
    '.git/config': /belongs to git/,
    'link.ts': /in no folder/,
    '../outside.ts': /in no folder/,
    [outside]: /in no folder/,
    'nothing.ts': /in no folder/,
    'big.txt': /more than/,
    'raw.bin': /no text/,
    src: /cannot be read/,
  };
  for (const [name, reason] of Object.entries(refusals)) {
    const { reason: why, cancelled } = last(await ask({ ...submission, type: 'file', path: name }), 'failed');
    assert.equal(cancelled, false);
    assert.match(why, reason, name);
  }
  const diff = (name: string) => `--- a/${name}\n+++ b/${name}\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n`;
  const known = await part({ type: 'diff', text: diff('src/a.ts') });
  assert.deepEqual([known.context, known.hunks[0]?.added.bytes, known.places[0]?.text], ['notYetApplied', 2, '2']);
  assert.equal((await part({ type: 'diff', text: diff('elsewhere.ts') })).context, 'alone');
  assert.match((await part({ type: 'diff', text: diff('.env') })).problem, /secret/);
  const renamed = diff('src/a.ts').replace('a/src/a.ts', 'a/.env');
  assert.match((await part({ type: 'diff', text: renamed })).problem, /secret/);
  assert.match(last(await ask({ ...submission, type: 'text', text: 'A=1', path: '.env' }), 'failed').reason, /secret/);
  assert.match(last(await ask({ ...submission, type: 'diff', text: 'no diff' }), 'failed').reason, /unified diff/);
  shelf.dispose();
});

test('what is remembered: bounded, shared between processes, and passed over when it is damaged', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'likelihoods.txt');
  const key = (i: number) => i.toString(16).padStart(32, '0');
  const problems: string[] = [];
  const open = () => RememberedScores.open(folder, (problem) => problems.push(problem), 3);
  const one = await open();
  const other = await open();
  for (let i = 0; i < 4; i++) one.set(key(i), { bits: i + 0.1, numSymbols: i });
  assert.equal(one.get(key(0)), undefined, 'the one used longest ago goes');
  await one.save();
  other.set(key(9), { bits: 9, numSymbols: 9 });
  await other.save();
  const both = await open();
  assert.deepEqual(
    [2, 3, 9].map((i) => both.get(key(i))?.numSymbols),
    [2, 3, 9],
    'the latest of both',
  );
  assert.equal(both.get(key(3))?.bits, 3.1);
  assert.deepEqual(problems, []);
  const good = readFileSync(file, 'utf8');
  for (const bad of ['', 'x', good.slice(0, -3), good.replace('9 9', '8 9'), `${good}x`, '\0'.repeat(100)]) {
    writeFileSync(file, bad);
    assert.equal((await open()).size, 0, JSON.stringify(bad));
  }
  assert.ok(problems.length >= 6);
  const after = await open();
  after.set(key(1), { bits: 1, numSymbols: 1 });
  await after.save();
  assert.equal((await open()).size, 1);
  const nowhere = await RememberedScores.open('');
  nowhere.set(key(1), { bits: 1, numSymbols: 1 });
  await nowhere.save();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file, not a folder');
  const refused = await open();
  refused.set(key(1), { bits: 1, numSymbols: 1 });
  await refused.save();
  assert.equal(refused.numUnsaved, 1);
});
