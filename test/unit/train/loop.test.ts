import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import { CheckpointStore } from '../../../src/train/checkpoint.ts';
import type { TrainEvent } from '../../../src/train/loop.ts';
import { ParameterMemory } from '../../../src/train/parameterMemory.ts';
import { optimizerNames } from '../../../src/train/trainOptions.ts';
import { figures, record, temporaryFolder, tinyOptions, withValidation } from './tinyRun.ts';

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
    assert.equal(lastResult.bits, wholeResult.bits);
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
  const changed = record({ ...options, data: { ...options.data, fingerprint: 'another' } });
  await changed.result;
  assert.deepEqual(changed.warnings, ['Files have changed since; it goes on with what is there now']);
});

test('after other data the best is measured anew: what was measured before is no mark for it', async (context) => {
  const folder = await temporaryFolder(context);
  const changes = { validateEverySteps: 1, patience: 3 };
  const before = await tinyOptions(folder, { ...changes, budget: { steps: 4 } });
  await record(before, { runtime: await withValidation(() => 1) }).result;
  const options = await tinyOptions(folder, { ...changes, resume: true, budget: { steps: 9 } });
  const data = { ...options.data, fingerprint: 'another' };
  const changed = record({ ...options, data }, { runtime: await withValidation((steps) => 4 - steps / 10, 4) });
  const { bestStep, reason } = await changed.result;
  assert.deepEqual([bestStep, reason], [9, 'completed']);
  assert.deepEqual(kinds(changed.events).slice(0, 2), ['validation 4', 'step 5']);
  const [first] = changed.events;
  assert.ok(first?.kind === 'validation' && Math.abs(first.lossNats - 3.6) < 1e-6);
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
  const options = await tinyOptions(folder, { budget: { steps: 12 }, validateEverySteps: 1 });
  const runtime = await withValidation((steps) => 3 + Math.abs(steps - 4) / 10);
  const { events, result } = record(options, { runtime });
  const { bestStep, bits, memory } = await result;
  const validations = events.flatMap((event) => (event.kind === 'validation' ? [event] : []));
  const best = validations.reduce((least, one) => (one.bits < least.bits ? one : least));
  assert.equal(bestStep, best.step);
  assert.equal(bits, best.bits);
  assert.equal(bestStep, 4);
  const kept = record({ ...options, checkpoints: new CheckpointStore(folder), resume: true });
  assert.deepEqual((await kept.result).memory.whole('parameters'), memory.whole('parameters'));
});

test('without improvement the rate falls, then the run ends by itself with the best; until then no budget is needed', async (context) => {
  const folder = await temporaryFolder(context);
  const options = async (name: string, resume = false) => {
    const changes = { budget: { untilStopped: true }, validateEverySteps: 2, patience: 2, resume } as const;
    return tinyOptions(`${folder}/${name}`, changes);
  };
  // Best after the first validation.
  const after = (steps: number) => withValidation((step) => 2 + step / 100, steps);
  const whole = record(await options('whole'), { runtime: await after(0) });
  const result = await whole.result;
  assert.equal(result.reason, 'converged');
  assert.equal(result.bestStep, 2);
  assert.equal(result.decayStart, null, 'it went back to its best, which no plan of steps does');
  assert.ok(result.step <= 10, 'and two more, or less where the decay is shorter');
  const rates = whole.events.flatMap((event) => (event.kind === 'step' ? [event.learningRate] : []));
  assert.ok(rates[5] === 0.01 && rates.at(-1)! < 0.01, rates.join());
  const controller = new AbortController();
  const onEvent = ({ kind, step }: TrainEvent) => {
    if (kind === 'step' && step === 7) controller.abort();
  };
  await record(await options('cut'), { runtime: await after(0), signal: controller.signal, onEvent }).result;
  const resumed = await record(await options('cut', true), { runtime: await after(7) }).result;
  assert.equal(resumed.step, result.step);
  assert.deepEqual(resumed.memory.whole('parameters'), result.memory.whole('parameters'));
  const again = record(await options('whole', true));
  assert.equal((await again.result).reason, 'converged');
  assert.deepEqual(kinds(again.events), [`done ${result.step}`]);
});

test('the rate falls from the best on; from the last, with a warning, where the best is lost', async (context) => {
  const folder = await temporaryFolder(context);
  const options = await tinyOptions(folder, {
    ...({ budget: { untilStopped: true }, validateEverySteps: 2, patience: 2, checkpointEverySteps: 1 } as const),
  });
  const { checkpoints } = options;
  const parametersAt = async (step: number) => {
    const memory = new ParameterMemory(options.architecture.parameters(options.config));
    await checkpoints.load(step, memory, []);
    return memory.whole('parameters');
  };
  const run = async (lost: boolean) => {
    let before: Promise<Float32Array> | undefined;
    const onEvent = ({ kind, step }: TrainEvent) => {
      if (kind === 'checkpoint' && step === 5) before = parametersAt(step);
      if (kind === 'step' && step === 6 && lost) rmSync(checkpoints.fileOf(2));
    };
    // Best after the first validation; after two worse ones comes one step at the falling rate.
    const runtime = await withValidation((step) => 2 + step / 100);
    const { result, warnings } = record(options, { runtime, onEvent });
    assert.equal((await result).step, 7);
    const [last, five] = [await parametersAt(7), await before!];
    return { last, five, warnings };
  };
  const apart = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - b[i]!));
  const kept = await run(false);
  const best = await parametersAt(2);
  assert.deepEqual(kept.warnings, []);
  assert.ok(apart(kept.last, best) < apart(kept.last, kept.five), 'it is near the best, not near what came before it');
  rmSync(folder, { recursive: true });
  const lost = await run(true);
  assert.match(lost.warnings[0] ?? '', /step-00000002.checkpoint.*; the learning rate falls from step 6 on/);
  assert.ok(apart(lost.last, lost.five) < apart(lost.last, best));
});

test('asked to finish it measures, keeps the best and says so; a run that was paused can be finished without a step', async (context) => {
  const folder = await temporaryFolder(context);
  const [pause, finish] = [new AbortController(), new AbortController()];
  const abortAt = (at: number, controller: AbortController) => (event: TrainEvent) => {
    if (event.kind === 'step' && event.step === at) controller.abort();
  };
  const finished = record(await tinyOptions(`${folder}/a`), { finish: finish.signal, onEvent: abortAt(5, finish) });
  const result = await finished.result;
  assert.equal(result.reason, 'kept');
  assert.deepEqual(kinds(finished.events).slice(-4), ['step 5', 'validation 5', 'checkpoint 5', 'done 5']);
  assert.equal(
    (await record(await tinyOptions(`${folder}/b`), { signal: pause.signal, onEvent: abortAt(3, pause) }).result).step,
    3,
  );
  const kept = record(await tinyOptions(`${folder}/b`, { resume: true }), { finish: finish.signal });
  assert.equal((await kept.result).bestStep, 3);
  assert.deepEqual(kinds(kept.events), ['validation 3', 'checkpoint 3', 'done 3']);
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
        run: async (inputs, outputs, options) => {
          const results = await session.run(inputs, outputs, options);
          if (outputs.length > 1 && ++runs === step) (results['lossNats'] as Tensor).data[0] = Number.NaN;
          return results;
        },
      };
    },
  };
}
