import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, throwIfCancelled } from '../../../src/base/errors.ts';
import { IdleTime } from '../../../src/host/idleTime.ts';
import { ManualClock, settle } from '../manualClock.ts';

function idling() {
  const clock = new ManualClock();
  const idle = new IdleTime(clock, 100);
  const done: string[] = [];
  /** A request that takes until it is told. */
  const request = () => {
    let end: () => void = () => undefined;
    const answered = idle.busy(() => new Promise<void>((resolve) => (end = resolve)));
    return async () => {
      end();
      await answered;
      await settle();
    };
  };
  return { clock, idle, done, request };
}

test('a piece waits until it has been quiet for long enough, and no timer is left behind', async () => {
  const { clock, idle, done, request } = idling();
  const piece = idle.run(async () => done.push('piece'));
  await settle();
  clock.advance(60);
  const end = request();
  assert.equal(clock.numTimers, 0);
  clock.advance(500);
  await end();
  clock.advance(99);
  await settle();
  assert.deepEqual(done, []);
  clock.advance(1);
  await piece;
  assert.deepEqual(done, ['piece']);
  assert.equal(clock.numTimers, 0);
});

test('a request aborts the piece under way, which begins again when it is quiet', async () => {
  const { clock, idle, done, request } = idling();
  let goOn: () => void = () => undefined;
  const piece = idle.run(async (signal) => {
    done.push('begun');
    await new Promise<void>((resolve) => (goOn = resolve));
    throwIfCancelled(signal);
    return done.push('finished');
  });
  await settle();
  clock.advance(100);
  await settle();
  const end = request();
  goOn();
  await settle();
  assert.deepEqual(done, ['begun']);
  await end();
  clock.advance(100);
  await settle();
  goOn();
  await piece;
  assert.deepEqual(done, ['begun', 'begun', 'finished']);
});

test('what a piece throws by itself is not tried again', async () => {
  const { clock, idle } = idling();
  const piece = idle.run(async () => {
    throw new Error('broken');
  });
  const rejected = assert.rejects(piece, /broken/);
  await settle();
  clock.advance(100);
  await rejected;
});

test('who listens is told of the next request', async () => {
  const { idle, done, request } = idling();
  const heard = idle.nextRequest().then(() => done.push('heard'));
  await settle();
  assert.deepEqual(done, []);
  await request()();
  await heard;
  const ended = assert.rejects(idle.nextRequest(), CancelledError);
  idle.dispose();
  await ended;
  await assert.rejects(idle.nextRequest(), CancelledError);
});

test('the end rejects what waits and what comes later', async () => {
  const { clock, idle } = idling();
  const waits = assert.rejects(
    idle.run(async () => undefined),
    CancelledError,
  );
  await settle();
  idle.dispose();
  await waits;
  await assert.rejects(
    idle.run(async () => undefined),
    CancelledError,
  );
  assert.equal(clock.numTimers, 0);
});
