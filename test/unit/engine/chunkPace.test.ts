import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkPace, minChunkSymbols } from '../../../src/engine/chunkPace.ts';
import { SequenceCache } from '../../../src/engine/sequenceCache.ts';
import { ManualClock } from '../manualClock.ts';
import { fakeModel, vocab } from './fakeSession.ts';

/** A machine that takes so long for a symbol, and each run of a pace on it. */
function machine(targetMs = 25, maxSymbols = 256) {
  const clock = new ManualClock();
  const pace = new ChunkPace({ clock, targetMs, maxSymbols });
  const run = async (msPerSymbol: number, symbols = pace.symbols) => {
    await pace.measure(symbols, async () => clock.advance(symbols * msPerSymbol));
    return symbols;
  };
  const runs = async (count: number, msPerSymbol: number) => {
    const sizes: number[] = [];
    for (let i = 0; i < count; i++) sizes.push(await run(msPerSymbol));
    return sizes;
  };
  return { pace, run, runs };
}

test('runs grow until they take as long as they should, within bounds', async () => {
  assert.deepEqual(await machine().runs(6, 0.25), [16, 32, 64, 96, 96, 96]);
  assert.deepEqual(await machine().runs(6, 0.01), [16, 32, 64, 128, 256, 256]);
  assert.deepEqual(await machine().runs(3, 5), [16, 16, 16], 'fewer gain nothing');
  assert.deepEqual(await machine(25, 8).runs(3, 1), [8, 8, 8]);
});

test('one run that the machine held up changes nothing, and neither do many, once they are over', async () => {
  const { run, runs } = machine();
  await runs(8, 0.1);
  await run(40);
  assert.deepEqual(await runs(3, 0.1), [240, 240, 240]);
  await runs(20, 40);
  assert.deepEqual((await runs(12, 0.1)).slice(-3), [240, 240, 240], 'the way back is not long either');
});

test('a machine that has become slower is noticed within a few runs', async () => {
  const { runs } = machine();
  await runs(8, 0.1);
  assert.deepEqual(await runs(5, 0.5), [240, 240, 240, 48, 48]);
});

test('a few symbols say nothing of many, and do not begin anew', async () => {
  const { run, pace } = machine();
  for (let i = 0; i < 20; i++) await run(10, 1);
  assert.equal(pace.symbols, minChunkSymbols);
  for (let i = 0; i < 8; i++) await run(0.1);
  await run(0.1, 20);
  assert.equal(pace.symbols, 240);
});

test('what failed was not measured', async () => {
  const { pace } = machine();
  await assert.rejects(
    pace.measure(64, () => Promise.reject(new Error('out of memory'))),
    /out of memory/,
  );
  assert.equal(pace.symbols, minChunkSymbols);
});

test('a sequence cache takes its chunks at that pace', async () => {
  const clock = new ManualClock();
  const { model, runs } = fakeModel({ contextLength: 1000, beforeRun: () => clock.advance(8) });
  const cache = new SequenceCache(model, { maxBytes: 1e6, maxSequences: 2, chunkSymbols: 128, chunkMs: 24, clock });
  const symbols = Int32Array.from({ length: 700 }, (_, i) => i % vocab);
  await cache.run(symbols, {}, async (run) => run.step(1));
  assert.deepEqual(runs.steps, [16, 32, 64, 96, 128, 128, 128, 108, 1]);
  cache.dispose();
  model.dispose();
});
