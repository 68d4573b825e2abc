import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from '../../../src/base/errors.ts';
import { Baton, type Urgency } from '../../../src/host/baton.ts';

/** Work of some pieces; what computes is written down, and that nothing else does. */
function bench() {
  const baton = new Baton();
  const computed: string[] = [];
  let computing = 0;
  const work = (name: string, urgency: Urgency, pieces: number, signal?: AbortSignal) =>
    baton.run(
      urgency,
      async (turn) => {
        for (let piece = 0; piece < pieces; piece++) {
          if (piece > 0) await turn();
          assert.equal(++computing, 1, `${name} computes beside another`);
          computed.push(name);
          await Promise.resolve();
          computing -= 1;
        }
        return name;
      },
      signal,
    );
  return { baton, computed, work };
}

test('one at a time, who came first first', async () => {
  const { computed, work } = bench();
  assert.deepEqual(await Promise.all([work('a', 'asked', 2), work('b', 'asked', 2), work('c', 'asked', 1)]), [
    'a',
    'b',
    'c',
  ]);
  assert.deepEqual(computed, ['a', 'a', 'b', 'b', 'c']);
});

test('the more urgent goes first, among those that wait and between two pieces', async () => {
  const { computed, work } = bench();
  const all = [work('idle', 'idle', 3), work('late', 'idle', 1), work('asked', 'asked', 2), work('seen', 'visible', 2)];
  await Promise.all(all);
  assert.deepEqual(computed, ['idle', 'seen', 'seen', 'asked', 'asked', 'idle', 'idle', 'late']);
});

test('who gave way is before equals that came later', async () => {
  const { baton, computed, work } = bench();
  const others: Promise<string>[] = [];
  const first = baton.run('asked', async (turn) => {
    computed.push('first');
    others.push(work('second', 'asked', 1), work('seen', 'visible', 1));
    await turn();
    computed.push('first');
  });
  await first;
  await Promise.all(others);
  await work('end', 'idle', 1);
  assert.deepEqual(computed, ['first', 'seen', 'first', 'second', 'end']);
});

test('work that fails hands on', async () => {
  const { baton, computed, work } = bench();
  const failing = baton.run('visible', () => Promise.reject(new Error('broken')));
  const next = work('next', 'idle', 1);
  await assert.rejects(failing, /broken/);
  await next;
  assert.deepEqual(computed, ['next']);
});

test('what waits is given up when its signal aborts, at the start as well as at a turn', async () => {
  const { baton, computed, work } = bench();
  const controller = new AbortController();
  const holding = baton.run('asked', async (turn) => {
    const waiting = work('never', 'visible', 1, controller.signal);
    controller.abort();
    await assert.rejects(waiting, CancelledError);
    await turn();
  });
  await holding;
  await assert.rejects(work('never', 'visible', 1, controller.signal), CancelledError);

  const midway = new AbortController();
  const yielding = baton.run(
    'idle',
    async (turn) => {
      computed.push('idle');
      void baton.run('visible', async () => {
        midway.abort();
        await new Promise((resolve) => setImmediate(resolve));
        computed.push('seen');
      });
      await turn();
      computed.push('never');
    },
    midway.signal,
  );
  await assert.rejects(yielding, CancelledError);
  await work('end', 'idle', 1);
  assert.deepEqual(computed, ['idle', 'seen', 'end']);
});
