import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { checkLaws } from '../../../src/engine/laws.ts';
import { SessionModel } from '../../../src/engine/sessionModel.ts';
import { fakeModel, fakeSession, vocab } from './fakeSession.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const symbols = Int32Array.of(3, 1, 4, 1, 5, 2, 6, 5, 3, 5);

for (const recurrent of [false, true]) {
  test(`the laws hold over ${recurrent ? 'a snapshot' : 'a key/value cache'}`, async () => {
    const { model } = fakeModel({ recurrent });
    for (let seed = 0; seed < 5; seed++) {
      const results = await checkLaws(model, symbols, { toleranceNats: 1e-5, random: new Random(seed) });
      assert.deepEqual(
        results.filter(({ ok }) => !ok),
        [],
      );
    }
    model.dispose();
  });
}

test('lastOnly gives the last row of the whole', async () => {
  const { model } = fakeModel();
  const initial = model.initialState();
  const whole = await model.step(symbols, initial);
  const last = await model.step(symbols, initial, { lastOnly: true });
  assert.deepEqual(last.logProbs.shape, [1, vocab]);
  assert.deepEqual(last.logProbs.data, whole.logProbs.data.subarray((symbols.length - 1) * vocab));
  for (const state of [initial, whole.state, last.state]) state.dispose();
  model.dispose();
});

test('a stale view is detected and refilled: its answer is the one it would have given', async () => {
  const { model, runs } = fakeModel();
  const initial = model.initialState();
  const { state: short } = await model.step(Int32Array.of(0, 3, 4), initial);
  const { state: long } = await model.step(Int32Array.of(5, 6), short);
  const expected = await model.step(Int32Array.of(2), long);
  assert.equal(long.stale, false);
  const { state: other } = await model.step(Int32Array.of(1, 1, 1), short);
  assert.equal(long.stale, true);
  assert.equal(short.stale, false);

  runs.steps.length = 0;
  const answer = await model.step(Int32Array.of(2), long);
  assert.deepEqual(answer.logProbs.data, expected.logProbs.data);
  assert.deepEqual(runs.steps, [2, 1], 'the two lost symbols are fed again, then the block');
  assert.equal(other.stale, false, 'the refilled view has a cache of its own');
  assert.equal(long.stale, false);

  runs.steps.length = 0;
  const again = await model.step(Int32Array.of(2), long);
  assert.deepEqual(again.logProbs.data, expected.logProbs.data);
  assert.deepEqual(runs.steps, [1]);
  for (const state of [initial, short, long, expected.state, other, answer.state, again.state]) state.dispose();
  model.dispose();
});

test('rows rewritten with the same symbols need no run to be current again', async () => {
  const { model, runs } = fakeModel();
  const initial = model.initialState();
  const first = await model.step(Int32Array.of(0, 3, 4), initial);
  const second = await model.step(Int32Array.of(0, 3, 4, 5), initial);
  assert.equal(first.state.stale, true);
  runs.steps.length = 0;
  const answer = await model.step(Int32Array.of(2), first.state);
  assert.deepEqual(runs.steps, [1]);
  for (const state of [initial, first.state, second.state, answer.state]) state.dispose();
  model.dispose();
});

test('a stale view cut back and forked answers as a fresh one', async () => {
  const { model } = fakeModel();
  const initial = model.initialState();
  const { state: long } = await model.step(Int32Array.of(0, 3, 4, 5, 6), initial);
  const { state: other } = await model.step(Int32Array.of(0, 3, 1), initial);
  const cut = long.prefix(4);
  const fork = long.fork();
  assert.equal(cut.stale, true);
  const fromCut = await model.step(Int32Array.of(6, 2), cut);
  const fromFork = await model.step(Int32Array.of(2), fork, { lastOnly: true });
  const fresh = model.initialState();
  const expected = await model.step(Int32Array.of(0, 3, 4, 5, 6, 2), fresh, { lastOnly: true });
  assert.deepEqual(fromCut.logProbs.data.subarray(vocab), expected.logProbs.data);
  assert.deepEqual(fromFork.logProbs.data, expected.logProbs.data);
  const all = [initial, long, other, cut, fork, fromCut.state, fromFork.state, fresh, expected.state];
  for (const state of all) state.dispose();
  model.dispose();
});

