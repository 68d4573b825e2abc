import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { CancelledError } from '../../../src/base/errors.ts';
import { EngineClient, type EngineStatus } from '../../../src/shell/engineClient.ts';
import { childEnvironment } from '../../../src/shell/hostProcess.ts';
import { ManualClock } from '../manualClock.ts';
import { isRunning, until } from '../until.ts';

// The path has blanks in it on purpose.
const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'chainrule ')), 'dist with blanks');
mkdirSync(folder);
const hostPath = path.join(folder, 'host.mjs');
copyFileSync('test/unit/shell/fakeHost.mjs', hostPath);
after(() => rmSync(path.dirname(folder), { recursive: true }));

const question = {
  document: 1,
  version: 0,
  offset: 5,
  replaceLength: 0,
  replacement: '',
  multiline: 'auto',
  maxSymbols: 8,
  maxSuggestions: 1,
  deadlineMs: 1000,
  insertSpaces: true,
  tabSize: 4,
} as const;

class Fixture {
  readonly clock = new ManualClock();
  readonly statuses: EngineStatus['state'][] = [];
  readonly lines: string[] = [];
  mode: string;
  numFresh = 0;
  readonly client: EngineClient;

  constructor(mode: string, host = hostPath) {
    this.mode = mode;
    this.client = new EngineClient({
      hostPath: host,
      clock: this.clock,
      log: (level, text) => this.lines.push(`${level} ${text}`),
      configuration: () => ({
        modelPath: this.mode,
        threads: 1,
        weights: 'auto',
        storagePath: '',
        logLevel: 'info',
        workAhead: true,
      }),
      onStatus: ({ state }) => this.statuses.push(state),
      onFreshProcess: () => this.numFresh++,
      onReopen: () => undefined,
    });
  }

  async ready(): Promise<number> {
    this.client.start();
    await until('the engine to be ready', () => this.client.status.state === 'ready');
    return this.client.pid ?? assert.fail('a ready engine has a process');
  }

  complete(signal = new AbortController().signal) {
    return this.client.complete(question, signal);
  }

  logged(part: string): boolean {
    return this.lines.some((line) => line.includes(part));
  }

  async end(): Promise<void> {
    this.client.dispose();
    await until('the process to ask for patience or to end', () => !this.client.running || this.clock.numTimers > 0);
    await this.client.ended();
    assert.equal(this.client.running, false);
    assert.equal(this.clock.numTimers, 0, 'no timer is left');
  }
}

test('starts once, answers, survives gibberish and a flood of output, and ends', async () => {
  const fixture = new Fixture('echo');
  const pid = await fixture.ready();
  fixture.client.start();
  assert.equal(fixture.client.pid, pid);
  assert.equal(fixture.client.numStarts, 1);
  const answer = await fixture.complete();
  assert.deepEqual(answer.kind === 'suggestion' && answer.texts, ['at 5']);
  await until('its output in the log', () => fixture.logged('a warning') && fixture.logged('gibberish'));
  assert.ok(fixture.logged('holds 2 MB'));
  assert.ok(Math.max(...fixture.lines.map((line) => line.length)) < 5000);
  await fixture.end();
  assert.ok(!isRunning(pid));
});

test('killed while thinking: what is pending is rejected, and it is started again after the delay', async () => {
  const fixture = new Fixture('silent');
  const pid = await fixture.ready();
  const rejected = assert.rejects(fixture.complete(), /engine process ended \(killed by SIGKILL\)/);
  await until('the request to arrive', () => fixture.logged('asked 1'));
  process.kill(pid, 'SIGKILL');
  await rejected;
  assert.equal(fixture.client.status.state, 'waiting');
  fixture.client.start();
  assert.equal(fixture.client.running, false, 'the delay is kept');
  await assert.rejects(fixture.complete(), /not running/);
  fixture.mode = 'echo';
  fixture.clock.advance(250);
  assert.notEqual(await fixture.ready(), pid);
  assert.equal((await fixture.complete()).kind, 'suggestion');
  assert.equal(fixture.numFresh, 2);
  await fixture.end();
});

test('the delay doubles while it keeps dying, and a restart by hand does not wait', async () => {
  const fixture = new Fixture('silent');
  for (const delayMs of [250, 500, 1000]) {
    process.kill(await fixture.ready(), 'SIGKILL');
    await until('its end', () => !fixture.client.running);
    fixture.clock.advance(delayMs - 1);
    assert.equal(fixture.client.running, false);
    fixture.clock.advance(1);
    assert.equal(fixture.client.running, true);
  }
  process.kill(await fixture.ready(), 'SIGKILL');
  await until('its end', () => !fixture.client.running);
  fixture.client.restart();
  assert.equal(fixture.client.running, true);
  await fixture.end();
});

