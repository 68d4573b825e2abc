// Gradients lie where the optimizer reads them, and are the same to the bit on both runtimes.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import { ParameterMemory } from '../../../src/train/parameterMemory.ts';
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
  const memory = new ParameterMemory(architecture.parameters(config));
  const random = new Random(3);
  memory.initialize(random);
  const numSymbols = architecture.vocabularySize(config) - 1;
  const rowLength = architecture.consumes === 'image' ? architecture.contextLength(config) : time;
  const options = { architecture, config, batch, time: rowLength, threads };
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
  for (const threads of [1, 2]) {
    test(`${name}, ${threads} threads: the same losses, gradients and states on both runtimes`, async () => {
      const plain = await gradientsOf(runtimes.plain, name, threads);
      const native = await gradientsOf(runtimes.native, name, threads);
      assert.deepEqual(native, plain);
      const [first, sum, third] = plain.gradients;
      assert.ok([first, sum, third].every((gradient) => gradient!.some((value) => value !== 0)));
      assert.notDeepEqual(sum, third);
    });
  }
}

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
