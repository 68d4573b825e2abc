// States over caches that the runtime writes in place answer as states over rows do, whatever was cut, forked, overwritten or cancelled.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import type { ModelState } from '../../../src/base/model.ts';
import { Random } from '../../../src/base/random.ts';
import type { SessionModel } from '../../../src/engine/sessionModel.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { runtimes } from '../../runtimes.ts';
import { tinyConfigs, tinyModel } from '../../tinyModels.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const gpt = architectureNamed('gpt');
const config = gpt.parseConfig(tinyConfigs['gpt']![2]);
const vocab = gpt.vocabularySize(config);
const toleranceNats = 1e-4;

function open(stepForm: 'rows' | 'inPlace'): SessionModel {
  return tinyModel(runtimes.native, gpt, config, new Random(5), { stepForm }).model;
}

async function fromScratch(model: SessionModel, symbols: Int32Array): Promise<Float32Array> {
  const initial = model.initialState();
  const { logProbs, state } = await model.step(symbols, initial, { lastOnly: true });
  initial.dispose();
  state.dispose();
  return logProbs.data as Float32Array;
}

function assertSame(found: Float32Array, expected: Float32Array, what: string): void {
  const differences = found.map((value, i) => Math.abs(value - expected[i]!));
  assert.ok(Math.max(...differences) < toleranceNats, `${what}: off by ${Math.max(...differences)} nats`);
}

test('any mix of steps, cuts, forks and overtaken views answers as a fresh sequence over rows', async () => {
  const [inPlace, rows] = [open('inPlace'), open('rows')];
  const random = new Random(11);
  /** Each with the symbols it stands for. */
  const known: { state: ReturnType<SessionModel['initialState']>; symbols: number[] }[] = [
    { state: inPlace.initialState(), symbols: [] },
  ];
  for (let turn = 0; turn < 120; turn++) {
    const { state, symbols } = known[random.nextInteger(known.length)]!;
    const action = random.nextInteger(6);
    if (action === 0) known.push({ state: state.fork(), symbols });
    else if (action === 1 && symbols.length > 0) {
      const length = random.nextInteger(symbols.length);
      known.push({ state: state.prefix(length), symbols: symbols.slice(0, length) });
    } else {
      const room = inPlace.contextLength - symbols.length;
      const time = Math.min(room, action === 2 ? 1 + random.nextInteger(60) : 1 + random.nextInteger(4));
      if (time === 0) continue;
      const block = Int32Array.from({ length: time }, () => random.nextInteger(vocab));
      const next = await inPlace.step(block, state, { lastOnly: true });
      const longer = [...symbols, ...block];
      assertSame(
        next.logProbs.data as Float32Array,
        await fromScratch(rows, Int32Array.from(longer)),
        `turn ${turn}, ${longer.length} symbols`,
      );
      known.push({ state: next.state, symbols: longer });
    }
    if (known.length > 12) known.splice(random.nextInteger(known.length), 1)[0]!.state.dispose();
  }
  for (const { state } of known) state.dispose();
  inPlace.dispose();
  rows.dispose();
});

test('a long step that is cancelled leaves the state that it was given as it was', async () => {
  const model = open('inPlace');
  const initial = model.initialState();
  const block = Int32Array.from({ length: 40 }, (_, i) => (i * 7) % vocab);
  const { state } = await model.step(block, initial, { lastOnly: true });
  const more = Int32Array.from({ length: 100 }, (_, i) => (i * 5) % vocab);
  const states: ModelState[] = [initial, state];
  let cancelled = 0;
  for (let i = 0; i < 50; i++) {
    const stopping = new AbortController();
    const running = model.step(more, state, { lastOnly: true, signal: stopping.signal });
    setImmediate(() => stopping.abort());
    try {
      states.push((await running).state);
    } catch (error) {
      assert.ok(error instanceof CancelledError, String(error));
      cancelled += 1;
    }
  }
  assert.ok(cancelled > 0, 'none of 50 was stopped in time');
  const { logProbs, state: longer } = await model.step(Int32Array.of(3), state);
  assertSame(logProbs.data as Float32Array, await fromScratch(model, Int32Array.of(...block, 3)), 'afterwards');
  for (const one of [...states, longer]) one.dispose();
  model.dispose();
});

test('a model that is disposed of while it runs ends the run, and then releases its session', async () => {
  const model = open('inPlace');
  const initial = model.initialState();
  const running = model.step(new Int32Array(150), initial, { lastOnly: true });
  setImmediate(() => model.dispose());
  const ended = await running.then(
    ({ state }) => state.dispose(),
    (error: unknown) => assert.ok(error instanceof CancelledError, String(error)),
  );
  assert.equal(ended, undefined);
  initial.dispose();
});

test('what is disposed of during a run stays until the run is over', async () => {
  const model = open('inPlace');
  const initial = model.initialState();
  const running = model.step(
    Int32Array.from({ length: 120 }, (_, i) => i % vocab),
    initial,
    { lastOnly: true },
  );
  setImmediate(() => initial.dispose());
  const { logProbs, state } = await running;
  assert.ok(Number.isFinite(logProbs.data[0]));
  state.dispose();
  model.dispose();
});
