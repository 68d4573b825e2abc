import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { RowReducer } from '../../../src/likelihood/reduceRows.ts';

const wanted = { rank: true, entropy: true };

/** In double precision, of the very same single-precision logits. */
function reference(row: Float32Array, target: number) {
  const m = row.reduce((largest, logit) => Math.max(largest, logit), Number.NEGATIVE_INFINITY);
  const best = row.indexOf(m);
  let rest = 0;
  let weighted = 0;
  let rank = 0;
  for (const [symbol, logit] of row.entries()) {
    if (logit > row[target]!) rank += 1;
    if (symbol === best || logit === Number.NEGATIVE_INFINITY) continue;
    rest += Math.exp(logit - m);
    weighted += Math.exp(logit - m) * (m - logit);
  }
  return { surprisal: Math.log1p(rest) + (m - row[target]!), rank, entropy: Math.log1p(rest) + weighted / (1 + rest) };
}

function assertClose(actual: number, expected: number, what: string) {
  const off = Math.abs(actual - expected);
  assert.ok(
    actual === expected || off <= 1e-36 + 1e-5 * Math.abs(expected),
    `${what}: expected ${expected}, got ${actual}`,
  );
}

function check(rows: readonly Float32Array[], targets: Int32Array, what: string) {
  const vocab = rows[0]!.length;
  const all = new Float32Array(rows.length * vocab);
  for (const [i, row] of rows.entries()) all.set(row, i * vocab);
  const { surprisal, rank, entropy } = new RowReducer(vocab).reduce(all, targets, wanted);
  for (const [i, row] of rows.entries()) {
    const expected = reference(row, targets[i]!);
    assertClose(surprisal[i]!, expected.surprisal, `${what}: surprisal ${i}`);
    assertClose(entropy![i]!, expected.entropy, `${what}: entropy ${i}`);
    assert.equal(rank![i], expected.rank, `${what}: rank ${i}`);
  }
}

test('any size of a vocabulary, any spread, any number added to a row', () => {
  const random = new Random(1);
  for (const vocab of [1, 2, 3, 4, 7, 15, 16, 17, 63, 257, 1000, 8192, 20_011]) {
    for (const spread of [0, 1e-3, 1, 6, 40, 300]) {
      for (const added of [0, -11, 90]) {
        const count = vocab > 1000 ? 3 : 40;
        const rows = Array.from({ length: count }, () =>
          Float32Array.from({ length: vocab }, () => added + spread * random.nextNormal()),
        );
        const targets = Int32Array.from(rows, () => random.nextInteger(vocab));
        check(rows, targets, `${vocab} symbols, spread ${spread}, ${added} added`);
      }
    }
  }
});

test('nearly certain, certain, equals, and the impossible', () => {
  const rows = [
    Float32Array.of(0, -14, -15, -20, -16), // One symbol is nearly all there is, and nothing of the rest is lost.
    Float32Array.of(-40, 0, -41, -60, -80),
    Float32Array.of(-200, -300, 0, -400, Number.NEGATIVE_INFINITY),
    Float32Array.of(3, 3, 3, 3, 3),
    Float32Array.of(1, 2, 2, -1, 2),
    Float32Array.of(Number.NEGATIVE_INFINITY, 5, 5, Number.NEGATIVE_INFINITY, 1),
  ];
  for (let target = 0; target < 5; target++) {
    check(rows, new Int32Array(rows.length).fill(target), `target ${target}`);
  }
  const certain = new RowReducer(5).reduce(rows[2]!, Int32Array.of(2), wanted);
  assert.deepEqual(certain, { surprisal: Float32Array.of(0), rank: Int32Array.of(0), entropy: Float32Array.of(0) });
  const impossible = new RowReducer(5).reduce(rows[2]!, Int32Array.of(4), wanted);
  assert.equal(impossible.surprisal[0], Number.POSITIVE_INFINITY);
  assert.equal(impossible.rank![0], 4);
});

test('more rows than go at once, and a reducer that is used again', () => {
  const random = new Random(2);
  const reducer = new RowReducer(5);
  for (const time of [2000, 3, 1, 0, 513]) {
    const rows = Float32Array.from({ length: 5 * time }, () => 3 * random.nextNormal());
    const targets = Int32Array.from({ length: time }, () => random.nextInteger(5));
    const { surprisal, rank, entropy } = reducer.reduce(rows, targets, wanted);
    for (let i = 0; i < time; i++) {
      const expected = reference(rows.subarray(5 * i, 5 * i + 5), targets[i]!);
      assertClose(surprisal[i]!, expected.surprisal, `surprisal ${i} of ${time}`);
      assertClose(entropy![i]!, expected.entropy, `entropy ${i} of ${time}`);
      assert.equal(rank![i], expected.rank);
    }
  }
});

test('a broken row shows', () => {
  const { surprisal, entropy } = new RowReducer(3).reduce(Float32Array.of(1, Number.NaN, 2), Int32Array.of(0), wanted);
  assert.ok(Number.isNaN(surprisal[0]) && Number.isNaN(entropy![0]));
});