test('a restart waits for the old process, so that there is never more than one', async () => {
  const fixture = new Fixture('silent');
  const first = await fixture.ready();
  const rejected = assert.rejects(fixture.complete(), /ended/);
  fixture.client.restart();
  assert.equal(fixture.client.pid, first);
  await rejected;
  const second = await fixture.ready();
  assert.notEqual(second, first);
  assert.ok(!isRunning(first));
  await fixture.end();
});

test('cancelling is told to the engine and rejects at once', async () => {
  const fixture = new Fixture('silent');
  await fixture.ready();
  const controller = new AbortController();
  const pending = fixture.complete(controller.signal);
  controller.abort();
  await assert.rejects(pending, CancelledError);
  await until('the cancellation', () => fixture.logged('cancel 1'));
  await assert.rejects(fixture.complete(controller.signal), CancelledError);
  await fixture.end();
});

test('an engine that is stuck is killed, when asked to end and when it never answers', async () => {
  const stubborn = new Fixture('stubborn');
  await stubborn.ready();
  stubborn.client.dispose();
  stubborn.clock.advance(1000);
  await stubborn.client.ended();

  const stuck = new Fixture('busy');
  await stuck.ready();
  const rejected = assert.rejects(stuck.complete(), /killed by SIGKILL/);
  await until('the request to arrive', () => stuck.logged('asked 1'));
  stuck.clock.advance(16_000);
  await rejected;
  assert.equal(stuck.client.status.state, 'waiting');
  await stuck.end();
});

test('an engine that is stuck is killed, also when nobody waits for its answer any more', async () => {
  const fixture = new Fixture('silent');
  await fixture.ready();
  // A person goes on typing: every request supersedes the one before.
  for (let i = 0; i < 8; i++) {
    const controller = new AbortController();
    const superseded = assert.rejects(fixture.complete(controller.signal), CancelledError);
    fixture.clock.advance(1900);
    controller.abort();
    await superseded;
  }
  assert.equal(fixture.clock.numTimers, 1, 'one watch for all of them');
  assert.equal(fixture.client.running, true);
  fixture.clock.advance(16_000 - 8 * 1900);
  await until('its end', () => !fixture.client.running);
  assert.ok(fixture.logged('killed by SIGKILL'));
  await fixture.end();
});

test('an engine that never comes to an end of loading is killed, one that loads for long is not', async () => {
  const fixture = new Fixture('loading');
  fixture.client.start();
  await until('the model to be loading', () => fixture.client.status.state === 'loading');
  const rejected = assert.rejects(fixture.complete(), /killed by SIGKILL/);
  await until('the request to arrive', () => fixture.logged('asked 1'));
  fixture.clock.advance(170_000);
  assert.ok(!fixture.logged('killing it'), 'requests wait for the model');
  fixture.clock.advance(10_000);
  await rejected;
  await fixture.end();
});

test('an engine that answers is watched by nobody', async () => {
  const fixture = new Fixture('echo');
  await fixture.ready();
  await fixture.complete();
  assert.equal(fixture.clock.numTimers, 0);
  fixture.clock.advance(1e6);
  assert.ok(!fixture.logged('killing it'));
  await fixture.end();
});

test('two clients do not disturb each other', async () => {
  const [a, b] = [new Fixture('echo'), new Fixture('silent')];
  await Promise.all([a.ready(), b.ready()]);
  const pending = assert.rejects(b.complete(), /ended/);
  assert.equal((await a.complete()).kind, 'suggestion');
  process.kill(b.client.pid ?? 0, 'SIGKILL');
  await pending;
  assert.equal((await a.complete()).kind, 'suggestion');
  await Promise.all([a.end(), b.end()]);
});

test('a host that is not there is told, not thrown', async () => {
  const fixture = new Fixture('echo', path.join(folder, 'missing.mjs'));
  fixture.client.start();
  await until('its end', () => !fixture.client.running);
  assert.equal(fixture.client.status.state, 'waiting');
  assert.ok(fixture.logged('exit code 1'));
  await fixture.end();
});

test('the process gets its role and a clean environment', async () => {
  const fixture = new Fixture('echo');
  await fixture.ready();
  const line = fixture.lines.find((text) => text.includes('argv')) ?? assert.fail('no report');
  const { argv, env } = JSON.parse(line.slice(line.indexOf('{')));
  assert.deepEqual(argv, ['engine', 'auto']);
  assert.equal(env.ELECTRON_RUN_AS_NODE, '1');
  await fixture.end();
  assert.deepEqual(childEnvironment({ VSCODE_PID: '1', vscode_ipc: 'x', NODE_OPTIONS: '--inspect', PATH: '/bin' }), {
    PATH: '/bin',
    ELECTRON_RUN_AS_NODE: '1',
  });
});
