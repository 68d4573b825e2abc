import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause } from '../../../src/shell/pause.ts';
import { ManualClock } from '../manualClock.ts';

test('lasts as long as asked, or until cancelled, and leaves no timer', async () => {
  const clock = new ManualClock();
  const waited = pause(10, clock, new AbortController().signal);
  clock.advance(10);
  assert.equal(await waited, true);

  const controller = new AbortController();
  const cancelled = pause(10, clock, controller.signal);
  controller.abort();
  assert.equal(await cancelled, false);
  assert.equal(await pause(10, clock, controller.signal), false);
  assert.equal(clock.numTimers, 0);
});
