// What goes wrong with a training, and what is there with others that are paused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../manualClock.ts';
import { Fixture, step, wish } from './trainingFixture.ts';

const failed = (reason: string, diverged = false) => ({ kind: 'failed', reason, diverged }) as const;
const actions = ({ view }: Fixture) => view.buttons.map(({ action }) => action);

test('a failure before the first checkpoint leaves nothing, one after it can be resumed', async () => {
  const early = new Fixture();
  (await early.running()).tell(failed('only binary files'));
  await settle();
  assert.deepEqual([early.training.phase, early.memory.unfinished], ['ended', []]);
  assert.deepEqual(early.removed, ['/models/charRnn-now']);
  assert.match(early.told.join(), /^failed: .*only binary files/);

  const late = new Fixture();
  (await late.running()).tell({ kind: 'checkpoint', step: 9 }, failed('the disk is full'));
  assert.deepEqual([late.training.phase, late.removed.length], ['paused', 0]);
  assert.ok(actions(late).includes('resume'));
  assert.equal(late.unfinished()?.offered, true);
  await late.training.forget('/models/charRnn-now');
  assert.deepEqual([late.training.phase, late.memory.unfinished], ['none', []]);
});

test('a resume that fails deletes nothing, whatever was last told of the run', async () => {
  const fixture = new Fixture();
  await fixture.running();
  fixture.reload();
  // The checkpoint that was written when the window closed was not heard of.
  fixture.onDisk.set('/models/charRnn-now', 7);
  await fixture.training.resume(wish);
  assert.equal(fixture.unfinished()?.step, 7);
  fixture.trainer.tell(failed('the drive cannot be read'));
  fixture.onDisk.set('/models/charRnn-now', 0);
  await settle();
  assert.deepEqual([fixture.removed, fixture.training.phase], [[], 'paused']);
  const other = new Fixture();
  await other.running();
  other.reload();
  await other.training.resume(wish);
  other.trainer.tell(failed('another process trains there'));
  await settle();
  assert.deepEqual([other.removed, other.unfinished()?.step, actions(other)[0]], [[], 0, 'resume']);
});

test('when the loss is no number any more the best is kept, and it is not gone on with, also after a reload', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'checkpoint', step: 9 }, failed('at step 12 the loss was no number', true));
  for (const _ of ['before', 'after']) {
    assert.match(fixture.view.headline, /no number.* by step 9 is on disk/);
    assert.deepEqual(actions(fixture).slice(0, 2), ['stop', 'discard']);
    await assert.rejects(fixture.training.resume(wish), /keep the best so far/);
    fixture.reload();
  }
  await fixture.training.stop(wish);
  assert.deepEqual([fixture.state, fixture.trainer.wishes[0]?.resume], ['stopping', true]);
});

test('another training leaves the paused one as it is, says so, and either can be resumed', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'paused', step: 55 });
  await fixture.training.prepare('pixelCnn', wish);
  assert.match(fixture.setup.note, /CharRNN on "demo" stays paused/);
  fixture.training.start();
  fixture.trainer.tell(
    { kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true },
    { kind: 'paused', step: 3 },
  );
  assert.deepEqual(
    fixture.training.paused.map(({ modelPath, step }) => [modelPath, step]),
    [
      ['/models/pixelCnn-now2', 3],
      ['/models/charRnn-now', 55],
    ],
  );
  await fixture.training.resume(wish, '/models/charRnn-now');
  assert.deepEqual(
    [fixture.training.busyFolder, fixture.training.paused.map(({ modelPath }) => modelPath)],
    ['/models/charRnn-now', ['/models/pixelCnn-now2']],
  );
  assert.match(fixture.view.title, /CharRNN/);
  fixture.reload();
  assert.equal((await fixture.training.takeOffer())?.modelPath, '/models/charRnn-now');
});

test('what is paused and has lost its checkpoints is not begun again under its name', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'paused', step: 55 });
  fixture.onDisk.set('/models/charRnn-now', 0);
  await assert.rejects(fixture.training.resume(wish), /checkpoints of CharRNN on "demo" are gone; train it anew/);
  assert.deepEqual([fixture.training.phase, fixture.memory.unfinished, fixture.trainers.length], ['none', [], 1]);
  const reloaded = new Fixture();
  (await reloaded.running()).tell({ kind: 'checkpoint', step: 9 });
  reloaded.onDisk.set('/models/charRnn-now', 0);
  reloaded.reload();
  assert.equal(await reloaded.training.takeOffer(), undefined);
  assert.deepEqual([reloaded.training.phase, reloaded.memory.unfinished], ['none', []]);
});

