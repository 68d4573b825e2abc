import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { surprisalPieces, surprisals } from '../../../src/likelihood/bits.ts';
import { carryOver, keptAfterEdit, unchangedPrefix } from '../../../src/likelihood/incremental.ts';
import { fakeModel, vocab } from '../engine/fakeSession.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const letters = (text: string) => Int32Array.from(text, (letter) => letter.charCodeAt(0));

test('the example of the header', () => {
  const { known, windows } = keptAfterEdit(letters('abcdefgh'), letters('abcdeXgh'), 4);
  assert.deepEqual([...known], [1, 1, 1, 1, 1, 0, 0, 0]);
  assert.deepEqual(windows, [
    { from: 2, countFrom: 5, to: 6 },
    { from: 4, countFrom: 6, to: 8 },
  ]);
});

test('nothing changed, everything changed, something appended or cut off', () => {
  const text = letters('abcdefgh');
  assert.deepEqual(keptAfterEdit(text, text, 4).windows, []);
  assert.equal(keptAfterEdit(text, text, 4).known.indexOf(0), -1);
  assert.deepEqual([...keptAfterEdit(new Int32Array(0), letters('abc'), 4).known], [0, 0, 0]);
  assert.deepEqual(keptAfterEdit(text, new Int32Array(0), 4), { known: new Uint8Array(0), windows: [] });
  assert.deepEqual(keptAfterEdit(text, letters('abcdef'), 4).windows, []);
  assert.deepEqual(keptAfterEdit(text, letters('abcdefghij'), 4).windows, [{ from: 6, countFrom: 8, to: 10 }]);
  assert.deepEqual(keptAfterEdit(text, letters('abXdefgh'), Infinity).windows, [{ from: 0, countFrom: 2, to: 8 }]);
});

test('one symbol for another leaves the windows after it alone', () => {
  const before = letters('abcdefghijklmnop');
  const after = letters('aXcdefghijklmnop');
  assert.deepEqual(keptAfterEdit(before, after, 4).windows, [{ from: 0, countFrom: 1, to: 4 }]);
});

test('the common prefix', () => {
  assert.equal(unchangedPrefix(letters('abc'), letters('abd')), 2);
  assert.equal(unchangedPrefix(letters('abc'), letters('abcd')), 3);
  assert.equal(unchangedPrefix(letters('abc'), letters('')), 0);
});

for (const recurrent of [false, true]) {
  test(`what is kept and what is computed is the whole afresh (${recurrent ? 'recurrent' : 'attention'})`, async () => {
    const random = new Random(1);
    const symbolsOf = (length: number) => Int32Array.from({ length }, () => random.nextInteger(vocab));
    for (let round = 0; round < 40; round++) {
      const contextLength = recurrent ? Infinity : 1 + random.nextInteger(12);
      const { model } = fakeModel({ contextLength, recurrent });
      const before = symbolsOf(random.nextInteger(50));
      const at = random.nextInteger(before.length + 1);
      const inserted = symbolsOf(random.nextInteger(4));
      const removed = random.nextInteger(4);
      const after = Int32Array.of(...before.subarray(0, at), ...inserted, ...before.subarray(at + removed));
      const wanted = { rank: true, entropy: true };
      const old = await surprisals(model, before, wanted);
      const kept = keptAfterEdit(before, after, contextLength);
      const numbers = carryOver(old, kept);
      const counted = kept.known.slice();
      for await (const piece of surprisalPieces(model, after, { ...wanted, windows: kept.windows })) {
        for (const [i, surprisal] of piece.surprisal.entries()) {
          assert.equal(counted[piece.first + i]!++, 0, 'computed once, and not what is known');
          numbers.surprisal[piece.first + i] = surprisal;
          numbers.entropy![piece.first + i] = piece.entropy![i]!;
          numbers.rank![piece.first + i] = piece.rank![i]!;
        }
      }
      assert.equal(counted.indexOf(0), -1);
      const afresh = await surprisals(model, after, wanted);
      for (const name of ['surprisal', 'entropy'] as const) {
        for (const [i, expected] of afresh[name]!.entries()) {
          assert.ok(Math.abs(numbers[name]![i]! - expected) < 1e-4, `${name} ${i}`);
        }
      }
      assert.deepEqual(numbers.rank, afresh.rank);
      model.dispose();
    }
  });
}
