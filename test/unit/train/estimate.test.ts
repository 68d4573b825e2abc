import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { architectures } from '../../../src/models/registry.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { cadenceOf, stepsPerMinute, tryOut, warmupOf } from '../../../src/train/estimate.ts';
import { optionsOf, presetNames, presetOf } from '../../../src/train/presets.ts';
import { recipe } from '../../../src/train/recipe.ts';
import { codec, tinyConfig } from './tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

test('a trial tells the median of its steps, the first left out, and how large the process became', async () => {
  const { architecture, config } = recipe('gpt', tinyConfig, codec, undefined);
  // The times of looks: each step looks twice.
  const durations = [1000, 40, 50, 400, 30];
  let [ms, looks, turns] = [0, 0, 0];
  const trial = await tryOut(
    { architecture, config, batch: 2, time: 16, optimizer: 'muon', weightDecay: 0, clipNorm: 1, threads: 1 },
    {
      runtime: await openRuntime(),
      now: () => {
        if (looks++ % 2 === 1) ms += durations[(looks >> 1) - 1] ?? 1000;
        return ms;
      },
      memoryBytes: () => 100 + looks,
      nextTurn: async () => void turns++,
    },
  );
  assert.deepEqual(trial, { msPerStep: 45, numParameters: trial.numParameters, memoryBytes: 110 });
  assert.equal(turns, 5, 'enough after 1.5 seconds and four steps');
  assert.equal(
    trial.numParameters,
    architecture.parameters(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0),
  );
});

test('a cancelled trial leaves nothing behind', async () => {
  const { architecture, config } = recipe('gpt', tinyConfig, codec, undefined);
  const controller = new AbortController();
  const options = {
    architecture,
    config,
    batch: 1,
    time: 16,
    optimizer: 'adamw',
    weightDecay: 0,
    clipNorm: 1,
    threads: 1,
  } as const;
  const nextTurn = async () => controller.abort();
  const dependencies = { runtime: await openRuntime(), now: () => 0, memoryBytes: () => 0, nextTurn };
  await assert.rejects(tryOut(options, { ...dependencies, signal: controller.signal }), /cancelled/);
});

test('what a minute buys, beside measuring, samples and checkpoints', () => {
  assert.equal(Math.round(stepsPerMinute(100)), 545);
  assert.ok(Number.isFinite(stepsPerMinute(0)));
});

test('measured some forty times in a budget, never so often that measuring takes over', () => {
  assert.deepEqual(cadenceOf({ minutes: 10 }, 100), { validateEverySteps: 150, checkpointEverySteps: 150 });
  assert.deepEqual(cadenceOf({ minutes: 2 }, 100), { validateEverySteps: 100, checkpointEverySteps: 100 });
  assert.deepEqual(cadenceOf({ minutes: 60 }, 100), { validateEverySteps: 600, checkpointEverySteps: 300 });
  assert.deepEqual(cadenceOf({ untilStopped: true }, 100_000), { validateEverySteps: 1, checkpointEverySteps: 1 });
});

test('warm-up is a twentieth of a short run', () => {
  assert.equal(warmupOf({ minutes: 2 }, 1000, 100), 5);
  assert.equal(warmupOf({ steps: 40 }, 1000, 100), 2);
  assert.equal(warmupOf({ minutes: 60 }, 10, 100), 100);
  assert.equal(warmupOf({ minutes: 0.01 }, 1000, 100), 1);
  assert.equal(warmupOf({ untilStopped: true }, 1000, 100), 100);
});

test('every architecture has three sizes that grow, with configurations that it takes', () => {
  for (const { name, ...architecture } of architectures.values()) {
    const sizes = presetNames.map((size) => {
      const { config } = presetOf(name, size);
      const whole = architecture.parseConfig({ ...architecture.defaultConfig, ...config });
      assert.ok(optionsOf(presetOf(name, size)).batch > 0);
      return architecture.parameters(whole).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    });
    assert.ok(sizes[0]! < sizes[1]! && sizes[1]! < sizes[2]!, `${name}: ${sizes}`);
  }
  assert.throws(() => presetOf('gpt', 'huge'), /preset: expected one of small, medium, large, got huge/);
});
