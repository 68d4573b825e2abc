import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingNews } from '../../../src/protocol/trainerMessages.ts';
import { readToTrainingView, viewLimits } from '../../../src/protocol/webviewMessages.ts';
import { CurveFeed } from '../../../src/shell/curveFeed.ts';
import { TrainingRun } from '../../../src/shell/trainingRun.ts';

type StepNews = Extract<TrainingNews, { kind: 'step' }>;

const text = { title: 'CharRNN on "demo"', eats: 'text', channels: 1 } as const;
const step = (part: Partial<StepNews> = {}): StepNews => ({
  kind: 'step',
  step: 10,
  lossNats: 2,
  symbolsPerSecond: 37_000,
  elapsedMs: 60_000,
  remainingMs: 60_000,
  passes: 1.25,
  memoryBytes: 3e8,
  ...part,
});
const measured = (at: number, bits: number, lossNats = 1.5) =>
  ({ kind: 'validation', step: at, lossNats, bits }) as const;
const started = (resumedStep: number) => ({ kind: 'started', resumedStep, symbols: 'bytes', measured: true }) as const;
const actions = (run: TrainingRun) => run.view().buttons.map(({ action }) => action);
const fact = (run: TrainingRun, label: RegExp) => run.view().facts.find((one) => label.test(one.label))?.value;

test('from the start to the end: what is said, and what can be done', () => {
  const run = new TrainingRun(text);
  assert.match(run.view().headline, /Reading the workspace/);
  assert.equal(run.view().progress, null);
  run.receive({ kind: 'reading', done: 1200, total: 4800 });
  assert.equal(run.view().headline, 'Reading the workspace: 1,200 of 4,800 files');
  assert.deepEqual([run.view().progress, run.progress()], [0.25, null]);
  assert.equal(run.progressText(), 'reading the workspace: 1,200 of 4,800 files');
  run.receive({ ...started(0), symbols: 'tokens' });
  assert.equal(run.view().progress, null);
  run.receive(step());
  assert.equal(fact(run, /Speed/), '37,000 tokens/s');
  assert.match(run.view().headline, /first measurement/);
  assert.equal(run.view().progress, 0.5);
  assert.deepEqual(actions(run), ['pause', 'stop', 'showLog']);
  assert.equal(fact(run, /Time left/), 'about 60 seconds');
  run.receive({ kind: 'baseline', name: 'gzip', bits: 2.5 });
  run.receive(measured(10, 2));
  assert.equal(
    run.view().headline,
    'Step 10: 2.00 bits per byte on files that it does not learn from, 20 % below gzip',
  );
  assert.equal(run.progressText(), 'step 10, 2.00 bits per byte, about 60 seconds left');
  run.receive({ kind: 'checkpoint', step: 10 });
  run.state = 'paused';
  assert.match(run.view().headline, /Paused at step 10\. The checkpoint is on disk/);
  assert.deepEqual(actions(run), ['resume', 'stop', 'discard', 'showLog']);
  assert.equal(fact(run, /Time left/), undefined);
  run.ended({ reason: 'converged', bits: 1.9, bestStep: 8 });
  assert.match(run.view().headline, /^Finished by itself.*: 1\.90 bits per byte.*24 % below gzip$/);
  assert.deepEqual(actions(run), ['use', 'sample', 'manage', 'showLog']);
  assert.equal(run.view().progress, 1);
});

test('the training loss is drawn in the unit of the measurements', () => {
  const run = new TrainingRun(text);
  const drawn = () => run.curves.training.points().values.map((value) => value * run.view().trainingScale);
  run.receive(step({ lossNats: Math.LN2 }));
  assert.deepEqual(drawn(), [1]);
  // A symbol of this model is two bytes.
  run.receive(measured(10, 1, 2 * Math.LN2));
  assert.deepEqual(drawn(), [0.5]);
});

test('images: another unit, and what is done with them', () => {
  const run = new TrainingRun({ title: 'PixelCNN', eats: 'image', channels: 1 });
  run.receive(measured(1, 1.4));
  assert.equal(run.view().unit, 'bits per pixel');
  run.ended({ reason: 'stopped', bits: null, bestStep: 1 });
  assert.match(run.view().headline, /^Stopped and kept: 1\.40/);
  assert.deepEqual(actions(run), ['sample', 'manage', 'showLog']);
});

test('a run without held-out files says so', () => {
  const run = new TrainingRun(text);
  run.receive({ ...started(0), measured: false });
  assert.equal(run.view().headline, 'Learning; nothing is held out, so how good it gets is not measured');
  assert.equal(fact(run, /held out/), undefined);
  run.ended({ reason: 'completed', bits: null, bestStep: 3 });
  assert.match(run.view().headline, /Nothing was held out/);
});

