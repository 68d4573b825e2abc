import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import {
  type CompletionAnswer,
  type CompletionQuestion,
  type LoadEngine,
  type LoadedEngine,
  startEngineRole,
} from '../../../src/host/engineRole.ts';
import { readToShell, type ToHost, type ToShell } from '../../../src/protocol/hostMessages.ts';
import { ManualClock, settle } from '../manualClock.ts';

type Complete = (question: CompletionQuestion, signal: AbortSignal) => Promise<CompletionAnswer>;

const nothingElse = {
  explain: async () => ({ nothing: 'test' }),
  lookAhead: async () => undefined,
  prepare: async () => undefined,
};

function started(complete: Complete, loadEngine?: LoadEngine, explain: LoadedEngine['explain'] = nothingElse.explain) {
  const clock = new ManualClock();
  const sent: ToShell[] = [];
  const disposed: string[] = [];
  const exits: number[] = [];
  let receive: (value: unknown) => void = () => undefined;
  const load: LoadEngine = async ({ modelPath }) => ({
    title: modelPath,
    complete,
    ...nothingElse,
    explain,
    dispose: () => disposed.push(modelPath),
  });
  startEngineRole(
    {
      send: (message) => sent.push(readToShell(message)),
      onMessage: (listener) => {
        receive = listener;
      },
      exit: (code) => exits.push(code),
    },
    { loadEngine: loadEngine ?? load, clock },
  );
  const send = async (...messages: ToHost[]) => {
    for (const message of messages) receive(message);
    await settle();
  };
  const only = (kind: ToShell['kind']) => sent.filter((message) => message.kind === kind);
  return { clock, sent, send, only, disposed, exits, receive: (value: unknown) => receive(value) };
}

const configure: ToHost = {
  kind: 'configure',
  modelPath: 'a',
  threads: 1,
  weights: 'auto',
  storagePath: '',
  logLevel: 'debug',
  workAhead: true,
};
const open: ToHost = {
  kind: 'open',
  document: 1,
  version: 0,
  languageId: 'c',
  path: 'a.c',
  text: 'int x',
};
const ask: Extract<ToHost, { kind: 'complete' }> = {
  kind: 'complete',
  request: 1,
  document: 1,
  version: 0,
  offset: 5,
  replaceLength: 0,
  replacement: '',
  multiline: 'auto',
  maxSymbols: 8,
  maxSuggestions: 1,
  insertSpaces: true,
  tabSize: 4,
  deadlineMs: 1000,
};

