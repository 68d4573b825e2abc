// From a workspace's files to a model folder, by the messages of the trainer role, in this process: surveys, estimates, whole runs that
// are paused, resumed, stopped and kept. The clock goes on by a fixed time whenever someone looks at it.
import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Clock } from '../../../src/base/clock.ts';
import { liveObjects } from '../../../src/base/disposable.ts';
import { decodeImage } from '../../../src/files/images/decodeImage.ts';
import { encodePng } from '../../../src/files/images/encodePng.ts';
import { readModelFolder } from '../../../src/formats/modelFolder.ts';
import { startTrainerRole } from '../../../src/host/trainerRole.ts';
import { trainingWorks } from '../../../src/host/training.ts';
import { readConfig } from '../../../src/models/registry.ts';
import {
  type FromTrainer,
  readFromTrainer,
  type ToTrainer,
  type TrainMessage,
} from '../../../src/protocol/trainerMessages.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { Runtime, Session } from '../../../src/runtime/session.ts';
import { type Preset, presetOf } from '../../../src/train/presets.ts';
import { temporaryFolder } from '../train/tinyRun.ts';
import { until } from '../until.ts';
import { textWorkspace } from './textWorkspace.ts';

after(() => assert.deepEqual(liveObjects(), {}));

function tickingClock(msPerLook: number): Clock {
  let ms = 0;
  return {
    now: () => {
      ms += msPerLook;
      return ms;
    },
    after: () => () => undefined,
  };
}

const tinyConfigs: Readonly<Record<string, object>> = {
  gpt: { hiddenSize: 16, numLayers: 1, numHeads: 2, numKeyValueHeads: 1, intermediateSize: 24, contextLength: 32 },
  charRnn: { embeddingSize: 8, hiddenSize: 12, numLayers: 1 },
  pixelCnn: { hiddenSize: 8, numLayers: 1, firstKernel: 3, outputSize: 8 },
};

function tinyPreset(architecture: string, name: string): Preset {
  const { time, ...preset } = presetOf(architecture, name);
  const shorter = time === undefined ? {} : { time: 16 };
  return { ...preset, ...shorter, batch: 2, vocabularySize: 300, config: { ...tinyConfigs[architecture] } };
}

interface Trainer {
  readonly messages: FromTrainer[];
  send(message: ToTrainer): void;
  got<Kind extends FromTrainer['kind']>(kind: Kind): Promise<Extract<FromTrainer, { kind: Kind }>>;
  all<Kind extends FromTrainer['kind']>(kind: Kind): Extract<FromTrainer, { kind: Kind }>[];
}

function started(
  onMessage: (message: FromTrainer, trainer: Trainer) => void = () => undefined,
  msPerLook = 200,
  open: () => Promise<Runtime> = openRuntime,
  presets = tinyPreset,
): Trainer {
  const messages: FromTrainer[] = [];
  let receive: (value: unknown) => void = () => undefined;
  const ofKind = (kind: string) => messages.filter((message) => message.kind === kind);
  const trainer: Trainer = {
    messages,
    send: (message) => receive(message),
    all: (kind) => ofKind(kind) as never,
    got: async (kind) => {
      const ended = () => ofKind('failed').length > 0 || ofKind('refused').length > 0;
      await until(kind, () => ofKind(kind).length > 0 || ended(), 60_000);
      assert.ok(ofKind(kind).length > 0, JSON.stringify(messages.slice(-3)).slice(0, 3000));
      return ofKind(kind).at(-1) as never;
    },
  };
  const wire = {
    send: (message: FromTrainer) => {
      messages.push(readFromTrainer(message));
      onMessage(message, trainer);
    },
    onMessage: (listener: (value: unknown) => void) => {
      receive = listener;
    },
    exit: () => undefined,
  };
  const memoryBytes = () => 1000;
  const dependencies = { openRuntime: open, clock: tickingClock(msPerLook), memoryBytes, presetOf: presets };
  startTrainerRole(wire, (log) => trainingWorks(dependencies, log));
  return trainer;
}

/** Every loss that comes with gradients is NaN. */
function withoutNumbers(session: Session): Session {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    dispose: () => session.dispose(),
    run: async (inputs, outputs, options) => {
      const results = await session.run(inputs, outputs, options);
      if (outputs.some((name) => name.startsWith('gradient.'))) results['lossNats']!.data[0] = Number.NaN;
      return results;
    },
  };
}