test('one that goes on earlier than it stood says so', async () => {
  const fixture = new Fixture();
  (await fixture.running()).tell({ kind: 'paused', step: 55 });
  await fixture.training.resume(wish);
  fixture.trainer.tell({ kind: 'started', resumedStep: 50, symbols: 'bytes', measured: true });
  assert.match(fixture.view.note, /goes on from step 50/);
  assert.equal(fixture.unfinished()?.step, 50);
});

test('paused before the first checkpoint it begins anew, and there is nothing to be kept', async () => {
  const fixture = new Fixture();
  await fixture.training.prepare('charRnn', wish);
  fixture.training.start();
  fixture.training.pause();
  assert.equal(fixture.view.headline, 'Pausing');
  fixture.trainer.tell({ kind: 'paused', step: 0 });
  assert.match(fixture.view.headline, /before the first checkpoint/);
  assert.deepEqual(actions(fixture), ['resume', 'discard', 'showLog']);
  await assert.rejects(fixture.training.stop(wish), /learnt nothing yet/);
  await fixture.training.resume(wish);
  assert.equal(fixture.state, 'starting');
});

test('discarded, it is gone from the disk and from what is remembered, when no process writes there any more', async () => {
  const fixture = new Fixture();
  const first = await fixture.running();
  first.tell({ kind: 'paused', step: 55 });
  await fixture.training.prepare('pixelCnn', wish);
  fixture.training.start();
  fixture.trainer.tell({ kind: 'checkpoint', step: 3 });
  await fixture.training.discard();
  assert.deepEqual(fixture.trainer.said.slice(-1), ['kill']);
  assert.deepEqual([fixture.removed, fixture.training.phase], [['/models/pixelCnn-now2'], 'paused']);
  assert.match(fixture.view.headline, /Paused at step 55/);
  await fixture.training.discard();
  assert.deepEqual([fixture.removed.length, fixture.training.phase, fixture.memory.unfinished], [2, 'none', []]);
  assert.deepEqual(fixture.training.messages(), []);
});

test('a process that dies while the choices are made is followed by another, which looks at the workspace first', async () => {
  const fixture = new Fixture();
  await fixture.training.prepare('charRnn', wish);
  const first = fixture.trainer;
  first.handlers.ended('killed by SIGKILL');
  await fixture.training.choose({ ...fixture.setup.choices, preset: 'tiny' });
  assert.notEqual(fixture.trainer, first);
  assert.deepEqual([fixture.trainer.numSurveys, fixture.trainer.estimates.length], [1, 1]);
  assert.match(fixture.setup.note, /^Ready/);
  fixture.training.start();
  assert.deepEqual(fixture.trainer.said, ['train']);
});

test('a training begins at once, and once; what unfinished ones hold is told before when it is much', async () => {
  const fixture = new Fixture();
  fixture.heldBytes = 2.4e9;
  await fixture.training.prepare('charRnn', wish);
  assert.match(fixture.setup.note, /not finished hold 2\.4 GB; delete some/);
  fixture.training.start();
  assert.equal(fixture.training.phase, 'running');
  fixture.training.start();
  assert.equal(fixture.trainer.wishes.length, 1);
});

test('a warning is told once and stays in view until a checkpoint is written', async () => {
  const fixture = new Fixture();
  const trainer = await fixture.running();
  trainer.tell({ kind: 'warning', text: 'full at 2' }, { kind: 'warning', text: 'full at 4' });
  assert.deepEqual(fixture.told, ['warning: CharRNN on "demo": full at 2']);
  assert.equal(fixture.view.note, 'full at 4');
  trainer.tell({ kind: 'checkpoint', step: 6 });
  assert.equal(fixture.view.note, '');
  trainer.tell({ kind: 'warning', text: 'full at 8' });
  assert.equal(fixture.told.length, 2);
});

test('steps redraw the view a few times a second, not each', async () => {
  const fixture = new Fixture();
  const trainer = await fixture.running();
  fixture.clock.advance(1000);
  const before = fixture.numChanged;
  for (let i = 2; i < 100; i++) trainer.tell(step(i));
  assert.equal(fixture.numChanged, before);
  fixture.clock.advance(250);
  assert.equal(fixture.numChanged, before + 1);
  fixture.training.dispose();
  assert.equal(fixture.clock.numTimers, 0);
});
