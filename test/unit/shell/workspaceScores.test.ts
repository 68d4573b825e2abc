// What a window holds of a workspace's scores and of a change's bits, over a scorer that answers what a test says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import type { FromScorer } from '../../../src/protocol/scorerMessages.ts';
import {
  readFromChangeView,
  readFromWorkspaceView,
  readToChangeView,
  readToWorkspaceView,
} from '../../../src/protocol/workspaceViewMessages.ts';
import { type GitChange, gitStatus, listChanges } from '../../../src/shell/changeList.ts';
import { ChangeScores, type FoundChange } from '../../../src/shell/changeScores.ts';
import type { ScorerClient, ScorerQuestion } from '../../../src/shell/scorerClient.ts';
import { WorkspaceScores } from '../../../src/shell/workspaceScores.ts';
import { settle } from '../manualClock.ts';

type Options = NonNullable<Parameters<ScorerClient['ask']>[2]>;
interface Asked {
  readonly question: ScorerQuestion;
  readonly news: (message: object) => void;
  readonly answer: (message: object) => void;
  readonly fail: (error: Error) => void;
}

class FakeScorer {
  readonly asked: Asked[] = [];

  readonly ask = ((question: ScorerQuestion, _kind: string, { signal, news }: Options = {}) =>
    new Promise<object>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new CancelledError('cancelled')));
      this.asked.push({
        question,
        news: (message) => news?.(message as FromScorer),
        answer: resolve,
        fail: reject,
      });
    })) as unknown as ScorerClient['ask'];

  get last(): Asked {
    return this.asked.at(-1) ?? assert.fail('nothing was asked');
  }
}

const file = (path: string, bits = 10, remembered = false) => ({
  ...{ path, language: 'Go', sizeBytes: 10, bytes: 10, bits, numSymbols: 5, absolutePath: `/w/${path}`, remembered },
});
const done = { leftOut: [{ reason: 'binary', numFiles: 2, examples: ['a.png'] }], stoppedBy: null, numUnseen: 0 };

function started() {
  const scorer = new FakeScorer();
  let model = { path: '/m', name: 'Model' };
  let numChanged = 0;
  const scores = new WorkspaceScores({
    scorer,
    model: async () => model,
    workspaceName: () => 'demo',
    changed: () => {
      numChanged += 1;
    },
  });
  const told = () => scores.freshFiles().map((message) => readToWorkspaceView(message));
  const paths = () => scores.files.map(({ path }) => path);
  const state = () => {
    const message = readToWorkspaceView(scores.state());
    assert.equal(message.kind, 'state');
    return message as ReturnType<typeof scores.state>;
  };
  const run = async () => {
    const ended = scores.run([{ path: '/w', excludes: [] }], ['far (on no disk)']);
    await settle();
    return ended;
  };
  return {
    scorer,
    scores,
    told,
    paths,
    state,
    run,
    changes: () => numChanged,
    choose: (path: string) => (model = { path, name: path }),
  };
}

const kindsOf = (messages: readonly { kind: string; first?: number }[]) =>
  messages.map(({ kind, first }) => `${kind} ${first}`);

test('a run tells what is new, and everything when something went', async () => {
  const { scorer, scores, told, paths, state, run } = started();
  assert.match(state().headline, /Nothing was scored/);
  const first = run();
  await settle();
  assert.deepEqual(kindsOf(told()), ['files 0']);
  scorer.last.news({ kind: 'folderProgress', done: 1, total: 4 });
  scorer.last.news({ kind: 'folderFiles', files: [file('r/a'), file('r/b', 30)] });
  assert.deepEqual(kindsOf(told()), ['files 1']);
  assert.deepEqual(kindsOf(told()), []);
  assert.match(state().headline, /Scoring: 1 of 4 files; 2 files, 20 bytes: 2\.00 bits per byte/);
  assert.equal(state().progress, 0.25);
  scorer.last.answer(done);
  await first;
  assert.match(state().note, /Not read: far \(on no disk\)/);
  assert.deepEqual(state().leftOut, [{ reason: 'binary', numFiles: 2, examples: ['a.png'] }]);
  assert.deepEqual(kindsOf(told()), ['files 0']);
  const second = run();
  await settle();
  assert.deepEqual(paths(), ['r/a', 'r/b'], 'shown until they are scored again');
  scorer.last.news({ kind: 'folderFiles', files: [file('r/b', 40, true)] });
  assert.deepEqual(paths(), ['r/b', 'r/a']);
  scorer.last.answer({ ...done, stoppedBy: 'maxBytes', numUnseen: 7 });
  await second;
  assert.deepEqual(paths(), ['r/b'], 'what went is gone');
  assert.match(state().headline, /1 not computed again/);
  assert.match(state().note, /ended at 8\.4 MB of text in all; 7 files/);
  assert.equal(scores.placeOf('r/b'), '/w/r/b');
  assert.equal(scores.placeOf('/etc/passwd'), undefined);
});

