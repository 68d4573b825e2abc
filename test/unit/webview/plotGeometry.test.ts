import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceTicks, type PlotData, plotGeometry, shortCount } from '../../../src/webview/plotGeometry.ts';

const size = { width: 600, height: 260 };
const nothing = { steps: [], values: [] };

function geometry(data: Partial<PlotData>) {
  return plotGeometry({ training: nothing, validation: nothing, baselines: [], ...data }, size);
}

test('ticks are round and hold the range between them', () => {
  assert.deepEqual(niceTicks(1.93, 3.2, 5), [1.5, 2, 2.5, 3, 3.5]);
  assert.deepEqual(niceTicks(0, 900, 5), [0, 200, 400, 600, 800, 1000]);
  assert.deepEqual(niceTicks(0, 1, 2), [0, 0.5, 1]);
  for (const [low, high] of [
    [0.001, 0.002],
    [5, 5.0001],
    [0, 123_456],
    [7, 7],
  ] as const) {
    const ticks = niceTicks(low, high, 4);
    assert.ok(ticks.length >= 2 && ticks.length < 12, `${ticks}`);
    assert.ok(ticks[0]! <= low && ticks.at(-1)! >= high, `${ticks}`);
  }
});

test('a curve runs from the left edge to the right one, and falls as the values do', () => {
  const { frame, trainingPath, validationDots } = geometry({
    training: { steps: [0, 50, 100], values: [4, 3, 2] },
    validation: { steps: [50, 100], values: [3.1, 2.1] },
  });
  assert.match(trainingPath, new RegExp(`^M${frame.left} [\\d.]+L[\\d.]+ [\\d.]+L${frame.right} `));
  assert.ok(validationDots[0]!.y < validationDots[1]!.y);
  assert.equal(validationDots[1]!.x, frame.right);
});

test('the first losses do not flatten the rest, and baselines are always inside', () => {
  const steps = Array.from({ length: 100 }, (_, i) => i);
  const values = steps.map((step) => (step < 5 ? 50 : 2 + 1 / step));
  const { frame, baselines, yTicks } = geometry({
    training: { steps, values },
    baselines: [{ label: 'gzip', value: 2.6 }],
  });
  assert.ok(Math.abs(Number(yTicks.at(-1)!.label)) < 4, yTicks.map(({ label }) => label).join(' '));
  assert.ok(baselines[0]!.at > frame.top && baselines[0]!.at < frame.bottom);
  assert.equal(baselines[0]!.label, 'gzip 2.60');
});

test('nothing yet, one point, equal values: numbers all the same', () => {
  const curves = [nothing, { steps: [3], values: [2] }, { steps: [1, 2, 3], values: [2, 2, 2] }];
  for (const training of curves) {
    const { trainingPath, xTicks, yTicks } = geometry({ training });
    assert.doesNotMatch(JSON.stringify([trainingPath, xTicks, yTicks]), /NaN|Infinity|null/);
    assert.ok(yTicks.length >= 2);
  }
});

test('many validations keep a bounded number of dots, the last among them', () => {
  const steps = Array.from({ length: 500 }, (_, i) => i);
  const { frame, validationDots } = geometry({ validation: { steps, values: steps.map(() => 2) } });
  assert.ok(validationDots.length <= 60);
  assert.equal(validationDots.at(-1)!.x, frame.right);
});

test('large counts are short', () => {
  assert.deepEqual([0, 12, 999, 1500, 12_345, 2e6].map(shortCount), ['0', '12', '999', '1.5k', '12.3k', '2M']);
});
