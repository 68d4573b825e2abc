import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartPolicy } from '../../../src/shell/restartPolicy.ts';

const delays = { firstMs: 100, longestMs: 500, healthyAfterMs: 1000 };

test('the delay doubles up to the longest', () => {
  const policy = new RestartPolicy(delays);
  assert.deepEqual(
    [0, 0, 999, 0, 0].map((lifetimeMs) => policy.delayAfter(lifetimeMs)),
    [100, 200, 400, 500, 500],
  );
});

test('a long life, or a person, begins anew', () => {
  const policy = new RestartPolicy(delays);
  for (let i = 0; i < 4; i++) policy.delayAfter(0);
  assert.deepEqual([policy.delayAfter(1000), policy.delayAfter(0)], [100, 200]);
  policy.forget();
  assert.equal(policy.delayAfter(0), 100);
});