test('stopped, failed, superseded, and another model', async () => {
  const { scorer, scores, paths, state, run, choose } = started();
  const stopped = run();
  await settle();
  scorer.last.news({ kind: 'folderFiles', files: [file('r/a')] });
  scores.cancel();
  await stopped;
  assert.match(state().headline, /^Stopped: 1 file/);
  const failed = run();
  await settle();
  scorer.last.fail(new UserError('/m: expected a model folder'));
  await failed;
  assert.equal(state().phase, 'failed');
  assert.match(state().headline, /expected a model folder/);
  choose('/n');
  const old = run();
  await settle();
  assert.deepEqual(paths(), [], 'another model says nothing of what this one told');
  const superseded = scorer.last;
  const now = run();
  await settle();
  superseded.news({ kind: 'folderFiles', files: [file('r/late')] });
  await old;
  scorer.last.answer(done);
  await now;
  assert.deepEqual([paths(), state().phase], [[], 'done']);
  assert.match(state().headline, /no text to be scored/);
});

test('exports hold every file, whatever it is called', async () => {
  const { scorer, scores, run } = started();
  const ended = run();
  await settle();
  scorer.last.news({ kind: 'folderFiles', files: [file('=cmd/"a",b\n.go', 15), file('r/ü.go', 1e-9)] });
  scorer.last.answer(done);
  await ended;
  const [head, ...rows] = scores.csv().split('\r\n');
  assert.equal(head, 'path,language,bytes,scoredBytes,bits,bitsPerByte,symbols');
  assert.deepEqual(rows, ['"./=cmd/""a"",b\n.go","Go",10,10,15,1.5,5', '"r/ü.go","Go",10,10,1e-9,1e-10,5', '']);
  const json = JSON.parse(scores.json());
  assert.deepEqual(
    json.folders.map(({ path }: { path: string }) => path),
    ['', '=cmd', 'r'],
  );
  assert.equal(json.languages[0].numFiles, 2);
});

test('staged and unstaged changes are one change against the last commit', () => {
  const change = (path: string, status: number, originalPath = path): GitChange => ({ path, originalPath, status });
  const none = { index: [], workingTree: [], untracked: [], merge: [] };
  const check = (groups: Partial<typeof none | Record<string, GitChange[]>>, ...expected: string[]) => {
    const listed = listChanges({ ...none, ...groups });
    assert.deepEqual(
      listed.map(({ path, oldPath, isGone, status }) => `${oldPath} ${isGone ? '-' : path} ${status}`),
      expected,
    );
  };
  const s = gitStatus;
  check({}, ...[]);
  check({ workingTree: [change('a', s.modified)] }, 'a a modified');
  check({ index: [change('a', s.indexModified)], workingTree: [change('a', s.modified)] }, 'a a modified');
  check({ index: [change('a', s.indexAdded)], workingTree: [change('a', s.modified)] }, 'null a added');
  check({ index: [change('a', s.indexAdded)], workingTree: [change('a', s.deleted)] }, ...[]);
  check({ index: [change('n', s.indexRenamed, 'o')], workingTree: [change('n', s.modified)] }, 'o n renamed');
  check({ index: [change('n', s.indexRenamed, 'o')], workingTree: [change('n', s.deleted)] }, 'o - deleted');
  check({ index: [change('a', s.indexDeleted)] }, 'a - deleted');
  check({ index: [change('a', s.indexDeleted)], untracked: [change('a', s.untracked)] }, 'a a modified');
  check({ index: [change('c', s.indexCopied, 'a')] }, 'null c added');
  check(
    { workingTree: [change('b', s.untracked), change('a', s.deleted), change('i', s.ignored)] },
    'a - deleted',
    'null b added',
  );
  check(
    { workingTree: [change('n', s.intentToRename, 'o'), change('m', s.intentToAdd)] },
    'null m added',
    'o n renamed',
  );
  check({ merge: [change('a', s.bothModified)] }, 'a a conflict');
  check(
    { merge: [change('a', s.addedByThem), change('d', s.bothDeleted), change('t', s.deletedByThem)] },
    'null a conflict',
    't t conflict',
  );
});

