import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressLine } from '../../../src/cli/progressLine.ts';
import type { RunProgress, TrainEvent } from '../../../src/train/loop.ts';
import type { TrainBudget } from '../../../src/train/trainOptions.ts';

const minute = 60_000;

function left(
  budget: TrainBudget,
  step: number,
  progress: Pick<RunProgress, 'elapsedMs' | 'plan'>,
): string | undefined {
  const event: TrainEvent = {
    ...{ kind: 'step', step, lossNats: 1, gradientNorm: 1, learningRate: 0.01, symbolsPerSecond: 100 },
  };
  return /(?<left>[^ ].{0,20}) left$/
    .exec(progressLine(budget, event, { symbolsSeen: 1, ...progress }).status ?? '')
    ?.groups?.['left']?.trim();
}

test('the time left counts the whole run, not what came since a resume', () => {
  // 42 of 115 minutes were over when the process began.
  assert.match(left({ minutes: 115 }, 1700, { elapsedMs: 42 * minute, plan: null })!, /1 h 13 min$/);
  const plan = { decayStart: 900, totalSteps: 1500 };
  assert.match(left({ minutes: 30 }, 1000, { elapsedMs: 20 * minute, plan })!, /10 min 0 s$/);
  assert.match(left({ steps: 1500 }, 1000, { elapsedMs: 20 * minute, plan })!, /10 min 0 s$/);
});

test('a completed run says how to make it again', () => {
  const done = { kind: 'done', reason: 'completed', step: 90, symbolsSeen: 1, elapsedMs: 1, bestStep: 80 } as const;
  const shown = (event: TrainEvent) =>
    progressLine({ minutes: 1 }, event, { elapsedMs: 1, symbolsSeen: 1, plan: null }).lasting ?? '';
  assert.match(shown({ ...done, decayStart: 60, bits: 2 }), /best at step 80; --steps 90 --decay-start 60 makes/);
  const stopped = { ...done, reason: 'stopped', decayStart: null, bits: 2 } as const;
  assert.doesNotMatch(shown(stopped), /makes the same/);
});