const untilAborted: Complete = (_question, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('hello is answered with ready, a foreign protocol with the remedy', async () => {
  const { send, sent, only } = started(untilAborted);
  await send({ kind: 'hello', protocolVersion: 1 });
  assert.deepEqual(sent, [{ kind: 'ready', protocolVersion: 1, pid: process.pid }]);
  await send({ kind: 'hello', protocolVersion: 2 });
  assert.match(JSON.stringify(only('status')), /reload the window/);
});

test('a completion sees the text, the selected item in place, and is answered once', async () => {
  const questions: CompletionQuestion[] = [];
  const { send, only } = started(async (question) => {
    questions.push(question);
    return { texts: [' = 1;', ';'], numSymbols: 3 };
  });
  await send(configure, open, {
    kind: 'change',
    document: 1,
    version: 1,
    length: 6,
    edits: [{ start: 5, end: 5, text: 'y' }],
  });
  await send({ ...ask, version: 1, offset: 6, replaceLength: 2, replacement: 'xylo', maxSuggestions: 2 });
  assert.equal(questions.length, 1);
  assert.equal(questions[0]?.text, 'int xylo');
  assert.equal(questions[0]?.offset, 8);
  assert.equal(questions[0]?.maxSuggestions, 2);
  assert.deepEqual(only('suggestion'), [
    { kind: 'suggestion', request: 1, texts: [' = 1;', ';'], numSymbols: 3, elapsedMs: 0 },
  ]);
});

test('a request keeps the text it was asked for while the document goes on', async () => {
  const seen: string[] = [];
  const { send } = started(async ({ text }) => {
    seen.push(text);
    return { nothing: 'test' };
  });
  await send(configure, open, ask, {
    kind: 'change',
    document: 1,
    version: 1,
    length: 0,
    edits: [{ start: 0, end: 5, text: '' }],
  });
  assert.deepEqual(seen, ['int x']);
});

test('a stale document is asked for afresh, and so is one that cannot be followed', async () => {
  const { send, only } = started(untilAborted);
  await send(configure, ask);
  assert.deepEqual(only('nothing'), [{ kind: 'nothing', request: 1, reason: 'stale document' }]);
  assert.deepEqual(only('reopen'), [{ kind: 'reopen', document: 1 }]);
  await send(open, { kind: 'change', document: 1, version: 5, length: 0, edits: [] });
  assert.equal(only('reopen').length, 2);
});

test('superseded, cancelled and overdue requests are answered with nothing', async () => {
  const { send, only, clock } = started(untilAborted);
  await send(configure, open, ask, { ...ask, request: 2 }, { kind: 'cancel', request: 2 }, { ...ask, request: 3 });
  clock.advance(1600);
  await settle();
  assert.deepEqual(
    only('nothing')
      .map((message) => (message.kind === 'nothing' ? [message.request, message.reason] : []))
      .sort(),
    [
      [1, 'superseded'],
      [2, 'cancelled'],
      [3, 'deadline'],
    ],
  );
  assert.equal(clock.numTimers, 0);
});

test('a request that waited past its deadline does not start', async () => {
  const requests: number[] = [];
  const { send, only, clock } = started((question, signal) => {
    requests.push(question.timeMs);
    return untilAborted(question, signal);
  });
  await send(configure, open, { ...open, document: 2 }, ask, { ...ask, request: 2, document: 2, deadlineMs: 1200 });
  clock.advance(1500);
  await settle();
  assert.deepEqual(requests, [1000]);
  assert.deepEqual(
    only('nothing').map((message) => 'reason' in message && message.reason),
    ['deadline', 'deadline'],
  );
});

test('an engine that throws is told apart from one that is cancelled', async () => {
  const { send, only } = started(() => Promise.reject(new RangeError('symbol 9 of 8')));
  await send(configure, open, ask);
  assert.deepEqual(only('failed'), [{ kind: 'failed', request: 1, reason: 'symbol 9 of 8' }]);
  assert.match(JSON.stringify(only('log')), /RangeError/);
  await send({ ...ask, request: 2, offset: 99 });
  assert.match(JSON.stringify(only('failed')[1]), /outside the document/);
});

test('another model replaces the first; the same configuration again does not', async () => {
  const { send, only, disposed } = started(untilAborted);
  await send(configure, { ...configure, logLevel: 'info' });
  assert.deepEqual(disposed, []);
  await send(open, ask, { ...configure, modelPath: 'b' });
  assert.deepEqual(disposed, ['a']);
  assert.deepEqual(
    only('status').map((message) => 'state' in message && [message.state, message.detail]),
    [
      ['loading', 'a'],
      ['ready', 'a'],
      ['loading', 'b'],
      ['ready', 'b'],
    ],
  );
  assert.match(JSON.stringify(only('nothing')), /the model changes/);
});

test('only the newest of several configurations is loaded', async () => {
  const loaded: string[] = [];
  const { send } = started(untilAborted, async ({ modelPath }) => {
    loaded.push(modelPath);
    return { title: modelPath, complete: untilAborted, ...nothingElse, dispose: () => undefined };
  });
  await send({ ...configure, modelPath: 'a' }, { ...configure, modelPath: 'b' }, { ...configure, modelPath: 'c' });
  assert.deepEqual(loaded, ['c']);
});

test('a model that does not load is a status, and requests are answered with nothing', async () => {
  const { send, only } = started(untilAborted, () =>
    Promise.reject(new UserError('a: expected model.json, got nothing')),
  );
  await send(configure, open, ask);
  assert.deepEqual(only('status').at(-1), {
    kind: 'status',
    state: 'failed',
    detail: 'a: expected model.json, got nothing. Then run "Chainrule: Restart Engine"',
  });
  assert.deepEqual(only('nothing'), [{ kind: 'nothing', request: 1, reason: 'no model' }]);
});

test('a model that failed to load is tried again with the next configuration', async () => {
  let broken = true;
  const { send, only } = started(untilAborted, async ({ modelPath }) => {
    if (broken) throw new UserError('x'.repeat(3000));
    return { title: modelPath, complete: untilAborted, ...nothingElse, dispose: () => undefined };
  });
  await send(configure);
  assert.match(JSON.stringify(only('status').at(-1)), /x{1000}.*Restart Engine/);
  broken = false;
  await send(configure);
  await send(configure);
  assert.deepEqual(
    only('status').map((message) => 'state' in message && message.state),
    ['loading', 'failed', 'loading', 'ready'],
  );
});

test('malformed messages are logged and otherwise without effect', async () => {
  const { receive, only, send } = started(async () => {
    throw new CancelledError('x');
  });
  receive({ kind: 'complete', request: 'one' });
  receive(null);
  assert.equal(only('log').length, 2);
  await send({ kind: 'reportMemory' });
  assert.equal(only('memory').length, 1);
});

test('shutdown ends the process', async () => {
  const { send, exits } = started(untilAborted);
  await send({ kind: 'shutdown' });
  assert.deepEqual(exits, [0]);
});

const { maxSuggestions: _, ...place } = ask;
const explain: ToHost = { ...place, kind: 'explain', request: 7, shown: ' = 1;' };
const explanation = { numPromptSymbols: 3, layout: 'document', typed: '', logProbNats: -1, symbols: [] } as const;

test('an explanation is of the place that was asked, and of what is shown there', async () => {
  const asked: unknown[] = [];
  const answer: LoadedEngine['explain'] = async (question) => {
    asked.push([question.text, question.offset, question.shown]);
    return { ...explanation, symbols: [] };
  };
  const { send, only } = started(untilAborted, undefined, answer);
  await send(configure, open, { ...explain, replaceLength: 1, replacement: 'yz' });
  assert.deepEqual(asked, [['int yz', 6, ' = 1;']]);
  assert.deepEqual(only('explanation'), [{ kind: 'explanation', request: 7, ...explanation }]);
  await send({ ...explain, request: 8, version: 9 });
  assert.deepEqual(only('nothing'), [{ kind: 'nothing', request: 8, reason: 'stale document' }]);
  assert.equal(only('reopen').length, 1);
});

test('an explanation never holds up a completion: that ends it at once, and it is answered once', async () => {
  const { send, only } = started(
    async () => ({ texts: ['a'], numSymbols: 1 }),
    undefined,
    (_question, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  await send(configure, open, explain);
  assert.deepEqual([only('nothing').length, only('suggestion').length], [0, 0]);
  await send(ask);
  assert.deepEqual(only('nothing'), [{ kind: 'nothing', request: 7, reason: 'somebody types' }]);
  assert.equal(only('suggestion').length, 1);
  await send({ ...explain, request: 8 }, { ...explain, request: 9 });
  await send({ kind: 'cancel', request: 9 });
  assert.deepEqual(only('nothing').slice(1), [
    { kind: 'nothing', request: 8, reason: 'superseded' },
    { kind: 'nothing', request: 9, reason: 'cancelled' },
  ]);
});