const textWish = (root: string, models: string): TrainMessage => ({
  kind: 'train',
  ...{ eats: 'text', roots: [{ path: root, excludes: [] }], architecture: 'charRnn', preset: 'small', minutes: 0.1 },
  ...{ threads: 1, image: null, seed: 3, modelPath: path.join(models, 'charRnn-1'), resume: false },
  workspace: { hash: 'abc', name: 'demo' },
});

test('a workspace of text: surveyed, estimated, learnt from; the model says where it learnt', async (context) => {
  const { root, models } = await textWorkspace(context);
  const trainer = started();
  trainer.send({ kind: 'hello', protocolVersion: 1 });
  const { architectures } = await trainer.got('ready');
  assert.deepEqual(
    architectures.map(({ name, eats }) => `${name} ${eats}`),
    ['gpt text', 'charRnn text', 'pixelCnn image'],
  );
  const { kind, seed, modelPath, resume, workspace, ...asked } = textWish(root, models);
  const { eats, roots, minutes, ...wish } = asked;
  trainer.send({ kind: 'survey', request: 1, eats, roots });
  const surveyed = await trainer.got('surveyed');
  assert.equal(surveyed.numFiles, 6);
  assert.equal(surveyed.problem, '');
  assert.equal(surveyed.heldOut, true);
  assert.ok(trainer.all('reading').every(({ done, total }) => done <= total && total === 7));
  assert.ok(trainer.all('reading').length > 0);
  assert.deepEqual(
    surveyed.leftOut.map(({ reason, numFiles }) => [reason, numFiles]),
    [['binary', 1]],
  );
  trainer.send({ kind: 'estimate', request: 2, ...wish });
  const estimated = await trainer.got('estimated');
  assert.ok(estimated.secondsPerStep > 0 && estimated.memoryBytes > 1000 && estimated.numParameters > 1000);
  assert.ok(estimated.stepsPerPass > 50, `${estimated.stepsPerPass}`);
  trainer.send({ kind, seed, modelPath, resume, workspace, ...asked });
  const done = await trainer.got('done');
  assert.equal(done.reason, 'completed');
  for (const expected of ['started', 'baseline', 'step', 'validation', 'checkpoint', 'textSample'] as const) {
    assert.ok(trainer.all(expected).length > 0, expected);
  }
  const { description } = await readModelFolder(modelPath, { verify: true, readConfig });
  assert.deepEqual(description.provenance.workspace, workspace);
  assert.equal(description.bitsPerByte, done.bits);
  assert.equal(description.provenance.data, 'The text of the workspace "demo"');
  assert.ok(!(await readdir(modelPath)).includes('checkpoints'), 'they serve nobody any more');
  assert.ok(!(await readdir(modelPath)).includes('lock'));
});

test('a GPT makes its tokenizer on the way', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = { ...textWish(root, models), architecture: 'gpt', modelPath: path.join(models, 'gpt-1') };
  const trainer = started();
  trainer.send({ kind: 'survey', request: 1, eats: 'text', roots: wish.roots });
  const { threads, image, preset, architecture } = wish;
  trainer.send({ kind: 'estimate', request: 2, architecture, preset, threads, image });
  assert.ok((await trainer.got('estimated')).stepsPerPass > 1);
  trainer.send(wish);
  await trainer.got('done');
  const { codec } = await readModelFolder(wish.modelPath, { verify: true, readConfig });
  assert.equal(codec.kind, 'bpe');
});

test('paused it can be killed; resumed in another process it goes on; asked to stop it keeps the best', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = { ...textWish(root, models), minutes: null };
  const first = started((message, self) => {
    if (message.kind === 'step' && message.step >= 3) self.send({ kind: 'pause' });
  });
  first.send(wish);
  const { step } = await first.got('paused');
  assert.ok(step >= 3);
  const second = started((message, self) => {
    if (message.kind === 'step' && message.step >= step + 2) self.send({ kind: 'stop' });
  });
  second.send({ ...wish, resume: true });
  const done = await second.got('done');
  assert.equal(done.reason, 'stopped');
  assert.equal(second.all('started')[0]!.resumedStep, step);
  assert.equal(second.all('step')[0]!.step, step + 1);
  await readModelFolder(wish.modelPath, { verify: true, readConfig });
});

