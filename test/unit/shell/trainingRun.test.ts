import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readToTrainingView, viewLimits } from '../../../src/protocol/webviewMessages.ts';
import { type StepFacts, TrainingRun } from '../../../src/shell/trainingRun.ts';

const text = { title: 'CharRNN on "demo"', eats: 'text', channels: 1 } as const;
const step = (part: Partial<StepFacts> = {}): StepFacts => ({
  step: 10,
  lossNats: 2,
  symbolsPerSecond: 37_000,
  elapsedMs: 60_000,
  remainingMs: 60_000,
  passes: 1.25,
  memoryBytes: 3e8,
  ...part,
});
const labels = (run: TrainingRun) => run.view().buttons.map(({ action }) => action);
const fact = (run: TrainingRun, label: RegExp) => run.view().facts.find((one) => label.test(one.label))?.value;

test('from the start to the end: what is said, and what can be done', () => {
  const run = new TrainingRun(text);
  assert.match(run.view().headline, /Reading the workspace/);
  assert.equal(run.view().progress, null);
  run.reading = { done: 1200, total: 4800 };
  assert.equal(run.view().headline, 'Reading the workspace: 1,200 of 4,800 files');
  assert.deepEqual([run.view().progress, run.progress()], [0.25, null]);
  assert.equal(run.progressText(), 'reading the workspace: 1,200 of 4,800 files');
  run.started({ symbols: 'tokens', measured: true });
  assert.equal(run.view().progress, null);
  run.state = 'running';
  run.stepped(step());
  assert.equal(fact(run, /Speed/), '37,000 tokens/s');
  assert.match(run.view().headline, /first measurement/);
  assert.equal(run.view().progress, 0.5);
  assert.deepEqual(labels(run), ['pause', 'stop', 'showLog']);
  assert.equal(fact(run, /Time left/), 'about 60 seconds');
  run.compared({ name: 'gzip', bits: 2.5 });
  run.measured({ step: 10, lossNats: 1.5, bits: 2 });
  assert.equal(
    run.view().headline,
    'Step 10: 2.00 bits per byte on files that it does not learn from, 20 % below gzip',
  );
  assert.equal(run.progressText(), 'step 10, 2.00 bits per byte, about 60 seconds left');
  run.state = 'paused';
  assert.deepEqual(labels(run), ['resume', 'stop', 'showLog']);
  assert.equal(fact(run, /Time left/), undefined);
  run.ended({ reason: 'converged', bits: 1.9, bestStep: 8 });
  assert.match(run.view().headline, /^Finished by itself.*: 1\.90 bits per byte.*24 % below gzip$/);
  assert.deepEqual(labels(run), ['use', 'sample', 'manage', 'showLog']);
  assert.equal(run.view().progress, 1);
});

test('the training loss is drawn in the unit of the measurements', () => {
  const run = new TrainingRun(text);
  run.stepped(step({ lossNats: Math.LN2 }));
  assert.deepEqual(run.view().training.values, [1]);
  // A symbol of this model is two bytes.
  run.measured({ step: 10, lossNats: 2 * Math.LN2, bits: 1 });
  assert.deepEqual(run.view().training.values, [0.5]);
});

test('images: another unit, and what is done with them', () => {
  const run = new TrainingRun({ title: 'PixelCNN', eats: 'image', channels: 1 });
  run.measured({ step: 1, lossNats: 1, bits: 1.4 });
  assert.equal(run.view().unit, 'bits per pixel');
  run.ended({ reason: 'stopped', bits: null, bestStep: 1 });
  assert.match(run.view().headline, /^Stopped and kept: 1\.40/);
  assert.deepEqual(labels(run), ['sample', 'manage', 'showLog']);
});

test('in color, bits per pixel beside bits per channel value', () => {
  const run = new TrainingRun({ title: 'PixelCNN', eats: 'image', channels: 3 });
  run.measured({ step: 1, lossNats: 1, bits: 3.21 });
  assert.equal(fact(run, /^Bits per channel value, held out/), '3.21');
  assert.equal(fact(run, /^Bits per pixel/), '9.63');
});

test('a failure says why; a run without held-out files says so', () => {
  const failed = new TrainingRun(text);
  failed.failed('the loss is NaN; use a lower learning rate');
  assert.match(failed.view().headline, /NaN/);
  const unmeasured = new TrainingRun(text);
  unmeasured.started({ symbols: 'bytes', measured: false });
  unmeasured.state = 'running';
  assert.equal(unmeasured.view().headline, 'Learning; nothing is held out, so how good it gets is not measured');
  assert.equal(fact(unmeasured, /held out/), undefined);
  unmeasured.ended({ reason: 'completed', bits: null, bestStep: 3 });
  assert.match(unmeasured.view().headline, /Nothing was held out/);
});

test('however long it lasts, what is sent is bounded and well formed', () => {
  const run = new TrainingRun(text);
  run.state = 'running';
  for (let i = 1; i <= 20_000; i++) run.stepped(step({ step: i, lossNats: i % 97 === 0 ? Number.NaN : 3 }));
  for (let i = 1; i <= 2000; i++) run.measured({ step: i * 10, lossNats: 1, bits: 2 + 1 / i });
  for (let i = 0; i < 10; i++) run.sampled({ step: i, type: 'text', text: 'x'.repeat(100_000) });
  for (let i = 0; i < 10; i++) run.compared({ name: `baseline ${i}`, bits: 2 });
  const view = run.view();
  assert.deepEqual(readToTrainingView(view), view);
  assert.ok(view.training.steps.length <= viewLimits.curvePoints);
  const samples = run.samplesView();
  assert.deepEqual(readToTrainingView(samples), samples);
  assert.equal(samples.samples[0]?.step, 9);
  assert.ok(JSON.stringify(view).length < 64_000);
});
