// Gradients lie where the optimizer reads them; they are the same to the bit on both runtimes, and but for rounding however the batch is
// cut into shards.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import type { TrainEvent } from '../../../src/train/loop.ts';
import { numScratch, numShards } from '../../../src/train/shards.ts';
import { TrainSession } from '../../../src/train/trainSession.ts';
import { runtimes } from '../../runtimes.ts';
import { tinyConfigs } from '../../tinyModels.ts';
import { record, temporaryFolder, tinyOptions } from './tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const [batch, time] = [4, 20];

/** Losses, and the gradients after each run: one, a second that is added to it, and a third that replaces both. */
async function gradientsOf(runtime: Runtime, name: string, threads: number) {
  const architecture = architectureNamed(name);
  const config = architecture.parseConfig(tinyConfigs[name]![0]);
  const numSymbols = architecture.vocabularySize(config) - 1;
  const rowLength = architecture.consumes === 'image' ? architecture.contextLength(config) : time;
  const options = { architecture, config, batch, time: rowLength, threads, accumulation: 2 };
  const memory = TrainSession.memoryFor(runtime, options);
  const random = new Random(3);
  memory.initialize(random);
  const session = await TrainSession.create(runtime, options, memory);
  try {
    const states = session.newStates(batch);
    const losses: number[] = [];
    const gradients: Float32Array[] = [];
    for (const accumulate of [false, true, false]) {
      for (let row = 0; row < batch; row++) {
        session.setRow(
          row,
          Int32Array.from({ length: rowLength + 1 }, () => random.nextInteger(numSymbols)),
        );
      }
      losses.push(await session.run({ accumulate, from: { states, firstSlot: 0 } }));
      gradients.push(memory.whole('gradients').slice());
    }
    losses.push(await session.loss());
    return { losses, gradients, states: states.buffers };
  } finally {
    session.dispose();
  }
}

for (const name of Object.keys(tinyConfigs)) {
  test(`${name}: the same losses, gradients and states on both runtimes`, async () => {
    const plain = await gradientsOf(runtimes.plain, name, 1);
    const native = await gradientsOf(runtimes.native, name, 1);
    assert.deepEqual(native, plain);
    const [first, sum, third] = plain.gradients;
    assert.ok([first, sum, third].every((gradient) => gradient!.some((value) => value !== 0)));
    assert.notDeepEqual(sum, third);
  });

  test(`${name}: shards give the same but for rounding, and the same bits each time`, async () => {
    const whole = await gradientsOf(runtimes.native, name, 1);
    for (const threads of [2, 4]) {
      const shards = await gradientsOf(runtimes.native, name, threads);
      assert.deepEqual(await gradientsOf(runtimes.native, name, threads), shards);
      for (const [i, loss] of whole.losses.entries()) assert.ok(Math.abs(shards.losses[i]! - loss) < 1e-5);
      const pairs = [...whole.gradients, ...whole.states].map(
        (array, i) => [array, [...shards.gradients, ...shards.states][i]!] as const,
      );
      for (const [expected, got] of pairs) {
        const norm = Math.hypot(...expected);
        assert.ok(Math.hypot(...expected.map((value, i) => value - got[i]!)) < 1e-5 * norm, `${threads} threads`);
      }
    }
  });
}

test('a batch is cut into as many equal shards as there are threads, at most four; nowhere that a run blocks the thread', () => {
  const check = (batch: number, threads: number, shards: number) =>
    assert.equal(numShards({ background: true }, batch, threads), shards, `${batch} rows, ${threads} threads`);
  check(32, 1, 1);
  check(32, 2, 2);
  check(32, 8, 4);
  check(6, 4, 3);
  check(7, 4, 1);
  check(1, 4, 1);
  assert.equal(numShards({ background: false }, 32, 4), 1);
  assert.deepEqual([numScratch(1, 1), numScratch(2, 1), numScratch(1, 2), numScratch(4, 3)], [0, 1, 1, 4]);
});

test('when one shard fails, the error comes after all have ended', async () => {
  const { native } = runtimes;
  let numRunning = 0;
  let numSessions = 0;
  const failing: Runtime = {
    ...native,
    createSession: async (source, options) => {
      const session = await native.createSession(source, options);
      const fails = numSessions++ === 1; // The first finds out the size of blocks.
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        dispose: () => session.dispose(),
        run: async (...all) => {
          numRunning += 1;
          try {
            if (fails) throw new Error('a shard failed');
            return await session.run(...all);
          } finally {
            numRunning -= 1;
          }
        },
      };
    },
  };
  await assert.rejects(gradientsOf(failing, 'gpt', 2), /a shard failed/);
  assert.equal(numRunning, 0);
  assert.equal(numSessions, 4);
});

test('a run on shards that is interrupted goes on to the same bits', async (context) => {
  const folder = await temporaryFolder(context);
  const runtime = runtimes.native;
  const whole = await record(await tinyOptions(`${folder}/a`, { threads: 2 }), { runtime }).result;
  const stopping = new AbortController();
  const onEvent = ({ kind, ...event }: TrainEvent) => {
    if (kind === 'step' && 'step' in event && event.step === 5) stopping.abort();
  };
  const options = await tinyOptions(`${folder}/b`, { threads: 2 });
  const first = await record(options, { runtime, onEvent, signal: stopping.signal }).result;
  assert.equal(first.reason, 'stopped');
  const second = await record({ ...options, resume: true }, { runtime }).result;
  assert.deepEqual(second.memory.whole('parameters'), whole.memory.whole('parameters'));
});

for (const optimizer of ['adamw', 'muon'] as const) {
  test(`a run with ${optimizer} ends with the same parameters on both runtimes`, async (context) => {
    const folder = await temporaryFolder(context);
    const parameters = [];
    for (const [name, runtime] of Object.entries(runtimes)) {
      const options = await tinyOptions(`${folder}/${name}`, { optimizer, accumulation: 2 });
      const { memory } = await record(options, { runtime }).result;
      parameters.push(memory.whole('parameters').slice());
    }
    assert.deepEqual(parameters[0], parameters[1]);
  });
}
