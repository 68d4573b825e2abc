import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import { CheckpointStore } from '../../../src/train/checkpoint.ts';
import type { TrainEvent } from '../../../src/train/loop.ts';
import { optimizerNames } from '../../../src/train/trainOptions.ts';
import { figures, record, temporaryFolder, tinyOptions } from './tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const kinds = (events: readonly TrainEvent[]) => events.map(({ kind, step }) => `${kind} ${step}`);

for (const optimizer of optimizerNames) {
  test(`${optimizer}: the same options give the same bits, and the loss falls`, async (context) => {
    const folder = await temporaryFolder(context);
    const run = async (name: string) => {
      const options = await tinyOptions(`${folder}/${name}`, { optimizer, budget: { steps: 30 } });
      const recorded = record(options);
      return { recorded, result: await recorded.result };
    };
    const [a, b] = [await run('a'), await run('b')];
    assert.deepEqual(figures(a.recorded.events), figures(b.recorded.events));
    assert.deepEqual(a.result.memory.whole('parameters'), b.result.memory.whole('parameters'));
    const losses = a.recorded.events.flatMap((event) => (event.kind === 'step' ? [event.lossNats] : []));
    assert.ok(losses.at(-1)! < losses[0]! - 0.5, `from ${losses[0]} to ${losses.at(-1)}`);
    const other = await record(await tinyOptions(`${folder}/c`, { optimizer, seed: 6 })).result;
    assert.notDeepEqual(other.memory.whole('parameters'), a.result.memory.whole('parameters'));
  });

  test(`${optimizer}: stopped by a signal or killed, a resumed run equals the uninterrupted one bit for bit`, async (context) => {
    const folder = await temporaryFolder(context);
    const whole = record(await tinyOptions(`${folder}/whole`, { optimizer, accumulation: 2 }));
    const wholeResult = await whole.result;

    const controller = new AbortController();
    const stopped = record(await tinyOptions(`${folder}/cut`, { optimizer, accumulation: 2 }), {
      signal: controller.signal,
      onEvent: ({ kind, step }) => {
        if (kind === 'step' && step === 3) controller.abort();
      },
    });
    assert.equal((await stopped.result).reason, 'stopped');
    assert.deepEqual(kinds(stopped.events).slice(-3), ['step 3', 'checkpoint 3', 'done 3']);

    const killed = record(await tinyOptions(`${folder}/cut`, { optimizer, accumulation: 2, resume: true }), {
      onEvent: ({ kind, step }) => {
        if (kind === 'step' && step === 7) throw new Error('killed');
      },
    });
    await assert.rejects(killed.result, /killed/);
    assert.equal(killed.events[0]?.step, 4);

    const last = record(await tinyOptions(`${folder}/cut`, { optimizer, accumulation: 2, resume: true }));
    const lastResult = await last.result;
    assert.equal(last.events[0]?.step, 7, 'step 6 was the last checkpoint');
    const tail = (events: readonly TrainEvent[]) => figures(events.filter(({ step }) => step >= 7));
    assert.deepEqual(tail(last.events), tail(whole.events));
    assert.deepEqual(last.warnings, []);
    for (const region of ['parameters', 'first', 'second'] as const) {
      assert.deepEqual(lastResult.memory.whole(region), wholeResult.memory.whole(region), region);
    }
    assert.equal(lastResult.bitsPerByte, wholeResult.bitsPerByte);
  });
}

test('events come in order: steps, validation, checkpoint, done', async (context) => {
  const folder = await temporaryFolder(context);
  const { events, result } = record(await tinyOptions(folder, { budget: { steps: 5 } }));
  await result;
  assert.deepEqual(kinds(events), [
    ...['step 1', 'step 2', 'checkpoint 2', 'step 3', 'step 4', 'validation 4', 'checkpoint 4'],
    ...['step 5', 'validation 5', 'checkpoint 5', 'done 5'],
  ]);
});

test('resuming a completed run only says that it is done', async (context) => {
  const folder = await temporaryFolder(context);
  const first = await record(await tinyOptions(folder)).result;
  const again = record(await tinyOptions(folder, { resume: true }));
  const { memory } = await again.result;
  assert.deepEqual(kinds(again.events), ['done 9']);
  assert.deepEqual(memory.whole('parameters'), first.memory.whole('parameters'));
});

test('other options are refused on resuming, other data is told', async (context) => {
  const folder = await temporaryFolder(context);
  await record(await tinyOptions(folder, { budget: { steps: 2 } })).result;
  const options = await tinyOptions(folder, { resume: true, budget: { steps: 3 } });
  await assert.rejects(record({ ...options, batch: 3 }).result, /batch was 2, now it is 3; resume with the same/);
  const training = { ...options.training, documents: options.training.documents.slice(1) };
  const changed = record({ ...options, training });
  await changed.result;
  assert.match(changed.warnings.join(), /training was .* not the run it would have been/);
});

test('a loss that is no number stops the run and keeps the last good checkpoint', async (context) => {
  const folder = await temporaryFolder(context);
  const options = await tinyOptions(folder);
  const { events, result } = record(options, { runtime: poisoned(await openRuntime(), 4) });
  await assert.rejects(result, /step 4: the loss is NaN .*step-00000002.checkpoint; use a learning rate below 0.01/);
  assert.deepEqual(kinds(events).at(-1), 'step 3');
  const resumed = record(await tinyOptions(folder, { resume: true }));
  await resumed.result;
  assert.equal(resumed.events[0]?.step, 3);
});

test('minutes: the decay starts by the clock, and its steps given as such reproduce the run', async (context) => {
  const folder = await temporaryFolder(context);
  const byClock = record(await tinyOptions(`${folder}/clock`, { budget: { minutes: 1 } }));
  const { decayStart, step } = await byClock.result;
  assert.ok(decayStart !== null && decayStart > 2 && decayStart < step, `decay from ${decayStart} of ${step}`);
  const bySteps = record(await tinyOptions(`${folder}/steps`, { budget: { steps: step, decayStart } }));
  await bySteps.result;
  assert.deepEqual(figures(bySteps.events), figures(byClock.events));
});

test('the parameters handed back are those of the best validation', async (context) => {
  const folder = await temporaryFolder(context);
  // A rate this high gets worse again.
  const schedule = { kind: 'wsd', learningRate: 2, warmupSteps: 1, decayFraction: 0 } as const;
  const options = await tinyOptions(folder, { schedule, budget: { steps: 12 }, validateEverySteps: 1 });
  const { events, result } = record(options);
  const { bestStep, bitsPerByte, memory } = await result;
  const validations = events.flatMap((event) => (event.kind === 'validation' ? [event] : []));
  const best = validations.reduce((least, one) => (one.bitsPerByte < least.bitsPerByte ? one : least));
  assert.equal(bestStep, best.step);
  assert.equal(bitsPerByte, best.bitsPerByte);
  assert.ok(bestStep < 12, 'the example no longer gets worse');
  const kept = record({ ...options, checkpoints: new CheckpointStore(folder), resume: true });
  assert.deepEqual((await kept.result).memory.whole('parameters'), memory.whole('parameters'));
});

/** Makes the loss of one step no number. */
function poisoned(runtime: Runtime, step: number): Runtime {
  return {
    ...runtime,
    createSession: async (source, options) => {
      const session = await runtime.createSession(source, options);
      let runs = 0;
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        dispose: () => session.dispose(),
        run: async (inputs, outputs) => {
          const results = await session.run(inputs, outputs);
          if (outputs.length > 1 && ++runs === step) (results['lossNats'] as Tensor).data[0] = Number.NaN;
          return results;
        },
      };
    },
  };
}