test('a failure says why, and offers what helps: not to go on to the same end', () => {
  const failed = (checkpointStep: number, remedy: 'nothing' | 'resume' | 'keep') => {
    const run = new TrainingRun(text);
    run.checkpointStep = checkpointStep;
    run.failed('the loss was no number any more', remedy);
    return run;
  };
  assert.match(failed(0, 'nothing').view().headline, /ended: the loss was no number any more$/);
  assert.deepEqual(actions(failed(0, 'nothing')), ['showLog']);
  assert.deepEqual(actions(failed(30, 'resume')), ['resume', 'stop', 'discard', 'showLog']);
  assert.match(failed(30, 'keep').view().headline, /What it had learnt by step 30 is on disk$/);
  assert.deepEqual(failed(30, 'keep').view().buttons[0], {
    action: 'stop',
    label: 'Keep the Best So Far',
    primary: true,
  });
  assert.deepEqual(actions(failed(30, 'keep')), ['stop', 'discard', 'showLog']);
  assert.deepEqual(actions(failed(0, 'keep')), ['discard', 'showLog']);
});

test('before the first checkpoint nothing is said to be on disk, and nothing offered to be kept', () => {
  const run = new TrainingRun(text);
  run.state = 'pausing';
  assert.equal(run.view().headline, 'Pausing');
  run.state = 'paused';
  assert.equal(run.view().headline, 'Paused before the first checkpoint; Resume begins anew');
  assert.deepEqual(actions(run), ['resume', 'discard', 'showLog']);
});

test('a warning stands beside everything else until the next checkpoint is written', () => {
  const run = new TrainingRun(text);
  run.receive(started(0));
  run.receive({ kind: 'warning', text: 'the disk is full' });
  run.receive(step());
  assert.deepEqual([run.view().note, run.view().state], ['the disk is full', 'running']);
  run.state = 'paused';
  assert.equal(run.view().note, 'the disk is full');
  run.receive({ kind: 'checkpoint', step: 11 });
  assert.equal(run.view().note, '');
});

test('in color, bits per pixel beside bits per channel value', () => {
  const run = new TrainingRun({ title: 'PixelCNN', eats: 'image', channels: 3 });
  run.receive(started(0));
  run.receive(measured(1, 3.21));
  assert.equal(fact(run, /^Bits per channel value, held out/), '3.21');
  assert.equal(fact(run, /^Bits per pixel/), '9.63');
});

test('where it goes on earlier than it was, what comes again takes the place of what was told', () => {
  const run = new TrainingRun(text);
  run.receive(started(0));
  for (let i = 1; i <= 50; i++) run.receive(step({ step: i }));
  for (const at of [20, 30, 40]) run.receive(measured(at, 3 - at / 100));
  run.receive(started(30));
  assert.deepEqual([fact(run, /Steps/), fact(run, /Best so far/)], [undefined, undefined]);
  for (let i = 31; i <= 50; i++) run.receive(step({ step: i }));
  run.receive(measured(40, 2.7));
  const [training, validation] = [run.curves.training.points(), run.curves.validation.points()];
  assert.deepEqual(validation, { steps: [20, 30, 40], values: [2.8, 2.7, 2.7] });
  assert.deepEqual(
    training.steps,
    [...Array(50).keys()].map((i) => i + 1),
  );
});

test('however long it lasts, what is sent is bounded and well formed', () => {
  const run = new TrainingRun(text);
  run.receive(started(0));
  const numSteps = 2.5 * viewLimits.curvePoints;
  for (let i = 1; i <= numSteps; i++) run.receive(step({ step: i, lossNats: i % 97 === 0 ? Number.NaN : 3 }));
  for (let i = 1; i <= 2000; i++) run.receive(measured(i * 10, 2 + 1 / i));
  for (let i = 0; i < 10; i++) run.receive({ kind: 'textSample', step: i, text: 'x'.repeat(100_000) });
  for (let i = 0; i < 10; i++) run.receive({ kind: 'baseline', name: 'gzip', bits: 2 });
  run.receive({ kind: 'warning', text: 'x'.repeat(100_000) });
  const view = run.view();
  assert.deepEqual(readToTrainingView(view), view);
  const samples = run.samplesView();
  assert.deepEqual(readToTrainingView(samples), samples);
  assert.equal(samples.samples[0]?.step, 9);
  assert.ok(JSON.stringify(view).length < 16_000);
  const feed = new CurveFeed();
  let numPoints = 0;
  for (let piece = feed.next(run.curves); piece; piece = feed.next(run.curves)) {
    assert.deepEqual(readToTrainingView(piece), piece);
    assert.ok(JSON.stringify(piece).length < 128_000);
    if (piece.name === 'training') numPoints = piece.from + piece.steps.length;
  }
  assert.ok(numPoints > viewLimits.curvePoints / 2 && numPoints <= viewLimits.curvePoints, `${numPoints}`);
});
