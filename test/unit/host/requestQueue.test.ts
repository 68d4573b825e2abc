import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Job, RequestQueue } from '../../../src/host/requestQueue.ts';
import { settle } from '../manualClock.ts';

/** A queue whose jobs end when told, or when aborted; `log` holds what happened. */
function traced() {
  const log: string[] = [];
  const finish = new Map<number, () => void>();
  const queue = new RequestQueue<Job>({
    run({ request }, signal) {
      log.push(`run ${request}`);
      return new Promise((resolve) => {
        finish.set(request, () => {
          log.push(`done ${request}`);
          resolve();
        });
        signal.addEventListener('abort', () => {
          log.push(`abort ${request} ${(signal.reason as Error).message}`);
          resolve();
        });
      });
    },
    dropped: ({ request }, reason) => log.push(`drop ${request} ${reason}`),
  });
  const add = (request: number, document: number) => queue.add({ request, document });
  return { queue, log, add, finish: (request: number) => finish.get(request)?.() };
}

test('one runs at a time, in order of arrival', async () => {
  const { log, add, finish } = traced();
  add(1, 10);
  add(2, 20);
  add(3, 30);
  assert.deepEqual(log, ['run 1']);
  finish(1);
  await settle();
  finish(2);
  await settle();
  assert.deepEqual(log, ['run 1', 'done 1', 'run 2', 'done 2', 'run 3']);
});

test('the newest of a document supersedes the running one and the waiting one', async () => {
  const { log, add } = traced();
  add(1, 10);
  add(2, 10);
  add(3, 10);
  await settle();
  assert.deepEqual(log, ['run 1', 'abort 1 superseded', 'drop 2 superseded', 'run 3']);
});

test('another document is left alone', async () => {
  const { log, add, finish } = traced();
  add(1, 10);
  add(2, 20);
  add(3, 20);
  finish(1);
  await settle();
  assert.deepEqual(log, ['run 1', 'drop 2 superseded', 'done 1', 'run 3']);
});

test('cancelling reaches what runs and what waits, once', async () => {
  const { queue, log, add } = traced();
  add(1, 10);
  add(2, 20);
  queue.cancel(2);
  queue.cancel(2);
  queue.cancel(1);
  queue.cancel(99);
  await settle();
  assert.deepEqual(log, ['run 1', 'drop 2 cancelled', 'abort 1 cancelled']);
  assert.equal(queue.busy, false);
});

test('all can be cancelled, with a reason', async () => {
  const { queue, log, add } = traced();
  add(1, 10);
  add(2, 20);
  queue.cancelAll('the model changes');
  await settle();
  assert.deepEqual(log, ['run 1', 'drop 2 the model changes', 'abort 1 the model changes']);
});
