// The laws find the mistakes they are for: each broken model breaks the law that names it.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { AutoregressiveModel } from '../../../src/base/model.ts';
import { Random } from '../../../src/base/random.ts';
import { checkLaws } from '../../../src/engine/laws.ts';
import { fakeModel, vocab } from './fakeSession.ts';
import { modelOf, uniformModel } from './plainModels.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const symbols = Int32Array.of(3, 1, 4, 1, 5, 2, 6, 5);

async function brokenLaws(model: AutoregressiveModel): Promise<string[]> {
  const results = await checkLaws(model, symbols, { toleranceNats: 1e-4, random: new Random(2) });
  return results.filter(({ ok }) => !ok).map(({ law }) => law);
}

async function checkBroken(change: (model: AutoregressiveModel) => Partial<AutoregressiveModel>, law: string) {
  const { model } = fakeModel();
  const base: AutoregressiveModel = {
    vocabulary: model.vocabulary,
    contextLength: model.contextLength,
    score: (block, signal) => model.score(block, signal),
    initialState: () => model.initialState(),
    step: (block, state, options) => model.step(block, state, options),
    dispose: () => model.dispose(),
  };
  const broken = await brokenLaws({ ...base, ...change(base) });
  assert.ok(broken.includes(law), `expected "${law}" to be broken, got ${broken.join(', ') || 'none'}`);
  model.dispose();
}

test('a sound model breaks none', async () => {
  const model = uniformModel({ size: vocab, start: 0 });
  assert.deepEqual(await brokenLaws(model), []);
  model.dispose();
});

test('rows that do not sum to one', async () => {
  const model = modelOf({ size: vocab, start: 0 }, 64, (_, row) => row.fill(-1));
  assert.deepEqual(await brokenLaws(model), ['rows are distributions']);
  model.dispose();
});

test('rows without a number', async () => {
  const model = modelOf({ size: vocab, start: 0 }, 64, (_, row) => row.fill(Number.NaN));
  assert.ok((await brokenLaws(model)).includes('rows are distributions'));
  model.dispose();
});

test('a score that looks at the symbol it predicts', async () => {
  await checkBroken(
    ({ score }) => ({
      score: async (block, signal) => {
        const rows = await score(block, signal);
        for (const [t, symbol] of block.entries()) rows.data[t * vocab + symbol]! += 0.5;
        return rows;
      },
    }),
    'row t does not see x[t]',
  );
});

test('a step that forgets what came before its block', async () => {
  await checkBroken(
    ({ step, initialState }) => ({
      step: async (block, state, options) => {
        const fresh = initialState();
        const result = await step(block, state.position > 0 ? fresh : state, options);
        fresh.dispose();
        return result;
      },
    }),
    'blocks of one symbol',
  );
});

test('a step that depends on how often it was asked', async () => {
  let calls = 0;
  await checkBroken(
    ({ step }) => ({
      step: async (block, state, options) => {
        const result = await step(block, state, options);
        calls += 1;
        result.logProbs.data[0]! += calls;
        return result;
      },
    }),
    'a step leaves its state alone',
  );
});

test('an input that shows nothing is refused', async () => {
  const { model } = fakeModel({ contextLength: 6 });
  const options = { toleranceNats: 1, random: new Random(1) };
  await assert.rejects(checkLaws(model, symbols.subarray(0, 3), options), /expected 4 to 6 symbols, got 3/);
  await assert.rejects(checkLaws(model, symbols, options), /got 8/);
  model.dispose();
});
