import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { greedy } from '../../../src/engine/sampler.ts';
import { SequenceCache } from '../../../src/engine/sequenceCache.ts';
import { fakeModel, vocab } from './fakeSession.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const options = { maxBytes: 1e6, maxSequences: 8, chunkSymbols: 4 };

/** Greedy continuation through a cache. */
function decode(cache: SequenceCache, prompt: Int32Array, length: number) {
  return cache.run(prompt, {}, async (run) => {
    const symbols: number[] = [];
    let row = run.logProbs;
    for (let i = 0; i < length; i++) {
      const { symbol } = greedy(row);
      symbols.push(symbol);
      row = await run.step(symbol);
    }
    return { symbols, reused: run.reusedSymbols };
  });
}

function randomSymbols(length: number, random: Random): number[] {
  return Array.from({ length }, () => random.nextInteger(vocab));
}

for (const recurrent of [false, true]) {
  const kind = recurrent ? 'snapshots' : 'views';

  test(`${kind}: what is reused gives the answers of a cold model, over random edits`, async () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = new Random(seed);
      const { model } = fakeModel({ recurrent, contextLength: 400 });
      const cache = new SequenceCache(model, { ...options, maxSequences: 2 });
      let text = randomSymbols(30, random);
      for (let edit = 0; edit < 25; edit++) {
        const at = random.nextFloat() < 0.7 ? text.length : random.nextInteger(text.length + 1);
        text = text.toSpliced(at, random.nextInteger(4), ...randomSymbols(random.nextInteger(5), random));
        const prompt = Int32Array.of(0, ...text);
        const cold = new SequenceCache(model, { ...options, chunkSymbols: 1000 });
        const warm = await decode(cache, prompt, 3);
        assert.deepEqual(warm?.symbols, (await decode(cold, prompt, 3))?.symbols, `seed ${seed}, edit ${edit}`);
        cold.dispose();
      }
      cache.dispose();
      model.dispose();
    }
  });
}

test('only what is new is stepped, and what was decoded counts as known', async () => {
  const { model, runs } = fakeModel();
  const cache = new SequenceCache(model, options);
  const prompt = Int32Array.of(0, 3, 4, 5, 6, 2);
  const first = await decode(cache, prompt, 3);
  assert.deepEqual(runs.steps, [4, 2, 1, 1, 1]);
  assert.equal(first?.reused, 0);

  runs.steps.length = 0;
  const typed = await decode(cache, Int32Array.of(...prompt, ...first.symbols, 3), 0);
  assert.equal(typed?.reused, 9);
  assert.deepEqual(runs.steps, [1]);

  runs.steps.length = 0;
  const same = await decode(cache, prompt, 1);
  assert.equal(same?.reused, 5, 'the last symbol is stepped again, for its distribution');
  assert.deepEqual(runs.steps, [1, 1]);
  cache.dispose();
  model.dispose();
});

test('a request that leaves a long sequence copies its prefix, so that both stay warm', async () => {
  const { model } = fakeModel({ contextLength: 1000 });
  const cache = new SequenceCache(model, { ...options, chunkSymbols: 64 });
  const random = new Random(1);
  const here = Int32Array.of(0, ...randomSymbols(300, random));
  const there = Int32Array.of(...here.subarray(0, 50), ...randomSymbols(200, random));
  await decode(cache, here, 0);
  assert.equal((await decode(cache, there, 0))?.reused, 50);
  assert.equal(cache.numSequences, 2);
  assert.equal((await decode(cache, Int32Array.of(...here, 3), 0))?.reused, 301);
  assert.equal((await decode(cache, Int32Array.of(...there, 3), 0))?.reused, 250);
  cache.dispose();
  model.dispose();
});

test('memory and number are bounded; the least recently used goes first', async () => {
  const { model } = fakeModel({ contextLength: 100 });
  const bytesOfOne = 64 * 2 * 3 * 4;
  const cache = new SequenceCache(model, { ...options, maxBytes: 2 * bytesOfOne });
  const prompts = [1, 2, 3].map((first) => Int32Array.of(first, ...randomSymbols(20, new Random(first))));
  for (const prompt of prompts) await decode(cache, prompt, 0);
  assert.equal(cache.numSequences, 2);
  assert.equal(cache.sizeBytes, 2 * bytesOfOne);
  assert.equal((await decode(cache, prompts[0]!, 0))?.reused, 0);
  assert.equal((await decode(cache, prompts[2]!, 0))?.reused, 20);
  cache.dispose();
  model.dispose();
});

