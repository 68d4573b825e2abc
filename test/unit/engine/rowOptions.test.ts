// Rows that need not be normalized, in a room of the caller's: the same distributions, on both runtimes and in each form of a step.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { logSoftmaxRows } from '../../../src/base/logSumExp.ts';
import { Random } from '../../../src/base/random.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { runtimes } from '../../runtimes.ts';
import { tinyConfigs, tinyModel } from '../../tinyModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

function assertSameRows(actual: Float32Array, expected: Float32Array, vocab: number) {
  assert.equal(actual.length, expected.length);
  for (const [i, logProb] of logSoftmaxRows(actual, vocab).entries()) {
    assert.ok(Math.abs(logProb - expected[i]!) < 1e-4, `${i}: ${logProb} and ${expected[i]}`);
  }
}

const cases = Object.entries(runtimes).flatMap(([name, runtime]) =>
  (['rows', 'inPlace'] as const).map((stepForm) => ({ name, runtime, stepForm })),
);

for (const { name, runtime, stepForm } of cases) {
  test(`${name}: ${stepForm}`, async () => {
    const architecture = architectureNamed('gpt');
    const config = architecture.parseConfig(tinyConfigs['gpt']![2]!);
    const { model } = tinyModel(runtime, architecture, config, new Random(3), { stepForm });
    const { size } = model.vocabulary;
    const symbols = Int32Array.from({ length: 20 }, (_, i) => (5 * i) % size);
    try {
      const scored = (await model.score(symbols)).data.slice();
      const room = new Float32Array(30 * size).fill(7);
      for (const into of [room, new Float32Array(3), undefined]) {
        const loose = { unnormalized: true, ...(into && { into }) };
        assertSameRows((await model.score(symbols, undefined, loose)).data, scored, size);
        const state = model.initialState();
        const block = Int32Array.of(model.vocabulary.start, ...symbols.subarray(0, 19));
        const { logProbs, state: next } = await model.step(block, state, loose);
        assertSameRows(logProbs.data, scored, size);
        assert.deepEqual(logProbs.shape, [20, size]);
        if (into === room && runtime.inPlace) assert.equal(logProbs.data.buffer, room.buffer);
        state.dispose();
        next.dispose();
      }
      assert.ok(
        room.subarray(20 * size).every((value) => value === 7),
        'nothing beyond the rows is touched',
      );
      // In a room, but normalized, for whoever wants that.
      const { data } = await model.score(symbols, undefined, { into: room });
      for (const [i, logProb] of data.entries()) assert.ok(Math.abs(logProb - scored[i]!) < 1e-4);
    } finally {
      model.dispose();
    }
  });
}
