import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { greedy, likeliestOf, sample } from '../../../src/engine/sampler.ts';

const probs = [0.1, 0.4, 0.05, 0.4, 0.05];
const row = Float32Array.from(probs, Math.log);

function near(actual: number, expected: number) {
  assert.ok(Math.abs(actual - expected) < 1e-6, `expected ${expected}, got ${actual}`);
}

function frequencies(draws: number, draw: () => number): number[] {
  const counts = probs.map(() => 0);
  for (let i = 0; i < draws; i++) counts[draw()]! += 1;
  return counts.map((count) => count / draws);
}

test('greedy takes the likeliest, of equals the first', () => {
  const { symbol, logProb } = greedy(row);
  assert.equal(symbol, 1);
  near(logProb, Math.log(0.4));
});

test('among allowed symbols the probability is renormalized', () => {
  const { symbol, logProb } = greedy(row, Int32Array.of(4, 0));
  assert.equal(symbol, 0);
  near(logProb, Math.log(0.1 / 0.15));
});

test('the likeliest few, in order, of equals the first', () => {
  assert.deepEqual(
    likeliestOf(row, 3).map(({ symbol }) => symbol),
    [1, 3, 0],
  );
  const [first, second, ...others] = likeliestOf(row, 9, Int32Array.of(4, 0));
  assert.deepEqual([first?.symbol, second?.symbol, others], [0, 4, []]);
  near(second!.logProb, Math.log(0.05 / 0.15));
});

test('a row without a probability is a bug with a name', () => {
  assert.throws(() => greedy(new Float32Array(5).fill(Number.NaN)), /expected a probability for one of 5 symbols/);
  assert.throws(() => greedy(row, new Int32Array(0)), /one of 0 symbols/);
});

test('draws follow the distribution, the temperature and top-k', () => {
  const random = new Random(7);
  const plain = frequencies(20_000, () => sample(row, { temperature: 1 }, random).symbol);
  for (const [i, prob] of probs.entries()) assert.ok(Math.abs(plain[i]! - prob) < 0.02, `${plain}`);
  const cold = frequencies(20_000, () => sample(row, { temperature: 0.5 }, random).symbol);
  const squared = probs.map((p) => p * p);
  const total = squared.reduce((a, b) => a + b);
  for (const [i, p] of squared.entries()) assert.ok(Math.abs(cold[i]! - p / total) < 0.02, `${cold}`);
  const top3 = frequencies(5_000, () => sample(row, { temperature: 1, topK: 3 }, random).symbol);
  assert.deepEqual([top3[2], top3[4]], [0, 0]);
  const allowed = frequencies(5_000, () => sample(row, { temperature: 1 }, random, Int32Array.of(2, 4)).symbol);
  assert.ok(Math.abs(allowed[2]! - 0.5) < 0.05);
});

test('the same seed draws the same symbols; temperature 0 and top 1 are greedy', () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => sample(row, { temperature: 1.3 }, random).symbol);
  };
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  assert.equal(sample(row, { temperature: 0 }, new Random(1)).symbol, 1);
  assert.equal(sample(row, { temperature: 9, topK: 1 }, new Random(1)).symbol, 1);
});

test('a symbol without probability is never drawn', () => {
  const sparse = Float32Array.of(
    Number.NEGATIVE_INFINITY,
    Math.log(0.5),
    Number.NEGATIVE_INFINITY,
    Math.log(0.5),
    -Infinity,
  );
  const random = new Random(2);
  for (let i = 0; i < 500; i++) assert.ok([1, 3].includes(sample(sparse, { temperature: 2 }, random).symbol));
});