test('a run goes on as it began, also when the sizes are others by then; without a record of them it does not', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = textWish(root, models);
  const pauseAfter = (last: number) => (message: FromTrainer, self: Trainer) => {
    if (message.kind === 'step' && message.step >= last) self.send({ kind: 'pause' });
  };
  const first = started(pauseAfter(2));
  first.send(wish);
  const { step } = await first.got('paused');
  const updated = (architecture: string, name: string): Preset => ({
    ...tinyPreset(architecture, name),
    ...{ batch: 3, learningRate: 0.5, warmupSteps: 7, optimizer: 'muon', time: 24, config: { hiddenSize: 20 } },
  });
  const second = started(pauseAfter(step + 1), 900, openRuntime, updated);
  second.send({ ...wish, resume: true });
  await second.got('paused');
  assert.equal(second.all('started')[0]!.resumedStep, step);
  assert.deepEqual(second.all('warning'), []);
  await rm(path.join(wish.modelPath, 'run.json'));
  const third = started();
  third.send({ ...wish, resume: true });
  await until('the refusal', () => third.all('failed').length > 0);
  assert.match(third.all('failed')[0]!.reason, /cannot be resumed, .*run\.json/);
});

test('while the workspace is read a pause is heard, and leaves nothing; so is a stop', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = textWish(root, models);
  const read = (then: ToTrainer) => (message: FromTrainer, self: Trainer) => {
    if (message.kind === 'log' && message.text.startsWith('codec')) self.send(then);
  };
  const paused = started(read({ kind: 'pause' }));
  paused.send(wish);
  assert.equal((await paused.got('paused')).step, 0);
  assert.deepEqual(paused.all('started'), []);
  assert.ok(!(await readdir(wish.modelPath)).includes('checkpoints'));
  const stopped = started(read({ kind: 'stop' }));
  stopped.send({ ...wish, resume: true });
  await until('its end', () => stopped.all('failed').length > 0);
  assert.match(stopped.all('failed')[0]!.reason, /learnt nothing yet/);
});

test('what was paused can be kept without another step; of nothing nothing is kept', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = textWish(root, models);
  const first = started((message, self) => {
    if (message.kind === 'started') self.send({ kind: 'pause' });
    if (message.kind === 'step') self.send({ kind: 'pause' });
  });
  first.send(wish);
  await first.got('paused');
  const nothing = started();
  nothing.send({ kind: 'stop' });
  nothing.send({ ...wish, modelPath: path.join(models, 'other') });
  await until('the refusal', () => nothing.all('failed').length > 0);
  assert.match(nothing.all('failed')[0]!.reason, /learnt nothing yet/);
});

test('pictures: surveyed with what suits them, shown as they will be learnt, learnt from', async (context) => {
  const folder = await temporaryFolder(context);
  const root = path.join(folder, 'art');
  await mkdir(root);
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: 64 }, (_, at) => ((at % 8) * 16 + i * 13 * (at >> 3)) % 256);
    await writeFile(path.join(root, `tile${i}.png`), encodePng({ width: 8, height: 8, channels: 1, data }));
  }
  await writeFile(path.join(root, 'broken.png'), 'PNG?');
  const trainer = started();
  const roots = [{ path: root, excludes: [] }];
  trainer.send({ kind: 'survey', request: 1, eats: 'image', roots });
  const surveyed = await trainer.got('surveyed');
  assert.deepEqual(surveyed.suggested, { width: 8, height: 8, channels: 1, levels: 256, rule: 'crop' });
  const image = { ...surveyed.suggested!, levels: 16, rule: 'fit' } as const;
  trainer.send({ kind: 'preview', request: 2, image, count: 3 });
  const { images: shown } = await trainer.got('previewed');
  assert.equal(shown.length, 3);
  const values = new Set((await decodeImage(Buffer.from(shown[0]!, 'base64'))).data);
  assert.ok(
    [...values].every((value) => value % 17 === 0),
    'sixteen levels',
  );
  const modelPath = path.join(folder, 'models', 'pixelCnn-1');
  const wish = { architecture: 'pixelCnn', preset: 'small', threads: 1, image };
  trainer.send({ kind: 'estimate', request: 3, ...wish });
  assert.equal((await trainer.got('estimated')).stepsPerPass, 6);
  const workspace = { hash: 'abc', name: 'art' };
  trainer.send({
    kind: 'train',
    eats: 'image',
    roots,
    ...wish,
    minutes: 0.1,
    seed: 1,
    modelPath,
    resume: false,
    workspace,
  });
  const done = await trainer.got('done');
  assert.ok(trainer.all('imageSample').length > 0 && trainer.all('baseline')[0]!.name === 'PNG');
  const { description } = await readModelFolder(modelPath, { verify: true, readConfig });
  assert.equal(description.bitsPerDimension, done.bits!);
  assert.equal(description.bitsPerByte, null);
  assert.equal(description.codec.kind === 'image' && description.codec.rule, 'fit');
});

