import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingChoices } from '../../../src/protocol/webviewMessages.ts';
import { Fixture, png, step, wish } from './trainingFixture.ts';

test('from the choices to the model, in one process, which is then gone', async () => {
  const fixture = new Fixture();
  await fixture.training.prepare('charRnn', wish);
  assert.deepEqual([fixture.setup.title, fixture.setup.canStart], ['Train CharRNN on "demo"', true]);
  assert.match(fixture.setup.survey?.summary ?? '', /3 images|3 files/);
  assert.deepEqual(fixture.setup.choices, { minutes: 10, preset: 'small', seed: 1, image: null });
  assert.ok(fixture.setup.estimate.some(({ value }) => value === 'about 5,000 steps'));
  fixture.training.start();
  assert.deepEqual(fixture.trainer.wishes[0], {
    eats: 'text',
    roots: wish.place.roots,
    architecture: 'charRnn',
    preset: 'small',
    minutes: 10,
    threads: 2,
    image: null,
    seed: 1,
    modelPath: '/models/charRnn-now',
    resume: false,
    workspace: wish.workspace,
  });
  assert.equal(fixture.unfinished()?.step, 0);
  fixture.trainer.tell(step(1), { kind: 'checkpoint', step: 1 });
  assert.equal(fixture.unfinished()?.step, 1);
  assert.equal(fixture.training.busyFolder, '/models/charRnn-now');
  fixture.trainer.tell({ kind: 'done', reason: 'completed', modelPath: '/models/charRnn-now', bits: 2, bestStep: 1 });
  assert.equal(fixture.training.phase, 'ended');
  assert.equal(fixture.training.finishedModelPath, '/models/charRnn-now');
  assert.deepEqual(fixture.memory.unfinished, []);
  assert.ok(fixture.trainer.disposed);
  assert.match(fixture.told.join(), /^done: CharRNN on "demo": Finished: 2\.00 bits per byte/);
  assert.equal(fixture.trainers.length, 1);
});

test('choices are tried again when they cost something, and not for the time or the seed', async () => {
  const fixture = new Fixture();
  await fixture.training.prepare('pixelCnn', wish);
  const choices: TrainingChoices = fixture.setup.choices;
  assert.deepEqual(choices.image, { width: 30, height: 30, channels: 1, levels: 16, rule: 'fit' });
  assert.equal(fixture.trainer.estimates.length, 1);
  await fixture.training.choose({ ...choices, minutes: 2, seed: 9 });
  assert.equal(fixture.trainer.estimates.length, 1);
  assert.ok(fixture.setup.estimate.some(({ value }) => value === 'about 1,000 steps'));
  await fixture.training.choose({ ...choices, image: { ...choices.image!, width: 8, height: 8 } });
  assert.deepEqual(fixture.trainer.estimates[1]?.image?.width, 8);
  assert.deepEqual(fixture.setup.preview, [png]);
  await fixture.training.choose({ ...choices, preset: 'unheard of', image: null });
  assert.equal(fixture.setup.choices.preset, 'small');
  assert.notEqual(fixture.setup.choices.image, null);
});

test('how far the reading is reaches the run', async () => {
  const fixture = new Fixture();
  await fixture.training.prepare('charRnn', wish);
  await fixture.training.start();
  fixture.trainer.tell({ kind: 'reading', done: 1, total: 4 });
  assert.match(fixture.training.run?.view().headline ?? '', /1 of 4 files/);
  fixture.trainer.tell({ kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true });
  assert.match(fixture.training.run?.view().headline ?? '', /^Learning/);
});

test('nothing to learn from: said, and not started', async () => {
  const fixture = new Fixture({ problem: 'There are no text files here' });
  await fixture.training.prepare('charRnn', wish);
  assert.equal(fixture.setup.note, 'There are no text files here');
  fixture.training.start();
  assert.deepEqual(fixture.trainer.wishes, []);
  fixture.training.cancel();
  assert.equal(fixture.training.phase, 'none');
  assert.ok(fixture.trainer.disposed);
  await assert.rejects(fixture.training.prepare('rnn', wish), /charRnn, pixelCnn/);
});

