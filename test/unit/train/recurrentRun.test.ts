// A run whose rows go on from each other: the state is carried over, kept in checkpoints, and a resumed run equals the uninterrupted one.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { CarriedStates } from '../../../src/train/carriedStates.ts';
import { gatherCorpora } from '../../../src/train/gatherCorpus.ts';
import type { TrainEvent } from '../../../src/train/loop.ts';
import { ParameterMemory } from '../../../src/train/parameterMemory.ts';
import { recipe } from '../../../src/train/recipe.ts';
import { streamData } from '../../../src/train/textData.ts';
import type { TrainOptions } from '../../../src/train/trainOptions.ts';
import { TrainSession } from '../../../src/train/trainSession.ts';
import { validationLoss } from '../../../src/train/validation.ts';
import { codec, figures, record, temporaryFolder, tinyOptions, tinyTexts } from './tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const config = { embeddingSize: 6, hiddenSize: 10, numLayers: 2 };

async function recurrentOptions(folder: string, changes: Partial<TrainOptions> = {}): Promise<TrainOptions> {
  const data = streamData(await gatherCorpora({ codec, texts: tinyTexts() }), codec, 0.5);
  const { architecture, config: whole } = recipe('charRnn', config, codec, undefined);
  return tinyOptions(folder, { architecture, config: whole, data, accumulation: 2, ...changes });
}

test('killed and stopped, it goes on bit for bit, the carried states included', async (context) => {
  const folder = await temporaryFolder(context);
  const whole = record(await recurrentOptions(`${folder}/whole`));
  const expected = await whole.result;
  const controller = new AbortController();
  const stopAt = (at: number) => (event: TrainEvent) => {
    if (event.kind !== 'step' || event.step !== at) return;
    if (at === 7) throw new Error('killed');
    controller.abort();
  };
  await record(await recurrentOptions(`${folder}/cut`), { signal: controller.signal, onEvent: stopAt(3) }).result;
  const resume = () => recurrentOptions(`${folder}/cut`, { resume: true });
  await assert.rejects(record(await resume(), { onEvent: stopAt(7) }).result, /killed/);
  const last = record(await resume());
  const result = await last.result;
  assert.deepEqual(last.warnings, []);
  const tail = (events: readonly TrainEvent[]) => figures(events.filter(({ step }) => step >= 7));
  assert.deepEqual(tail(last.events), tail(whole.events));
  for (const region of ['parameters', 'first', 'second'] as const) {
    assert.deepEqual(result.memory.whole(region), expected.memory.whole(region), region);
  }
});

test('a checkpoint of another batch is refused', async (context) => {
  const folder = await temporaryFolder(context);
  await record(await recurrentOptions(folder, { budget: { steps: 2 } })).result;
  const options = await recurrentOptions(folder, { budget: { steps: 3 }, resume: true, batch: 3 });
  await assert.rejects(record(options).result, /the configuration and the batch it was started with/);
});

test('long rows in one go and short rows one after the other give the same loss', async () => {
  const { architecture, config: whole } = recipe('charRnn', config, codec, undefined);
  const memory = new ParameterMemory(architecture.parameters(whole));
  memory.initialize(new Random(3));
  const symbols = codec.encodeText('a state that is carried over is worth something\n'.repeat(3)).subarray(0, 49);
  const row = (from: number, length: number) => symbols.slice(from, from + length + 1);
  const runtime = await openRuntime();
  const loss = async (time: number, count: number) => {
    const settings = { architecture, config: whole, batch: 1, time, threads: 1 };
    const session = await TrainSession.create(runtime, settings, memory);
    try {
      const rows = Array.from({ length: count }, (_, i) => row(i * time, time));
      const continues = rows.map((_, i) => i > 0);
      const held = { rows, numTargets: time * count, numUnits: 48 };
      const cut = { ...held, continues: rows.map(() => false) };
      return [
        (await validationLoss(session, 1, { ...held, continues })).lossNats,
        (await validationLoss(session, 1, cut)).lossNats,
      ] as const;
    } finally {
      session.dispose();
    }
  };
  const [[long], [short, forgetful]] = [await loss(48, 1), await loss(12, 4)];
  assert.ok(Math.abs(long - short) < 1e-5, `${long} and ${short}`);
  assert.ok(Math.abs(long - forgetful) > 1e-4, 'the state does not matter');
});

test('states of slots are read in place, replaced, and reset one by one', () => {
  const states = new CarriedStates([{ name: 'h', shape: [2, 3] }], 2, 4);
  states.take({ 'next.h': float32(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]) }, 2, 2);
  states.reset(2);
  assert.deepEqual([...states.buffers[0]!], [0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6]);
  assert.deepEqual([...states.inputs(2, 2)['carried.h']!.data], [0, 0, 0, 4, 5, 6]);
});
