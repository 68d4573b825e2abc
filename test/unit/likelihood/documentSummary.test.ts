import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { sumBits, surprisingPlaces, unusualLines } from '../../../src/likelihood/documentSummary.ts';
import { symbolSpans } from '../../../src/likelihood/spans.ts';

/** One symbol a byte; `bitsOf` tells what each costs. */
function part(text: string, bitsOf: (character: string) => number, begin = 0, end = text.length + 1) {
  const { starts } = symbolSpans(bytesCodec(), text);
  const nats = Float32Array.from([...text, ''], (character) => bitsOf(character) * Math.LN2);
  return { starts, nats, begin, end };
}

const letters = (character: string) => (character === 'z' ? 12 : character === '\n' ? 5 : 2);

test('the sum is of what is known', () => {
  const whole = part('abz', letters);
  assert.ok(Math.abs(sumBits(whole) - 18) < 1e-5);
  whole.nats[2] = Number.NaN;
  assert.ok(Math.abs(sumBits(whole) - 6) < 1e-5);
});

test('the most surprising places, in order, no more than are wanted', () => {
  const whole = part('azbzcz', (character) => letters(character));
  whole.nats[3] = 20 * Math.LN2;
  assert.deepEqual(
    surprisingPlaces(whole, 11, 10).map(({ start }) => start),
    [1, 3, 5],
  );
  assert.deepEqual(
    surprisingPlaces(whole, 11, 2).map(({ start }) => start),
    [1, 3],
  );
  assert.deepEqual(surprisingPlaces(whole, 30, 2), []);
});

test('a line far above the norm of its file is unusual; the norm is not moved by it', () => {
  const text = ['abcd', 'abc', 'abcde', 'abcd', 'zzzz', 'abcd', 'abc', 'abcd', 'ab', 'abcd'].join('\n');
  const [line, ...others] = unusualLines(text, part(text, letters), 10);
  assert.deepEqual(others, []);
  assert.equal(text.slice(line!.start, line!.end), 'zzzz');
  assert.ok(Math.abs(line!.bitsPerSymbol - 12) < 1e-5 && Math.abs(line!.usual - 2) < 1e-5);
});

test('short files have no norm, and even ones nothing unusual', () => {
  const short = 'abcd\nzzzz\nabcd';
  assert.deepEqual(unusualLines(short, part(short, letters), 10), []);
  const even = 'abcd\n'.repeat(20);
  assert.deepEqual(unusualLines(even, part(even, letters), 10), []);
  assert.deepEqual(unusualLines('', part('', letters), 10), []);
});

test('no more than are wanted, the furthest, in order; of a part of the text only its lines', () => {
  const text = [...Array.from({ length: 20 }, () => 'abcdef'), 'azzz', 'zzzz', 'zzzy'].join('\n');
  const two = unusualLines(text, part(text, letters), 2);
  assert.equal(two.length, 2);
  assert.ok(two[0]!.start < two[1]!.start);
  assert.equal(text.slice(two[0]!.start, two[0]!.end), 'azzz');
  assert.deepEqual(unusualLines(text, part(text, letters, 0, 100), 5), []);
});