test('a pause ends the process, and another goes on from the checkpoint', async () => {
  const fixture = new Fixture();
  const first = await fixture.running();
  first.tell({ kind: 'validation', step: 1, lossNats: 1, bits: 2 });
  fixture.training.pause();
  assert.equal(fixture.state, 'pausing');
  first.tell({ kind: 'checkpoint', step: 1 }, { kind: 'paused', step: 1 });
  assert.deepEqual([fixture.training.phase, fixture.state, first.disposed], ['paused', 'paused', true]);
  assert.equal(fixture.clock.numTimers, 0);
  await fixture.training.resume(wish);
  assert.notEqual(fixture.trainer, first);
  assert.equal(fixture.trainer.wishes[0]?.resume, true);
  assert.equal(fixture.trainer.wishes[0]?.modelPath, first.wishes[0]?.modelPath);
  assert.equal(fixture.training.curves?.validation.points().steps.length, 1, 'the curves go on');
  fixture.trainer.tell({ kind: 'started', resumedStep: 1, symbols: 'bytes', measured: true }, step(2));
  assert.equal(fixture.state, 'running');
});

test('a paused one that is stopped is taken up again to be kept', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'paused', step: 1 });
  await fixture.training.stop(wish);
  assert.deepEqual(fixture.trainer.said, ['stop', 'train'], 'heard before the first step');
  assert.equal(fixture.state, 'stopping');
  fixture.trainer.tell({ kind: 'started', resumedStep: 1, symbols: 'bytes', measured: true });
  assert.equal(fixture.state, 'stopping');
  fixture.trainer.tell({ kind: 'done', reason: 'stopped', modelPath: '/models/m', bits: null, bestStep: 1 });
  assert.equal(fixture.training.phase, 'ended');
});

test('a process that does not pause is killed, and nothing but the last steps is lost', async () => {
  const fixture = new Fixture();
  const first = await fixture.running();
  first.tell({ kind: 'checkpoint', step: 1 });
  fixture.training.pause();
  fixture.clock.advance(60_000);
  assert.deepEqual(first.said.at(-1), 'kill');
  first.handlers.ended('killed by SIGKILL');
  assert.deepEqual([fixture.training.phase, fixture.unfinished()?.step], ['paused', 1]);
  assert.deepEqual(fixture.told, [], 'it was asked for');
});

test('a process that dies is told, and can be resumed', async () => {
  const fixture = new Fixture();
  const first = await fixture.running();
  first.handlers.ended('killed by SIGKILL');
  assert.equal(fixture.training.phase, 'paused');
  assert.match(fixture.view.note, /killed by SIGKILL/);
  assert.equal(fixture.told.length, 1);
  first.tell(step(7));
  assert.match(JSON.stringify(fixture.view.facts), /"Steps","value":"1,/, 'the dead are not heard');
  await fixture.training.resume(wish);
  assert.equal(fixture.training.phase, 'running');
});

test('after a reload it is offered once, and can still be resumed later', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'checkpoint', step: 40 });
  const { trainer } = fixture;
  fixture.reload();
  assert.ok(trainer.disposed, 'the process does not outlive the window');
  assert.equal((await fixture.training.takeOffer())?.step, 40);
  assert.equal(fixture.training.phase, 'paused');
  fixture.reload();
  assert.equal(await fixture.training.takeOffer(), undefined, 'offered once');
  assert.equal(fixture.training.phase, 'paused', 'and still there');
  assert.match(fixture.view.headline, /Paused at step 40/);
  await fixture.training.resume(wish);
  assert.equal(fixture.trainer.wishes[0]?.resume, true);
  fixture.reload();
  assert.equal((await fixture.training.takeOffer())?.step, 40, 'interrupted again, offered again');
});

test('one that a person paused is not offered after a reload', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'checkpoint', step: 3 }, { kind: 'paused', step: 3 });
  fixture.reload();
  assert.equal(await fixture.training.takeOffer(), undefined);
  assert.equal(fixture.training.phase, 'paused');
});

test('two trainings asked at once: the second is refused, the first goes on', async () => {
  const fixture = new Fixture();
  await fixture.running();
  await assert.rejects(fixture.training.prepare('pixelCnn', wish), /runs already/);
  await fixture.training.resume(wish);
  assert.equal(fixture.trainers.length, 1);
});
