// The benchmark's arithmetic: medians, percentiles, and ratios round by round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recorder, timesBetter } from '../../../bench/figures.ts';
import { mean, median, percentile } from '../../../bench/statistics.ts';

test('percentiles lie between the nearest values', () => {
  const check = (values: number[], share: number, expected: number) =>
    assert.equal(percentile(values, share), expected);
  check([7], 0.95, 7);
  check([3, 1, 2], 0.5, 2);
  check([4, 1, 2, 3], 0.5, 2.5);
  check([0, 10], 0.95, 9.5);
  check([5, 1, 9], 0, 1);
  check([5, 1, 9], 1, 9);
  assert.throws(() => percentile([], 0.5), /expected at least one value/);
});

test('statistics leave their values as they were', () => {
  const values = [3, 1, 2];
  assert.equal(median(values), 2);
  assert.equal(mean(values), 2);
  assert.deepEqual(values, [3, 1, 2]);
  assert.throws(() => mean([]), /expected at least one value/);
});

test('more symbols per second are better, more milliseconds are worse', () => {
  assert.equal(timesBetter('symbols/s', 300, 100), 3);
  assert.equal(timesBetter('ms', 10, 40), 4);
  assert.equal(timesBetter('MiB', 20, 10), 0.5);
  assert.equal(timesBetter('ms', 0, 0), 1);
});

test('a figure is the median of its rounds, its ratio the median of their ratios', () => {
  const recorder = new Recorder();
  // The machine was three times slower in the second round, for both.
  for (const [ours, theirs] of [
    [10, 20],
    [30, 60],
    [12, 20],
  ] as const) {
    recorder.add('b', 'ms', ours, { name: 'peer', value: theirs });
  }
  recorder.add('a', 'symbols/s', 5);
  recorder.add('a', 'symbols/s', 6);
  assert.deepEqual(recorder.figures(), [
    { name: 'b', value: 12, unit: 'ms', peer: 'peer', peerValue: 20, ratio: 2 },
    { name: 'a', value: 5.5, unit: 'symbols/s' },
  ]);
});

test('a figure is the same in every round, and a quantity', () => {
  const recorder = new Recorder();
  recorder.add('x', 'ms', 1);
  assert.throws(() => recorder.add('x', 'MiB', 1), /x: expected the same in every round \(ms, peer undefined\)/);
  assert.throws(() => recorder.add('x', 'ms', 1, { name: 'peer', value: 1 }), /the same in every round/);
  assert.throws(() => recorder.add('y', 'ms', Number.NaN), /y: expected a quantity, got NaN/);
  assert.throws(() => recorder.add('y', 'ms', 1, { name: 'p', value: Infinity }), /peer's quantity, got Infinity/);
  assert.equal(recorder.figures().length, 1);
});