test('a request cancelled between two chunks leaves what it stepped for the next one', async () => {
  const controller = new AbortController();
  let left = 3;
  const { model, runs } = fakeModel({
    beforeRun: () => {
      left -= 1;
      if (left === 0) controller.abort();
    },
  });
  const cache = new SequenceCache(model, options);
  const prompt = Int32Array.of(0, ...randomSymbols(20, new Random(5)));
  const cancelled = cache.run(prompt, { signal: controller.signal }, async () => 'done');
  await assert.rejects(cancelled, CancelledError);
  assert.deepEqual(runs.steps, [4, 4, 4]);
  const after = await decode(cache, prompt, 2);
  assert.equal(after?.reused, 12);
  const cold = new SequenceCache(model, options);
  assert.deepEqual(after?.symbols, (await decode(cold, prompt, 2))?.symbols);
  cold.dispose();
  cache.dispose();
  model.dispose();
});

test('a request cancelled while decoding leaves the cache usable', async () => {
  const { model } = fakeModel();
  const cache = new SequenceCache(model, options);
  const controller = new AbortController();
  const prompt = Int32Array.of(0, 3, 4, 5);
  const cancelled = cache.run(prompt, { signal: controller.signal }, async (run) => {
    await run.step(2);
    controller.abort();
    await run.step(2);
  });
  await assert.rejects(cancelled, CancelledError);
  assert.equal((await decode(cache, Int32Array.of(...prompt, 2, 3), 0))?.reused, 5);
  cache.dispose();
  model.dispose();
});

test('out of time between two chunks: undefined, and the next request goes on from there', async () => {
  const { model } = fakeModel();
  const cache = new SequenceCache(model, options);
  const prompt = Int32Array.of(0, ...randomSymbols(10, new Random(3)));
  assert.equal(await cache.run(prompt, { proceed: () => false }, async () => 'done'), undefined);
  assert.equal((await decode(cache, prompt, 0))?.reused, 4);
  cache.dispose();
  model.dispose();
});

test('a run that fails keeps what was there', async () => {
  let fail = false;
  const { model } = fakeModel({
    beforeRun: () => {
      if (fail) throw new Error('out of memory');
    },
  });
  const cache = new SequenceCache(model, options);
  await decode(cache, Int32Array.of(0, 3, 4), 0);
  fail = true;
  await assert.rejects(decode(cache, Int32Array.of(0, 3, 4, 5), 0), /out of memory/);
  fail = false;
  assert.equal((await decode(cache, Int32Array.of(0, 3, 4, 5), 0))?.reused, 3);
  cache.dispose();
  model.dispose();
});

test('requests are served one after another, and disposing waits for the one under way', async () => {
  const { model } = fakeModel();
  const cache = new SequenceCache(model, options);
  const order: string[] = [];
  const first = cache.run(Int32Array.of(0, 1), {}, async (run) => {
    order.push('first begins');
    await run.step(1);
    order.push('first ends');
  });
  const second = cache.run(Int32Array.of(0, 2), {}, async () => order.push('second'));
  await Promise.all([first, second]);
  assert.deepEqual(order, ['first begins', 'first ends', 'second']);
  const last = cache.run(Int32Array.of(0, 3), {}, async (run) => run.step(1));
  await new Promise(setImmediate);
  cache.dispose();
  await last;
  await assert.rejects(
    cache.run(Int32Array.of(0), {}, async () => 0),
    /disposed of/,
  );
  model.dispose();
});

test('work ahead copies what a request has left, and newer work ahead takes its place', async () => {
  const { model, runs } = fakeModel();
  const cache = new SequenceCache(model, options);
  const prompt = Int32Array.of(0, 3, 4, 5, 6, 2);
  await decode(cache, prompt, 2);
  for (const symbol of [3, 4, 5]) {
    await cache.run(Int32Array.of(0, 3, 4, symbol, 1), { ahead: true }, async () => undefined);
    assert.equal(cache.numSequences, 2);
  }
  assert.equal((await decode(cache, prompt, 0))?.reused, 5, 'as warm as before');

  runs.steps.length = 0;
  await cache.warm(prompt, {});
  assert.deepEqual(runs.steps, [], 'nothing to do there');
  const elsewhere = Int32Array.of(0, 6, 6, 6);
  await cache.warm(elsewhere, {});
  assert.equal((await decode(cache, elsewhere, 0))?.reused, 3);
  await cache.warm(Int32Array.of(0, 5, 5, 5), {});
  assert.equal((await decode(cache, Int32Array.of(...elsewhere, 1), 0))?.reused, 4, 'a request has made it its own');
  assert.equal(cache.numSequences, 3);
  cache.dispose();
  model.dispose();
});

test('what a request has left stays its own when work ahead goes on from its end', async () => {
  const { model } = fakeModel();
  const cache = new SequenceCache(model, options);
  const prompt = Int32Array.of(0, 3, 4, 5);
  await decode(cache, prompt, 0);
  await cache.run(Int32Array.of(...prompt, 6, 2), { ahead: true }, async () => undefined);
  assert.equal(cache.numSequences, 1);
  await cache.warm(Int32Array.of(6, 6), {});
  assert.equal((await decode(cache, Int32Array.of(...prompt, 1), 0))?.reused, 4);
  cache.dispose();
  model.dispose();
});
