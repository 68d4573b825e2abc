import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SurveyedMessage, TrainingEvent } from '../../../src/protocol/trainerMessages.ts';
import { readToTrainingView, type TrainingChoices } from '../../../src/protocol/webviewMessages.ts';
import type { Trainer, TrainerHandlers } from '../../../src/shell/trainerClient.ts';
import { Training } from '../../../src/shell/training.ts';
import { TrainingMemory, type UnfinishedRun } from '../../../src/shell/trainingMemory.ts';
import { ManualClock, settle } from '../manualClock.ts';

const presets = [
  { name: 'tiny', label: 'Tiny' },
  { name: 'small', label: 'Small' },
];
const rows = [
  { name: 'charRnn', title: 'CharRNN', eats: 'text', presets },
  { name: 'pixelCnn', title: 'PixelCNN', eats: 'image', presets },
] as const;
const image = { width: 30, height: 30, channels: 1, levels: 20, rule: 'fit' } as const;
const png = 'iVBORw0KGgoAAAANSUhEUg==';
const wish = {
  place: { kind: 'allowed', roots: [{ path: '/p', excludes: ['out'] }], left: [] },
  workspace: { hash: 'aa', name: 'demo' },
} as const;
const step = (number: number): TrainingEvent => ({
  kind: 'step',
  step: number,
  lossNats: 2,
  symbolsPerSecond: 100,
  elapsedMs: 1000 * number,
  remainingMs: 1000,
  passes: 1,
  memoryBytes: 1e6,
});

/** A training process that does what the test says. */
class FakeTrainer implements Trainer {
  readonly said: string[] = [];
  readonly wishes: Parameters<Trainer['train']>[0][] = [];
  readonly estimates: Parameters<Trainer['estimate']>[0][] = [];
  numSurveys = 0;
  disposed = false;
  readonly handlers: TrainerHandlers;
  readonly surveyed: Omit<SurveyedMessage, 'kind' | 'request'>;

  constructor(handlers: TrainerHandlers, problem: string) {
    this.handlers = handlers;
    const leftOut = [{ reason: 'binary', numFiles: 1, examples: ['a.zip'] }];
    this.surveyed = {
      numFiles: 3,
      bytes: 5000,
      partial: false,
      heldOut: true,
      read: [],
      leftOut,
      suggested: image,
      problem,
    };
  }
  async architectures() {
    return rows;
  }
  async survey() {
    this.numSurveys += 1;
    return { kind: 'surveyed', request: 1, ...this.surveyed } as const;
  }
  async preview() {
    this.said.push('preview');
    return [png];
  }
  async estimate(question: Parameters<Trainer['estimate']>[0]) {
    this.estimates.push(question);
    const estimated = {
      numFiles: 3,
      secondsPerStep: 0.1,
      stepsPerMinute: 500,
      stepsPerPass: 100,
      memoryBytes: 3e8,
      numParameters: 5e5,
    };
    return { kind: 'estimated', request: 1, ...estimated } as const;
  }
  train(question: Parameters<Trainer['train']>[0]) {
    this.said.push('train');
    this.wishes.push(question);
  }
  pause() {
    this.said.push('pause');
  }
  stop() {
    this.said.push('stop');
  }
  kill() {
    this.said.push('kill');
  }
  async ended() {}
  dispose() {
    this.disposed = true;
  }
  tell(...events: TrainingEvent[]) {
    for (const event of events) this.handlers.event(event);
  }
}

class Fixture {
  readonly clock = new ManualClock();
  readonly trainers: FakeTrainer[] = [];
  readonly removed: string[] = [];
  readonly told: string[] = [];
  readonly stored = new Map<string, unknown>();
  /** Where the checkpoints of a folder stand; of those that are not here they stand where it was told. */
  readonly onDisk = new Map<string, number>();
  heldBytes = 0;
  numChanged = 0;
  numTrained = 0;
  readonly memory: TrainingMemory;
  training: Training;

  constructor({ problem = '' } = {}) {
    const memento = {
      get: (key: string) => this.stored.get(key),
      async update(this: void, key: string, value: unknown) {
        stored.set(key, value);
      },
    };
    const { stored } = this;
    this.memory = new TrainingMemory(memento, () => undefined);
    this.training = this.#open(problem);
  }

  /** As after a reload of the window. */
  reload(): void {
    this.training.dispose();
    this.training = this.#open('');
  }

  #open(problem: string): Training {
    return new Training({
      clock: this.clock,
      log: () => undefined,
      openTrainer: (handlers) => {
        const trainer = new FakeTrainer(handlers, problem);
        this.trainers.push(trainer);
        return trainer;
      },
      memory: this.memory,
      models: {
        newPath: (architecture, stamp) => `/models/${architecture}-${stamp}`,
        remove: async (folder) => void this.removed.push(folder),
        reachedStep: async (folder) => this.onDisk.get(folder) ?? this.unfinished(folder)?.step ?? 0,
        unfinishedBytes: async () => this.heldBytes,
      },
      threads: () => 2,
      stamp: () => (this.numTrained++ === 0 ? 'now' : `now${this.numTrained}`),
      changed: () => {
        this.numChanged++;
        for (const message of this.training.messages()) readToTrainingView(message);
      },
      told: ({ kind, text }) => this.told.push(`${kind}: ${text}`),
    });
  }

  /** What is remembered of that folder, or of the last one. */
  unfinished(folder?: string): UnfinishedRun | undefined {
    return this.memory.unfinished.find(({ modelPath }) => folder === undefined || modelPath === folder);
  }

  get trainer(): FakeTrainer {
    return this.trainers.at(-1) ?? assert.fail('no process was started');
  }

  get setup() {
    const [message] = this.training.messages();
    return message?.kind === 'setup' ? message : assert.fail('the choices are not shown');
  }

  get state() {
    return this.training.run?.state;
  }

  get view() {
    return this.training.run?.view() ?? assert.fail('no training is shown');
  }

  async running(): Promise<FakeTrainer> {
    await this.training.prepare('charRnn', wish);
    this.training.start();
    this.trainer.tell({ kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true }, step(1));
    return this.trainer;
  }
}

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
  assert.equal(fixture.training.run?.view().validation.steps.length, 1, 'the curves go on');
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
