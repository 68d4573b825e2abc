import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxDraft, Speculation } from '../../../src/engine/speculation.ts';
import { ManualClock } from '../manualClock.ts';

/** What a run that verifies n guesses takes, in runs of none. */
type Cost = (numGuesses: number) => number;

const fp32: Cost = (n) => 1 + 0.12 * n;
const int4: Cost = (n) => 1 + 0.35 * n + 0.007 * n * n;
const useless: Cost = (n) => 1 + n;

async function speculationFor(cost: Cost) {
  const clock = new ManualClock();
  const speculation = new Speculation(clock);
  const run = (numGuesses: number, factor = 1) =>
    speculation.timed(numGuesses, async () => clock.advance(cost(numGuesses) * factor));
  await run(0);
  return { speculation, run };
}

/** Every guess holds, or none does, or one in so many. */
function learn(speculation: Speculation, every: number) {
  for (const matchLength of [1, 2, 3, 4, 5, 8, 20]) {
    for (let i = 1; i <= 300; i++) speculation.learnGuess(matchLength, i % every === 0);
  }
}

test('before anything was timed, and without agreement, nothing is guessed', () => {
  assert.equal(new Speculation(new ManualClock()).draftLength(20, 15), 0);
});

test('after a long agreement much is guessed, after a short one little, and never more than asked', async () => {
  const { speculation } = await speculationFor(fp32);
  assert.equal(speculation.draftLength(0, 15), 0);
  const lengths = [1, 2, 3, 4, 5, 8, 13].map((matchLength) => speculation.draftLength(matchLength, 100));
  assert.deepEqual(
    lengths,
    lengths.toSorted((a, b) => a - b),
  );
  assert.ok(lengths[0]! <= 2 && lengths.at(-1)! >= 12, lengths.join());
  assert.equal(speculation.draftLength(20, 3), 3);
  assert.equal(speculation.draftLength(20, 0), 0);
});

test('guesses that do not hold are given up, also while none is tried, and taken up again', async () => {
  const { speculation } = await speculationFor(fp32);
  learn(speculation, 1000);
  assert.equal(speculation.draftLength(20, 15), 0);
  learn(speculation, 1);
  assert.equal(speculation.draftLength(1, 15), maxDraft);
  const learnt = speculation.acceptance(1);
  speculation.begin();
  assert.ok(speculation.acceptance(1) < learnt, 'another text may repeat less');
});

test('what verifying costs is measured: the draft is as long as pays', async () => {
  const drafts: number[] = [];
  for (const cost of [fp32, int4, useless]) {
    const { speculation, run } = await speculationFor(cost);
    learn(speculation, 1);
    for (let i = 0; i < 40; i++) {
      for (const n of [0, 1, 2, 4, 8, 15]) await run(n);
    }
    for (const n of [1, 2, 4, 8, 15]) assert.ok(Math.abs(speculation.cost(n) - cost(n)) < 0.05 * cost(n), `${n}`);
    for (let i = 0; i < 50; i++) speculation.learnGuess(3, i % 2 === 0);
    drafts.push(speculation.draftLength(3, 15));
  }
  assert.equal(drafts[2], 0, 'verifying one more for the price of a run is never worth it');
  assert.ok(drafts[0]! > drafts[1]!, drafts.join());
});

test('a run that something else made long changes nothing', async () => {
  const { speculation, run } = await speculationFor(fp32);
  for (let i = 0; i < 60; i++) {
    for (const n of [0, 1, 4]) await run(n, i % 4 === 0 ? 30 : 1);
  }
  assert.ok(Math.abs(speculation.cost(1) - fp32(1)) < 0.01);
  assert.ok(Math.abs(speculation.cost(4) - fp32(4)) < 0.01);
});

test('where it does not pay it is tried again, seldom', async () => {
  const { speculation, run } = await speculationFor(useless);
  learn(speculation, 2);
  let spent = 0;
  const numSteps = 4000;
  for (let i = 0; i < numSteps; i++) {
    const draft = speculation.draftLength(20, 15);
    spent += useless(draft);
    await run(draft);
  }
  // Two long runs at first, then one guess in some hundred.
  assert.ok(spent < numSteps * 1.02 + 60, `${spent}`);
});
