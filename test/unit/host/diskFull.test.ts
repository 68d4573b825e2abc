// A disk that fills up while a model is trained, through everything that takes part: the window's training, its wire, and the real
// trainer process, whose disk refuses to be written to while a file says so. Told in words, nothing lost, and gone on with.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../../src/base/clock.ts';
import { readModelFolder } from '../../../src/formats/modelFolder.ts';
import { readConfig } from '../../../src/models/registry.ts';
import { TrainedModels } from '../../../src/shell/trainedModels.ts';
import { TrainerClient } from '../../../src/shell/trainerClient.ts';
import { Training } from '../../../src/shell/training.ts';
import { TrainingMemory } from '../../../src/shell/trainingMemory.ts';
import { until } from '../until.ts';
import { textWorkspace } from './textWorkspace.ts';

// Inside of the repository, so that the native library is found from there.
const built = path.resolve('out', `full-${process.pid}`);
const flag = path.join(built, 'full');
const hostPath = path.join(built, 'fullDisk.js');
mkdirSync(built, { recursive: true });
after(() => rmSync(built, { recursive: true, force: true }));
// The bundler is found from here at run time; it cannot be bundled itself.
const esbuild: typeof import('esbuild') = createRequire(path.resolve('package.json'))('esbuild');
const { common } = (await import(pathToFileURL(path.resolve('scripts/build.mjs')).href)) as { common: object };
await esbuild.build({ ...common, entryPoints: ['src/host.ts'], outfile: path.join(built, 'host.js') });
// Linux has a device that is always full: there the refusal is the kernel's own.
writeFileSync(
  hostPath,
  `const fs = require('node:fs/promises');
  const { open, writeFile } = fs;
  const isFull = () => require('node:fs').existsSync(${JSON.stringify(flag)});
  const refuse = async () => {
    if (process.platform === 'linux') await writeFile('/dev/full', '.');
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  fs.writeFile = (...args) => (isFull() ? refuse() : writeFile(...args));
  fs.open = async (...args) => {
    const handle = await open(...args);
    const write = handle.write.bind(handle);
    handle.write = (...bytes) => (isFull() ? refuse() : write(...bytes));
    return handle;
  };
  require('./host.js');`,
);
const fill = () => writeFileSync(flag, '');
const empty = () => rmSync(flag);
const patienceMs = 60_000;

test('a full disk: said while the training goes on and when it ends; the last checkpoint stays and is resumed', async (context) => {
  const { root, models } = await textWorkspace(context);
  const modelPath = path.join(models, 'charRnn-1');
  const checkpoints = () => readdirSync(path.join(modelPath, 'checkpoints')).sort();
  const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}.checkpoint`;
  const wish = {
    place: { kind: 'allowed', roots: [{ path: root, excludes: [] }], left: [] },
    workspace: { hash: 'abc', name: 'demo' },
  } as const;
  let stored: unknown;
  const remembered: number[] = [];
  const memento = {
    get: () => stored,
    update: async (_: string, value: unknown) => {
      stored = value;
      remembered.push(memory.unfinished[0]?.step ?? -1);
    },
  };
  const memory = new TrainingMemory(memento, () => undefined);
  await memory.rememberUnfinished({
    ...{
      architecture: 'charRnn',
      title: 'CharRNN on "demo"',
      eats: 'text',
      modelPath,
      offered: true,
      step: 0,
      diverged: false,
    },
    choices: { minutes: null, preset: 'small', seed: 3, image: null },
  });
  const told: string[] = [];
  const ended: Promise<void>[] = [];
  const training = new Training({
    clock: systemClock,
    log: () => undefined,
    openTrainer: (handlers) => {
      const trainer = new TrainerClient({ hostPath, clock: systemClock, log: () => undefined, handlers });
      ended.push(trainer.ended());
      return trainer;
    },
    memory,
    models: new TrainedModels(path.dirname(modelPath), () => undefined),
    threads: () => 1,
    stamp: () => '1',
    changed: () => undefined,
    told: ({ kind, text }) => told.push(`${kind}: ${text}`),
  });
  context.after(async () => {
    training.dispose();
    await Promise.all(ended);
  });
  const run = () => training.run ?? assert.fail('there is no training');
  const headline = () => run().view().headline;
  const stepOf = () => run().curves.training.points().steps.at(-1) ?? 0;
  const reached = () => remembered.at(-1) ?? assert.fail('nothing is remembered');
  const canResume = () =>
    run()
      .view()
      .buttons.some(({ action }) => action === 'resume');

  await training.resume(wish);
  await until('a step', () => stepOf() > 0, patienceMs);
  training.pause();
  await until('the pause', () => training.phase === 'paused', patienceMs);
  const first = reached();
  assert.deepEqual(checkpoints(), [nameOf(first)]);
  // The clock made it a checkpoint every few seconds; here one comes with each step.
  const record = path.join(modelPath, 'run.json');
  writeFileSync(
    record,
    readFileSync(record, 'utf8').replace(/"checkpointEverySteps": \d+/, '"checkpointEverySteps": 1'),
  );

  // Full before it begins: it does not begin, and nothing is touched.
  fill();
  await training.resume(wish);
  await until('its end', () => training.phase === 'paused', patienceMs);
  assert.match(headline(), /^The training ended: .*cannot be written: the disk is full; free some space and try again/);
  assert.match(told.at(-1) ?? '', /^failed: CharRNN on "demo": .*the disk is full/);
  assert.deepEqual(checkpoints(), [nameOf(first)]);
  assert.ok(canResume());

  // Full in the middle: it is said and the training goes on; ended then, it ends with words and with the last that was written.
  empty();
  await training.resume(wish);
  await until('the next checkpoint', () => reached() > first, patienceMs);
  fill();
  await until('the warning', () => told.at(-1)?.startsWith('warning: ') ?? false, patienceMs);
  const said = /the disk is full; free some space.*ENOSPC.*goes on.*last good state is .*checkpoint/;
  assert.match(told.at(-1) ?? '', said);
  assert.match(run().view().note, said);
  const [warnedAt, last] = [stepOf(), reached()];
  await until('more steps', () => stepOf() > warnedAt, patienceMs);
  assert.equal(training.phase, 'running');
  training.pause();
  await until('its end', () => training.phase === 'paused', patienceMs);
  assert.match(headline(), new RegExp(`the disk is full; free some space .*the last good state is .*${nameOf(last)}`));
  assert.equal(told.filter((one) => one.startsWith('warning: ')).length, 1, 'told once, not with each checkpoint');
  assert.ok(checkpoints().includes(nameOf(last)), `${checkpoints()}`);
  assert.ok(
    checkpoints().every((name) => /^step-\d{8}\.checkpoint$/.test(name)),
    'nothing half written is left',
  );
  assert.ok(!readdirSync(modelPath).includes('lock') && canResume());

  // Room again: it goes on where the last checkpoint stands, and comes to a model.
  empty();
  await training.resume(wish);
  await until('the next checkpoint', () => reached() > last, patienceMs);
  assert.equal(
    remembered.find((step) => step > last),
    last + 1,
  );
  assert.equal(run().view().note, '');
  await training.stop(wish);
  await until('its end', () => training.phase === 'ended', patienceMs);
  assert.match(told.at(-1) ?? '', /^done: CharRNN on "demo": Stopped and kept/);
  await readModelFolder(modelPath, { verify: true, readConfig });
});