test('one tiny file is learnt from, and a part of it is measured with', async (context) => {
  const folder = await temporaryFolder(context);
  const root = path.join(folder, 'tiny');
  await mkdir(root);
  await writeFile(path.join(root, 'only.md'), 'one line, and another\n'.repeat(14));
  const trainer = started();
  trainer.send(textWish(root, path.join(folder, 'models')));
  const done = await trainer.got('done');
  assert.ok(done.bits !== null && done.bits > 0);
  const [begun] = trainer.all('started');
  assert.deepEqual([begun?.symbols, begun?.measured], ['bytes', true]);
});

test('a single image is learnt from, and nothing is measured: told from the survey on', async (context) => {
  const folder = await temporaryFolder(context);
  const root = path.join(folder, 'one');
  await mkdir(root);
  const data = Uint8Array.from({ length: 64 }, (_, at) => at * 4);
  await writeFile(path.join(root, 'only.png'), encodePng({ width: 8, height: 8, channels: 1, data }));
  const trainer = started();
  const roots = [{ path: root, excludes: [] }];
  trainer.send({ kind: 'survey', request: 1, eats: 'image', roots });
  const { heldOut, suggested: image } = await trainer.got('surveyed');
  assert.equal(heldOut, false);
  const wish = textWish(root, path.join(folder, 'models'));
  trainer.send({ ...wish, eats: 'image', architecture: 'pixelCnn', image });
  assert.equal((await trainer.got('done')).bits, null);
  const [begun] = trainer.all('started');
  assert.deepEqual([begun?.symbols, begun?.measured], ['values', false]);
});

test('a loss that is no number ends the training; the last good checkpoint stays, and can be kept', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = { ...textWish(root, models), minutes: null };
  const first = started((message, self) => {
    if (message.kind === 'step' && message.step >= 3) self.send({ kind: 'pause' });
  });
  first.send(wish);
  const { step } = await first.got('paused');
  const broken = started(undefined, 200, async () => {
    const runtime = await openRuntime();
    return {
      ...runtime,
      createSession: async (source, options) => withoutNumbers(await runtime.createSession(source, options)),
    };
  });
  broken.send({ ...wish, resume: true });
  await until('the failure', () => broken.all('failed').length > 0);
  const reason = `at step ${step + 1} the loss was no number any more`;
  assert.deepEqual(broken.all('failed'), [{ kind: 'failed', reason, diverged: true }]);
  const kept = started();
  kept.send({ kind: 'stop' });
  kept.send({ ...wish, resume: true });
  assert.equal((await kept.got('done')).reason, 'stopped');
});

test('empty folders, only binary files, a folder that is gone: said in words', async (context) => {
  const folder = await temporaryFolder(context);
  const binary = path.join(folder, 'binary');
  await mkdir(path.join(folder, 'empty'));
  await mkdir(binary);
  await writeFile(path.join(binary, 'a.dat'), new Uint8Array(100));
  const trainer = started();
  const problemOf = async (root: string, eats: 'text' | 'image') => {
    trainer.send({ kind: 'survey', request: trainer.messages.length, eats, roots: [{ path: root, excludes: [] }] });
    const before = trainer.all('surveyed').length;
    await until('the survey', () => trainer.all('surveyed').length > before);
    return trainer.all('surveyed').at(-1)!.problem;
  };
  assert.match(await problemOf(path.join(folder, 'empty'), 'text'), /No text .* was found; the folders are empty/);
  assert.match(await problemOf(binary, 'text'), /No text .* beside the 1 files/);
  assert.match(await problemOf(binary, 'image'), /No image/);
  trainer.send(textWish(path.join(folder, 'gone'), path.join(folder, 'models')));
  await until('the failure', () => trainer.all('failed').length > 0);
  assert.match(trainer.all('failed')[0]!.reason, /gone: cannot be read/);
});

test('a second training in the same folder is refused', async (context) => {
  const { root, models } = await textWorkspace(context);
  const wish = { ...textWish(root, models), minutes: null };
  const second = started();
  const first = started((message, self) => {
    if (message.kind !== 'step' || message.step !== 1) return;
    second.send({ ...wish, resume: true });
    void until('the refusal', () => second.all('failed').length > 0).then(() => self.send({ kind: 'pause' }));
  });
  first.send(wish);
  await first.got('paused');
  assert.match(second.all('failed')[0]!.reason, /got one in which process \d+ trains; wait for it or stop it/);
});