const found = (label: string, more: Partial<FoundChange> = {}): FoundChange => ({
  ...{ path: `/w/${label}`, oldPath: `/w/${label}`, isGone: false, status: 'modified', label, oldLabel: label },
  readOld: async () => Buffer.from('old\n'),
  ...more,
});
const hunk = {
  oldStart: 1,
  oldLines: 1,
  newStart: 1,
  newLines: 1,
  added: { bytes: 4, bits: 8 },
  removed: { bytes: 4, bits: 2 },
  lines: [],
  numLines: 2,
};
const answer = { unscored: '', detail: '', hunks: [hunk], numLeftOut: 0 };

test('a change is scored file by file, and what cannot be is told', async () => {
  const scorer = new FakeScorer();
  const changes = [
    found('a'),
    found('.env'),
    found('big', { readOld: async () => 'tooLarge' }),
    found('bad', { readOld: () => Promise.reject(new Error('no such object')) }),
    found('n', { oldLabel: 'o', status: 'renamed' }),
    found('gone', { isGone: true, status: 'deleted' }),
    found('new', { oldPath: null, oldLabel: '', status: 'added', readOld: async () => null }),
  ];
  const scores = new ChangeScores({
    scorer,
    model: async () => ({ path: '/m', name: 'M' }),
    changes: async () => changes,
    numUnsaved: () => 2,
    changed: () => undefined,
  });
  const ended = scores.run();
  for (let i = 0; i < 4; i++) {
    await settle();
    scorer.last.answer(answer);
  }
  await ended;
  const questions = scorer.asked.map(({ question }) => question as Extract<ScorerQuestion, { kind: 'scoreChange' }>);
  assert.deepEqual(
    questions.map(({ path, newFile, oldContent }) => [path, newFile, oldContent]),
    [
      ['a', '/w/a', 'b2xkCg=='],
      ['n', '/w/n', 'b2xkCg=='],
      ['gone', '', 'b2xkCg=='],
      ['new', '/w/new', null],
    ],
  );
  const files = scores.freshFiles().map((one) => readToChangeView(one) as typeof one);
  assert.deepEqual(
    files.map(({ path, oldPath, unscored }) => [path, oldPath, unscored]),
    [
      ['a', '', ''],
      ['.env', '', 'secret'],
      ['big', '', 'tooLarge'],
      ['bad', '', 'unreadable'],
      ['n', 'o', ''],
      ['gone', '', ''],
      ['new', '', ''],
    ],
  );
  assert.deepEqual(scores.freshFiles(), []);
  const state = readToChangeView(scores.state()) as ReturnType<typeof scores.state>;
  assert.match(state.headline, /4 hunks in 7 files: 32 bits added \(2\.00 bits per byte\), 8 bits removed/);
  assert.match(state.note, /2 files not saved/);
  assert.equal(JSON.parse(scores.json()).total.numHunks, 4);
});

test('no git, nothing changed, stopped', async () => {
  const scorer = new FakeScorer();
  let changes: () => Promise<FoundChange[]> = async () => [];
  const scores = new ChangeScores({
    scorer,
    model: async () => ({ path: '/m', name: 'M' }),
    changes: () => changes(),
    numUnsaved: () => 0,
    changed: () => undefined,
  });
  await scores.run();
  assert.match(scores.state().headline, /Nothing is changed/);
  assert.throws(() => scores.json(), UserError);
  changes = async () => Promise.reject(new UserError('no git repository is open here'));
  await scores.run();
  assert.equal(scores.state().phase, 'failed');
  changes = async () => [found('a')];
  const ended = scores.run();
  await settle();
  scores.cancel();
  await ended;
  assert.equal(scores.state().phase, 'stopped');
  changes = () => new Promise(() => undefined);
  const waiting = scores.run();
  await settle();
  scores.cancel();
  await waiting;
  assert.equal(scores.state().phase, 'stopped', 'git is not waited for');
});

test('pages are not trusted: whatever they say is checked', () => {
  assert.deepEqual(readFromWorkspaceView({ kind: 'open', path: 'r/a' }), { kind: 'open', path: 'r/a' });
  for (const bad of [
    { kind: 'open' },
    { kind: 'open', path: 1 },
    { kind: 'act', action: 'rm' },
    { kind: 'open', path: 'x'.repeat(5000) },
    null,
  ]) {
    assert.throws(() => readFromWorkspaceView(bad), UserError);
  }
  const choices = { order: 'size', maxFileBytes: 2 ** 16, maxBytes: 2 ** 23 };
  assert.ok(readFromWorkspaceView({ kind: 'choose', choices }));
  assert.throws(() => readFromWorkspaceView({ kind: 'choose', choices: { ...choices, maxBytes: 5 } }), UserError);
  assert.throws(() => readFromChangeView({ kind: 'open', index: -1, line: 1, side: 'added' }), UserError);
  assert.throws(() => readFromChangeView({ kind: 'open', index: 0, line: 1, side: 'both' }), UserError);
});