test('a fork is independent of what it was forked from', async () => {
  const { model } = fakeModel();
  const initial = model.initialState();
  const { state } = await model.step(Int32Array.of(0, 3, 4), initial);
  const fork = state.fork();
  const left = await model.step(Int32Array.of(5), state);
  const right = await model.step(Int32Array.of(6), fork);
  assert.equal(left.state.stale, false);
  assert.equal(right.state.stale, false);
  for (const one of [initial, state, fork, left.state, right.state]) one.dispose();
  model.dispose();
});

test('a long sequence grows the cache in steps and never beyond the context', async () => {
  const { model } = fakeModel({ contextLength: 200 });
  let state = model.initialState();
  let allocations = 0;
  let size = 0;
  for (let i = 0; i < 200; i++) {
    const next = await model.step(Int32Array.of(i % vocab), state);
    state.dispose();
    state = next.state;
    if (state.sizeBytes !== size) allocations += 1;
    size = state.sizeBytes;
  }
  assert.equal(size, 200 * 2 * 3 * 4);
  assert.ok(allocations <= 5, `grew ${allocations} times`);
  await assert.rejects(
    async () => model.step(Int32Array.of(1), state),
    /step: expected 1 to 0 symbols after 200, got 1/,
  );
  state.dispose();
  model.dispose();
});

test('a cancelled request runs nothing', async () => {
  const { model, runs } = fakeModel();
  const state = model.initialState();
  const cancelled = AbortSignal.abort();
  await assert.rejects(model.step(symbols, state, { signal: cancelled }), CancelledError);
  await assert.rejects(model.score(symbols, cancelled), CancelledError);
  assert.deepEqual(runs, { steps: [], scores: [] });
  state.dispose();
  model.dispose();
});

test('wrong use is refused by name', async () => {
  const { model } = fakeModel({ contextLength: 4 });
  const state = model.initialState();
  await assert.rejects(model.score(symbols), /score: expected at most 4 symbols, got 10/);
  await assert.rejects(async () => model.step(new Int32Array(0), state), /step: expected 1 to 4 symbols/);
  state.dispose();
  await assert.rejects(model.step(Int32Array.of(0), state), /it was disposed of/);
  model.dispose();
  await assert.rejects(model.score(symbols.subarray(0, 2)), /it was disposed of/);
});

test('a model disposed of in the middle of a run closes its sessions when the run ends', async () => {
  const { model } = fakeModel();
  const running = model.score(symbols);
  model.dispose();
  await assert.rejects(running, /it was disposed of/);
  await model.score(symbols).catch(() => undefined);
});

test('a graph that lacks a promised input is refused with the remedy', async () => {
  const model = new SessionModel({
    vocabulary: { size: vocab, start: 0 },
    contextLength: 8,
    state: [{ name: 'layers.0.key', shape: ['past', 3], kind: 'appended' }],
    openScore: async () => fakeSession(['tokens'], ['logits'], () => ({})),
    openStep: async () => fakeSession(['symbols', 'skippedRows'], ['logits'], () => ({})),
  });
  await assert.rejects(model.score(symbols.subarray(0, 3)), /the score graph: expected an input or output symbols/);
  const state = model.initialState();
  await assert.rejects(
    model.step(Int32Array.of(0), state),
    /the step graph: expected an input or output past.layers.0.key/,
  );
  state.dispose();
  model.dispose();
});

test('a state description that the cache cannot hold is refused', () => {
  const make = (shape: ('past' | number)[], kind: 'appended' | 'replaced') => () =>
    new SessionModel({
      vocabulary: { size: vocab, start: 0 },
      contextLength: 8,
      state: [{ name: 'key', shape, kind }],
      openScore: async () => fakeSession([], [], () => ({})),
      openStep: async () => fakeSession([], [], () => ({})),
    });
  assert.throws(make([1, 4, 'past', 8], 'appended'), UserError);
  assert.throws(make(['past', 8], 'replaced'), UserError);
});
