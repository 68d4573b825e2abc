// Every symbol can be coded, and costs what its probability says, however rare it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logSoftmaxRows } from '../../../src/base/logSumExp.ts';
import { Random } from '../../../src/base/random.ts';
import { ArithmeticDecoder, ArithmeticEncoder } from '../../../src/likelihood/arithmeticCoder.ts';
import { probabilityOf } from '../../../src/likelihood/portableExp.ts';
import { SymbolCoder } from '../../../src/likelihood/symbolCoder.ts';

/** Adds up what the intervals cost. */
class Meter extends ArithmeticEncoder {
  bits = 0;
  override encode(cumulative: number, frequency: number, total: number): void {
    this.bits -= Math.log2(frequency / total);
    super.encode(cumulative, frequency, total);
  }
}

/** What the header of symbolCoder.ts states. */
const mostLossBits = 2e-7;

/** Codes each symbol once, in order, and decodes them; returns the bits of each. */
function assertAllComeBack(row: Float32Array): number[] {
  const coder = new SymbolCoder(row.length);
  const meter = new Meter();
  const costs: number[] = [];
  for (let symbol = 0; symbol < row.length; symbol++) {
    const before = meter.bits;
    coder.encode(meter, row, symbol);
    costs.push(meter.bits - before);
  }
  const decoder = new ArithmeticDecoder(meter.finish());
  for (let symbol = 0; symbol < row.length; symbol++) assert.equal(coder.decode(decoder, row), symbol);
  return costs;
}

function assertCosts(row: Float32Array): void {
  const sum = row.reduce((total, logProb) => total + probabilityOf(logProb), 0);
  for (const [symbol, cost] of assertAllComeBack(row).entries()) {
    const loss = cost - (Math.log2(sum) - row[symbol]! / Math.LN2);
    assert.ok(loss > -1e-9 && loss < mostLossBits, `symbol ${symbol} of ${row[symbol]} nats: ${loss} bits more`);
  }
}

function normalized(logits: ArrayLike<number>): Float32Array {
  return logSoftmaxRows(Float32Array.from(logits), logits.length);
}

test('a symbol costs its surprisal, from even rows to steep ones', () => {
  const random = new Random(1);
  for (const spread of [0, 0.1, 1, 3, 10, 20]) {
    for (const size of [1, 2, 3, 262]) {
      assertCosts(normalized(Array.from({ length: size }, () => spread * random.nextNormal())));
    }
  }
  assertCosts(normalized(Array.from({ length: 4096 }, () => 4 * random.nextNormal())));
});

test('a symbol costs its surprisal where another has all but all of the probability', () => {
  for (const nats of [1e-6, 10, 16, 17, 20, 27.7, 33, 40, 60, 88, 120, 143]) {
    for (const place of [0, 3]) {
      assertCosts(Float32Array.from({ length: 6 }, (_, i) => (i === place ? 0 : -nats)));
      assertCosts(Float32Array.from({ length: 400 }, (_, i) => (i === place ? 0 : -nats - (i % 7))));
    }
  }
  assertCosts(Float32Array.of(0, -40 * Math.LN2));
  assertCosts(Float32Array.from({ length: 100 }, (_, i) => -1.5 * i));
});

test('any row: all symbols come back, none costs more than it should', () => {
  const logit = fc.oneof(
    fc.float({ min: -100, max: 0, noNaN: true }),
    fc.constantFrom(0, -16.635532, -16.63554, -33.2, -110),
  );
  fc.assert(
    fc.property(fc.array(logit, { minLength: 1, maxLength: 40 }), (row) => assertCosts(normalized(row))),
    { numRuns: 300 },
  );
});

test('what is impossible can be coded all the same, and costs no more than its 150 nats and the choice', () => {
  const impossible = Number.NEGATIVE_INFINITY;
  const none = [[impossible, impossible, impossible], [Number.NaN, Number.NaN], [-200], [-1000, -200]];
  for (const row of none) {
    for (const cost of assertAllComeBack(Float32Array.from(row)))
      assert.ok(Math.abs(cost - Math.log2(row.length)) < 1e-9);
  }
  for (const row of [
    [0, impossible, impossible],
    [impossible, -0.5, -0.93, -151, Number.NaN],
    [-30, impossible, -149, 0],
    Array.from({ length: 300 }, (_, i) => (i === 7 ? 0 : impossible)),
  ]) {
    const costs = assertAllComeBack(Float32Array.from(row));
    assert.ok(Math.max(...costs) < 150 / Math.LN2 + 24 + Math.log2(row.length));
  }
});

test('what no encoder wrote is told', () => {
  // All of it is common, so that what is kept free for rare ones leads nowhere.
  const row = normalized([1, 1]);
  assert.equal(new SymbolCoder(2).decode(new ArithmeticDecoder(new Uint8Array(40).fill(255)), row), -1);
});

test('a row of another length is a mistake, and so is a vocabulary without bound', () => {
  const coder = new SymbolCoder(4);
  assert.throws(() => coder.encode(new ArithmeticEncoder(), new Float32Array(5), 0), RangeError);
  assert.throws(() => new SymbolCoder(2 ** 22 + 1), RangeError);
});

test('e^x: within 1e-11 of the true value, and the same bits everywhere', () => {
  for (let x = -150; x <= 0; x += 0.013) {
    const expected = Math.exp(x);
    assert.ok(Math.abs(probabilityOf(x) - expected) <= 1e-11 * expected, `e^${x}`);
  }
  assert.deepEqual([probabilityOf(0), probabilityOf(1e-7), probabilityOf(-150.1)], [1, 1, 0]);
  const bits = new BigUint64Array(Float64Array.of(...[-0.1, -1, -10, -100, -149.9].map(probabilityOf)).buffer);
  assert.deepEqual(
    [...bits].map((word) => word.toString(16)),
    ['3fecf46d99d52b3a', '3fd78b56362ca968', '3f07cd79b5644bf1', '36ea8c1f14e2aed3', '326ab91a8809e533'],
  );
});
