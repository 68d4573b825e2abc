import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { ModelShelf } from '../../../src/host/modelShelf.ts';
import { startScorerRole } from '../../../src/host/scorerRole.ts';
import { ScoringDesk } from '../../../src/host/scoringDesk.ts';
import { type FromScorer, readFromScorer, scorerLimits } from '../../../src/protocol/scorerMessages.ts';
import { ManualClock, settle } from '../manualClock.ts';
import { until } from '../until.ts';

const refuse = async () => {
  throw new Error('nothing is loaded here');
};

function connection() {
  const sent: FromScorer[] = [];
  const exits: number[] = [];
  let receive: (value: unknown) => void = () => undefined;
  const wire = {
    send: (message: FromScorer) => void sent.push(readFromScorer(message)),
    onMessage: (listener: (value: unknown) => void) => {
      receive = listener;
    },
    exit: (code: number) => void exits.push(code),
  };
  const deps = { shelf: new ModelShelf({ text: refuse, image: refuse }), clock: new ManualClock() };
  return { wire, deps, sent, exits, send: (message: unknown) => receive(message) };
}

test('it greets, is configured, describes a model, and ends', async () => {
  const { wire, deps, sent, exits, send } = connection();
  startScorerRole(wire, deps);
  send({ kind: 'hello', protocolVersion: 1 });
  assert.deepEqual(sent.pop(), { kind: 'ready', protocolVersion: 1, pid: process.pid });
  send({ kind: 'configure', threads: 3, logLevel: 'debug', storagePath: '' });
  assert.equal(deps.shelf.threads, 3);
  send({ kind: 'describeModel', request: 1, modelPath: 'models/default' });
  await until('the description', () => sent.length > 0);
  assert.deepEqual(sent.pop(), {
    ...{ kind: 'model', request: 1, signal: 'text', architecture: 'gpt', contextLength: 1024, vocabularySize: 8192 },
    ...{ width: 0, height: 0, channels: 0 },
  });
  send({ kind: 'shutdown' });
  assert.deepEqual(exits, [0]);
});

test('a folder that is none is refused, gibberish is logged, and the next question is heard', async () => {
  const { wire, deps, sent, send } = connection();
  startScorerRole(wire, deps);
  for (const gibberish of [undefined, 7, { kind: 'dance' }, { kind: 'cancel', request: 1, loudly: true }]) {
    send(gibberish);
    const log = sent.pop();
    assert.ok(log?.kind === 'log' && log.level === 'error', JSON.stringify(log));
  }
  send({ kind: 'cancel', request: 99 });
  send({ kind: 'describeModel', request: 2, modelPath: '/nowhere' });
  await until('the refusal', () => sent.length > 0);
  const failed = sent.pop();
  assert.ok(failed?.kind === 'failed' && failed.request === 2 && !failed.cancelled && failed.reason !== '');
  assert.deepEqual(sent, [], 'what a person can repair is not logged as a failure of ours');
});

function openDesk() {
  const { wire, deps, sent } = connection();
  return { desk: new ScoringDesk(wire, deps), sent };
}

test('what a question throws is its answer: cancelled, to be repaired, or our own failure', async () => {
  const { desk, sent } = openDesk();
  desk.take(1, () => Promise.reject(new CancelledError('no more')));
  desk.take(2, () => Promise.reject(new UserError('choose another')));
  desk.take(3, () => Promise.reject(new Error('x'.repeat(2 * scorerLimits.reasonLength))));
  await settle();
  const failures = sent.filter((message) => message.kind === 'failed');
  assert.deepEqual(
    failures.map(({ request, cancelled, reason }) => [request, cancelled, reason.length]),
    [
      [1, true, 7],
      [2, false, 14],
      [3, false, scorerLimits.reasonLength],
    ],
  );
  assert.equal(sent.filter(({ kind }) => kind === 'log').length, 1, 'only the last is a bug');
});

test('a question is cancelled by its number, once, and only while it is open', async () => {
  const { desk, sent } = openDesk();
  const seen: string[] = [];
  const ask = (request: number) =>
    desk.take(request, async (signal) => {
      await new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      seen.push('never');
    });
  ask(1);
  ask(2);
  desk.cancel(2);
  desk.cancel(2);
  await settle();
  desk.cancel(1);
  desk.cancel(7);
  await settle();
  assert.deepEqual(
    sent.map((message) => message.kind === 'failed' && [message.request, message.cancelled]),
    [
      [2, true],
      [1, true],
    ],
  );
  assert.deepEqual(seen, []);
});

test('a number that is asked twice is answered once', async () => {
  const { desk, sent } = openDesk();
  const answer = async () => desk.send({ kind: 'failed', request: 5, cancelled: false, reason: 'the answer' });
  desk.take(5, answer);
  desk.take(5, answer);
  await settle();
  assert.deepEqual(sent.map(({ kind }) => kind).sort(), ['failed', 'log']);
  desk.take(5, answer); // It may be asked anew once it is answered.
  await settle();
  assert.equal(sent.filter(({ kind }) => kind === 'failed').length, 2);
});

test('nothing below the level is logged', () => {
  const { desk, sent } = openDesk();
  desk.log('debug', 'no');
  desk.logLevel = 'error';
  desk.log('warning', 'no');
  desk.log('error', 'yes');
  assert.deepEqual(sent, [{ kind: 'log', level: 'error', text: 'yes' }]);
});
