import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';

test('the same seed draws the same numbers, another seed others', () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 8 },
      (
        (random) => () =>
          random.nextUint32()
      )(new Random(seed)),
    );
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('a saved state continues where it was saved', () => {
  const random = new Random(3);
  random.nextNormal();
  const copy = new Random(random.state);
  for (let i = 0; i < 5; i++) assert.equal(copy.nextFloat(), random.nextFloat());
});

test('moments of the normal are those of the normal within five standard errors', () => {
  const random = new Random(11);
  const draws = Array.from({ length: 20_000 }, () => random.nextNormal());
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(draws.length), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / draws.length), `variance ${variance}`);
});
