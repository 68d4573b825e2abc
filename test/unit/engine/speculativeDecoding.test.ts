// Decoding with guesses against decoding one symbol a run: the same symbols, the same rows, the same held sequences.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import type { AutoregressiveModel } from '../../../src/base/model.ts';
import { Random } from '../../../src/base/random.ts';
import { greedy, likeliestOf } from '../../../src/engine/sampler.ts';
import { SequenceCache } from '../../../src/engine/sequenceCache.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { runtimes } from '../../runtimes.ts';
import { tinyConfigs, tinyModel } from '../../tinyModels.ts';
import { fakeModel, vocab } from './fakeSession.ts';
import { cuttableModelOf } from './plainModels.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const options = { maxBytes: 1e6, maxSequences: 3, chunkSymbols: 16 };
const toleranceNats = 1e-4;

/** Every run takes as long as any other, so that guesses cost nothing and are tried wherever there are any. */
function eagerCache(model: AutoregressiveModel): SequenceCache {
  let readings = 0;
  return new SequenceCache(model, { ...options, clock: { now: () => readings++ } });
}

function plainCache(model: AutoregressiveModel): SequenceCache {
  return new SequenceCache(model, { ...options, speculation: 'never' });
}

interface Decoded {
  readonly symbols: number[];
  readonly rows: Float32Array[];
  readonly reused: number;
}

/** The prompt, then `length` symbols, greedily, all of them stepped. */
async function decode(cache: SequenceCache, prompt: Int32Array, length: number, signal?: AbortSignal) {
  const decoded = await cache.run(prompt, { signal }, async (run): Promise<Decoded> => {
    const symbols: number[] = [];
    const rows = [run.logProbs];
    for (let i = 0; i < length; i++) {
      const { symbol } = greedy(rows[i]!);
      symbols.push(symbol);
      rows.push(await run.step(symbol, { maxSymbols: length - i - 1, isLast: () => false }));
    }
    return { symbols, rows, reused: run.reusedSymbols };
  });
  return decoded!;
}

/** DESIGN.md's sense of same: equal, or first different where the two likeliest are closer than the tolerance. */
function assertSame(actual: Decoded, expected: Decoded, message: string) {
  for (const [i, row] of expected.rows.entries()) {
    for (const [v, nats] of row.entries())
      assert.ok(
        Math.abs(nats - actual.rows[i]![v]!) < toleranceNats,
        `${message}: row ${i}: ${nats} and ${actual.rows[i]![v]}`,
      );
    if (actual.symbols[i] === expected.symbols[i]) continue;
    const [first, second] = likeliestOf(row, 2);
    assert.ok(first!.logProb - second!.logProb < toleranceNats, message);
    return;
  }
}

/** Some that repeat, some that do not, some that do in parts. */
function promptOf(random: Random, length: number, size: number): Int32Array {
  const period = [1, 3, 7, length][random.nextInteger(4)]!;
  const symbols = Int32Array.from({ length }, () => random.nextInteger(size));
  for (let t = period; t < length; t++) if (random.nextFloat() < 0.95) symbols[t] = symbols[t - period]!;
  return symbols;
}

for (const [name, runtime] of Object.entries(runtimes)) {
  for (const [index, config] of tinyConfigs['gpt']!.entries()) {
    test(`${name}, gpt ${index}: the same as plain decoding, to the end of the context`, async () => {
      const architecture = architectureNamed('gpt');
      const parsed = architecture.parseConfig(config);
      for (let seed = 0; seed < 4; seed++) {
        const random = new Random(seed);
        const { model } = tinyModel(runtime, architecture, parsed, random);
        const [eager, plain] = [eagerCache(model), plainCache(model)];
        for (let request = 0; request < 4; request++) {
          const length = 1 + random.nextInteger(model.contextLength - 1);
          const prompt = promptOf(random, length, architecture.vocabularySize(parsed));
          const rest = model.contextLength - length;
          const [actual, expected] = [await decode(eager, prompt, rest), await decode(plain, prompt, rest)];
          assertSame(actual, expected, `seed ${seed}, request ${request}`);
          assert.equal(actual.reused, expected.reused);
        }
        for (const one of [eager, plain, model]) one.dispose();
      }
    });
  }
}

test('what is held is what was stepped, whatever was guessed beyond it', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const random = new Random(seed);
    const { model } = fakeModel({ contextLength: 400 });
    const [eager, plain] = [eagerCache(model), plainCache(model)];
    let text = promptOf(random, 40, vocab);
    for (let edit = 0; edit < 20; edit++) {
      const length = random.nextInteger(12);
      const [actual, expected] = [await decode(eager, text, length), await decode(plain, text, length)];
      assert.deepEqual(actual.symbols, expected.symbols, `seed ${seed}, edit ${edit}`);
      assert.equal(actual.reused, expected.reused, `seed ${seed}, edit ${edit}`);
      assert.equal(eager.numSequences, plain.numSequences);
      const accepted = actual.symbols.slice(0, random.nextInteger(12));
      const kept = random.nextFloat() < 0.5 ? text : text.subarray(0, 1 + random.nextInteger(text.length));
      text = Int32Array.of(...kept, ...accepted, ...promptOf(random, random.nextInteger(4), vocab));
    }
    for (const one of [eager, plain, model]) one.dispose();
  }
});

