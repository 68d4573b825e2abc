// Requests that are cancelled, a thousand of them at any moment: before a run, in the middle of one, while decoding, while ahead of
// any request. Each leaves the cache such that the next answer is that of a cold one, and nothing alive but what is held.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { greedy } from '../../../src/engine/sampler.ts';
import { type RunOptions, SequenceCache } from '../../../src/engine/sequenceCache.ts';
import { fakeModel, vocab } from './fakeSession.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const numCancelled = 1000;
const numDecoded = 3;
const options = { maxBytes: 1e6, maxSequences: 3, chunkSymbols: 8 };

function decode(cache: SequenceCache, prompt: Int32Array, runOptions: RunOptions) {
  return cache.run(prompt, runOptions, async (run) => {
    const symbols: number[] = [];
    for (let row = run.logProbs; symbols.length < numDecoded; row = await run.step(symbols.at(-1)!)) {
      symbols.push(greedy(row).symbol);
    }
    return symbols;
  });
}

for (const recurrent of [false, true]) {
  test(`${recurrent ? 'snapshots' : 'views'}: cancelled at any moment, nothing leaks and nothing is wrong`, async () => {
    const random = new Random(3);
    let onRun = () => {};
    const { model } = fakeModel({ recurrent, contextLength: 200, beforeRun: () => onRun() });
    const cache = new SequenceCache(model, options);
    const texts = Array.from({ length: 4 }, () => Array.from({ length: 60 }, () => random.nextInteger(vocab)));
    let numThrown = 0;
    let mostStates = 0;
    for (let i = 0; i < numCancelled; i++) {
      const text = texts[random.nextInteger(texts.length)]!;
      text.splice(random.nextInteger(text.length), random.nextInteger(3), random.nextInteger(vocab));
      const prompt = Int32Array.of(0, ...text.slice(0, 60));
      const controller = new AbortController();
      let runsLeft = random.nextInteger(10);
      const insideRun = random.nextFloat() < 0.5;
      if (runsLeft === 0) controller.abort();
      onRun = () => {
        runsLeft -= 1;
        if (runsLeft > 0) return;
        controller.abort();
        if (insideRun) throw new CancelledError('in the middle of a run');
      };
      const cancelled = decode(cache, prompt, { signal: controller.signal, ahead: random.nextFloat() < 0.3 });
      await cancelled.catch((error) => {
        if (!(error instanceof CancelledError)) throw error;
        numThrown += 1;
      });
      onRun = () => {};
      // Late in the thousand there is no more alive than early.
      const { modelState = 0, kvCache = 0 } = liveObjects();
      if (i < numCancelled / 4) mostStates = Math.max(mostStates, modelState);
      else assert.ok(modelState <= 1.5 * mostStates, `${modelState} states after ${i}, ${mostStates} before`);
      assert.ok(kvCache <= options.maxSequences && cache.numSequences <= options.maxSequences);
      if (i % 10 > 0) continue;
      const cold = new SequenceCache(model, options);
      const expected = await decode(cold, prompt, {});
      cold.dispose();
      assert.deepEqual(await decode(cache, prompt, {}), expected, `after ${i}`);
    }
    assert.ok(numThrown > numCancelled / 2, `${numThrown} were cancelled in time`);
    cache.dispose();
    model.dispose();
  });
}
