// The client of the scorer, over real processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { ScorerClient } from '../../../src/shell/scorerClient.ts';
import { ManualClock } from '../manualClock.ts';
import { isRunning, until } from '../until.ts';

function openClient() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const configuration = { threads: 1, logLevel: 'info' as const, storagePath: '' };
  const client = new ScorerClient({
    hostPath: 'test/unit/shell/fakeScorer.mjs',
    clock,
    log: (_, text) => lines.push(text),
    configuration: () => configuration,
    runtime: () => 'plain',
  });
  const describe = (modelPath: string, signal?: AbortSignal) =>
    client.ask({ kind: 'describeModel', modelPath }, 'model', { ...(signal && { signal }) });
  const end = async () => {
    client.dispose();
    await client.ended();
    assert.equal(clock.numTimers, 0);
  };
  return { client, clock, lines, configuration, describe, end };
}

test('the first question starts a process, which is told who it is; each is answered once', async () => {
  const { client, lines, configuration, describe, end } = openClient();
  assert.equal(client.pid, undefined);
  const [a, b] = await Promise.all([describe('a'), describe('b')]);
  assert.deepEqual([a.architecture, b.architecture, a.width], ['a', 'b', 0]);
  assert.ok(lines.includes('role scorer, runtime plain') && lines.includes('threads 1'));
  assert.ok(lines.some((line) => line.includes('gibberish')));
  Object.assign(configuration, { threads: 2 });
  client.reconfigure();
  await until('the new configuration', () => lines.includes('threads 2'));
  const pid = client.pid!;
  await end();
  assert.ok(!isRunning(pid));
  await assert.rejects(describe('a'), CancelledError);
});

test('failures and cancellations are told as what they are, and the next question is heard', async () => {
  const { describe, lines, end } = openClient();
  await assert.rejects(
    describe('missing'),
    (error) => error instanceof UserError && error.message === 'no such folder',
  );
  await assert.rejects(describe('dropped'), CancelledError);
  const controller = new AbortController();
  const unanswered = describe('mute', controller.signal);
  controller.abort();
  await assert.rejects(unanswered, CancelledError);
  await until('the cancellation to arrive', () => lines.some((line) => line.startsWith('cancel')));
  assert.equal((await describe('a')).architecture, 'a');
  await end();
});

test('a question that is not wanted any more starts nothing, nor does an end', async () => {
  const { client, describe, end } = openClient();
  client.send({ kind: 'closeDocument', document: 1 });
  await assert.rejects(describe('a', AbortSignal.abort()), CancelledError);
  assert.equal(client.pid, undefined);
  await end();
});

test('it ends when nobody has asked for a while, unless somebody listens', async () => {
  const { client, clock, describe, end } = openClient();
  await describe('a');
  clock.advance(59_999);
  assert.ok(client.pid);
  await describe('a');
  clock.advance(59_999);
  assert.ok(client.pid, 'the question begins the while anew');
  const listening = client.listen(() => undefined);
  const other = client.listen(() => undefined);
  await describe('a');
  listening.dispose();
  listening.dispose();
  clock.advance(600_000);
  assert.ok(client.pid);
  other.dispose();
  const pid = client.pid!;
  clock.advance(60_000);
  assert.equal(client.pid, undefined);
  client.send({ kind: 'configure', threads: 4, logLevel: 'info', storagePath: '' });
  assert.notEqual(client.pid, pid);
  clock.advance(60_000);
  assert.equal(client.pid, undefined, 'what asks nothing does not keep it');
  await end();
  assert.ok(!isRunning(pid));
});

test('a process that dies refuses what it owes; the next question starts another', async () => {
  const { client, clock, describe, end } = openClient();
  const told: string[] = [];
  const listening = client.listen(
    () => undefined,
    () => told.push('fresh'),
  );
  const owed = describe('mute');
  await Promise.all([assert.rejects(owed, /exit code 3/), assert.rejects(describe('dying'), /exit code 3/)]);
  assert.equal(client.pid, undefined);
  assert.deepEqual(told, []);
  clock.advance(250);
  assert.deepEqual(told, ['fresh']);
  assert.equal((await describe('a')).architecture, 'a');
  await assert.rejects(describe('dying'), /exit code 3/);
  clock.advance(499);
  assert.equal(told.length, 1, 'those who die young are not started anew at once');
  clock.advance(1);
  assert.equal(told.length, 2);
  listening.dispose();
  await end();
});

test('the end of the extension refuses what is open, and tells nobody of a fresh process', async () => {
  const { client, clock, describe, end } = openClient();
  client.listen(
    () => undefined,
    () => assert.fail('there is no other'),
  );
  const owed = assert.rejects(describe('mute'), CancelledError);
  await end();
  await owed;
  clock.advance(600_000);
});