/** Continues a text of that period, and knows nothing better than its own fancy where there is none. */
function periodicModel(period: number, runs: number[]): AutoregressiveModel {
  return cuttableModelOf(
    { size: 50, start: 0 },
    1000,
    (history, row) => {
      const next = history.at(-period) ?? 1;
      row.fill(-10);
      row[period > 0 ? next : (history.length * 7919 + history.at(-1)! * 31) % 50] = -0.01;
    },
    (length) => runs.push(length),
  );
}

test('text that repeats takes a fraction of the runs; text that does not, as many as symbols', async () => {
  const runs: number[] = [];
  const random = new Random(2);
  for (const [period, atMost] of [
    [5, 14],
    [0, 60],
  ] as const) {
    const model = periodicModel(period, runs);
    const cache = eagerCache(model);
    await decode(cache, promptOf(random, 40, 50), 0);
    runs.length = 0;
    await decode(
      cache,
      Int32Array.from({ length: 40 }, (_, t) => 10 + (t % (period || 40))),
      60,
    );
    const decoding = runs.slice(3); // The prompt takes the first.
    assert.ok(decoding.length <= atMost, `period ${period}: ${decoding}`);
    assert.ok(Math.max(...runs) <= 16);
    cache.dispose();
    model.dispose();
  }
});

test('the last symbols that may be stepped, and what ends a text, bound what is guessed', async () => {
  const runs: number[] = [];
  const model = periodicModel(5, runs);
  const cache = eagerCache(model);
  const prompt = Int32Array.from({ length: 40 }, (_, t) => 10 + (t % 5));
  const stepAll = (maxSymbols: number, last: number) =>
    cache.run(prompt, {}, async (run) => {
      await run.step(10, { maxSymbols: 0, isLast: () => false });
      runs.length = 0;
      await run.step(11, { maxSymbols, isLast: (symbol) => symbol === last });
    });
  await stepAll(2, -1);
  assert.deepEqual(runs, [3]);
  await stepAll(0, -1);
  assert.deepEqual(runs, [1]);
  await stepAll(9, 14);
  assert.deepEqual(runs, [3], 'after 12 and 13 comes the last');
  cache.dispose();
  model.dispose();
});

test('a guess that failed is forgotten, also by steps that ask for none', async () => {
  const runs: number[] = [];
  const model = periodicModel(5, runs);
  const [eager, plain] = [eagerCache(model), plainCache(model)];
  const prompt = Int32Array.from({ length: 40 }, (_, t) => 10 + (t % 5));
  const ahead = { maxSymbols: 9, isLast: () => false };
  const rowsOf = (cache: SequenceCache) =>
    cache.run(prompt, {}, async (run) => [
      await run.step(10, ahead),
      await run.step(11, ahead),
      await run.step(40),
      await run.step(12),
      await run.step(13, ahead),
      await run.step(14),
    ]);
  await rowsOf(eager);
  assert.deepEqual(await rowsOf(eager), await rowsOf(plain));
  for (const one of [eager, plain, model]) one.dispose();
});

test('states that cannot be cut back are stepped one symbol a run', async () => {
  const { model, runs } = fakeModel({ recurrent: true });
  const cache = eagerCache(model);
  await decode(cache, Int32Array.of(0, 1, 2, 1, 2, 1, 2), 0);
  runs.steps.length = 0;
  const decoded = await decode(cache, Int32Array.of(0, 1, 2, 1, 2, 1, 2), 9);
  assert.deepEqual(runs.steps, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  assert.equal(decoded.reused, 6);
  cache.dispose();
  model.dispose();
});

test('cancelled or failed at any run, the cache answers as a cold one', async () => {
  for (let at = 1; at < 8; at++) {
    for (const fails of [false, true]) {
      let left = Number.POSITIVE_INFINITY;
      const controller = new AbortController();
      const { model } = fakeModel({
        contextLength: 200,
        beforeRun: () => {
          left -= 1;
          if (left === 0 && fails) throw new Error('out of memory');
          if (left === 0) controller.abort();
        },
      });
      const [eager, plain] = [eagerCache(model), plainCache(model)];
      const prompt = promptOf(new Random(at), 30, vocab);
      await decode(eager, prompt, 20);
      left = at;
      await assert.rejects(decode(eager, Int32Array.of(...prompt, 3), 100, controller.signal), (error) =>
        fails ? error instanceof Error : error instanceof CancelledError,
      );
      left = Number.POSITIVE_INFINITY;
      for (const next of [prompt, Int32Array.of(...prompt, 3), Int32Array.of(...prompt, 3, 4)]) {
        assert.deepEqual((await decode(eager, next, 20)).symbols, (await decode(plain, next, 20)).symbols);
      }
      for (const one of [eager, plain, model]) one.dispose();
    }
  }
});
