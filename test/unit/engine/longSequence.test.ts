import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { LongSequence } from '../../../src/engine/longSequence.ts';
import { surprisals } from '../../../src/likelihood/bits.ts';
import { fakeModel, vocab } from './fakeSession.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

for (const [contextLength, recurrent] of [
  [1, false],
  [6, false],
  [7, false],
  [300, false],
  [6, true],
  [Infinity, true],
] as const) {
  test(`decoding and measuring restart alike: context ${contextLength}, ${recurrent ? 'recurrent' : 'attention'}`, async () => {
    const random = new Random(contextLength === Infinity ? 0 : contextLength);
    const symbols = Int32Array.from({ length: 60 }, () => random.nextInteger(vocab));
    const { model } = fakeModel({ contextLength, recurrent });
    const { surprisal } = await surprisals(model, symbols);
    for (const cut of [0, 1, 20, 59]) {
      const sequence = new LongSequence(model);
      let row = await sequence.append(symbols.subarray(0, cut));
      for (let t = cut; t < symbols.length; t++) {
        assert.ok(Math.abs(-row[symbols[t]!]! - surprisal[t]!) < 1e-4, `symbol ${t} after a prompt of ${cut}`);
        row = await sequence.append(symbols.subarray(t, t + 1));
      }
      assert.equal(sequence.length, symbols.length);
      sequence.dispose();
    }
    model.dispose();
  });
}

test('cancelled, it leaves nothing behind once disposed of', async () => {
  const { model } = fakeModel();
  const sequence = new LongSequence(model);
  await sequence.append(Int32Array.of(1, 2));
  await assert.rejects(sequence.append(Int32Array.of(1), AbortSignal.abort()), CancelledError);
  await assert.rejects(sequence.append(new Int32Array(0)), /expected a symbol/);
  sequence.dispose();
  model.dispose();
});
