// Intervals in, bytes out, the same intervals back; and never more bytes than the bits ask for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../../src/base/random.ts';
import { ArithmeticDecoder, ArithmeticEncoder } from '../../../src/likelihood/arithmeticCoder.ts';

type Interval = readonly [cumulative: number, frequency: number, total: number];

/** Of each: any total up to 2^52, with the widths that hurt: one, all but one, all. */
const interval: fc.Arbitrary<Interval> = fc
  .oneof(fc.integer({ min: 1, max: 2 ** 20 }), fc.maxSafeInteger().map(boundedTotal), fc.constantFrom(2 ** 32, 2 ** 52))
  .chain((total) =>
    fc
      .oneof(fc.integer({ min: 0, max: total - 1 }), fc.constantFrom(0, total - 1))
      .chain((cumulative) =>
        fc
          .oneof(fc.integer({ min: 1, max: total - cumulative }), fc.constantFrom(1, total - cumulative))
          .map((frequency): Interval => [cumulative, frequency, total]),
      ),
  );

function boundedTotal(value: number): number {
  return 1 + (Math.abs(value) % 2 ** 52);
}

function encode(message: readonly Interval[]): Uint8Array {
  const encoder = new ArithmeticEncoder();
  for (const one of message) encoder.encode(...one);
  return encoder.finish();
}

function assertComesBack(message: readonly Interval[]): Uint8Array {
  const bytes = encode(message);
  const decoder = new ArithmeticDecoder(bytes);
  for (const [cumulative, frequency, total] of message) {
    const target = decoder.target(total);
    assert.ok(target >= cumulative && target < cumulative + frequency, `${target} of ${total}`);
    decoder.take(cumulative, frequency, total);
  }
  const bits = message.reduce((sum, [, frequency, total]) => sum - Math.log2(frequency / total), 0);
  assert.ok(bytes.length <= Math.ceil(bits / 8) + 1, `${bytes.length} bytes for ${bits} bits`);
  return bytes;
}

test('any message comes back, in the bytes that its bits fill and one more', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 60 }), (message) => void assertComesBack(message)),
    { numRuns: 400 },
  );
});

test('long messages of what is all but certain, all but impossible, and of 2^-40', () => {
  const rarest = 2 ** 52;
  const sure: Interval = [1, rarest - 1, rarest];
  assert.ok(assertComesBack(Array.from({ length: 20_000 }, () => sure)).length <= 1);
  assertComesBack(Array.from({ length: 300 }, (_, i): Interval => [i % 2 === 0 ? 0 : rarest - 1, 1, rarest]));
  assertComesBack(Array.from({ length: 300 }, (_, i): Interval => [2 ** 40 - 1 - (i % 2), 1, 2 ** 40]));
  assertComesBack(Array.from({ length: 2000 }, (_, i) => (i % 100 === 99 ? [0, 1, rarest] : sure)));
});

test('a carry runs through as many bytes of 255 as there are', () => {
  // Around 1/2 from below: the number is 0.0111... until the last symbol says which side it was.
  const middle: Interval = [1, 1, 3];
  for (const last of [[0, 1, 2] as const, [1, 1, 2] as const]) {
    assertComesBack([...Array.from({ length: 5000 }, () => middle), last]);
  }
  const random = new Random(1);
  for (let round = 0; round < 50; round++) {
    const message = Array.from({ length: 400 }, (): Interval => {
      const total = 2 + random.nextInteger(2 ** 31);
      const cumulative = Math.floor(total / 2) - 1;
      return [cumulative, Math.min(2, total - cumulative), total];
    });
    assertComesBack(message);
  }
});

test('nothing takes no byte, and what is certain neither', () => {
  assert.equal(encode([]).length, 0);
  assert.equal(encode([[0, 7, 7]]).length, 0);
  assert.equal(new ArithmeticDecoder(new Uint8Array(0)).target(5), 0);
});

test('known bytes: the last third, and the first 256th of it', () => {
  const lastThird: Interval = [2, 1, 3]; // [0.AAAA.., 1)
  assert.deepEqual([...encode([lastThird])], [0xab]);
  assert.deepEqual([...encode([lastThird, [0, 1, 256]])], [0xaa, 0xab]); // It ends just before 0.AB.
});

test('what is no interval is a mistake of the caller', () => {
  const encoder = new ArithmeticEncoder();
  for (const [cumulative, frequency, total] of [
    [0, 0, 4],
    [4, 1, 4],
    [-1, 1, 4],
    [0, 1, 2 ** 53],
    [Number.NaN, 1, 4],
  ] as const) {
    assert.throws(() => encoder.encode(cumulative, frequency, total), RangeError);
  }
});

test('any bytes decode to something below the total, for as long as one asks', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 2 ** 30 }), (bytes, total) => {
      const decoder = new ArithmeticDecoder(bytes);
      for (let i = 0; i < 100; i++) {
        const target = decoder.target(total);
        assert.ok(target >= 0 && target < total);
        decoder.take(target, 1, total);
      }
    }),
  );
});
