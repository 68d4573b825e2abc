// Where somebody who types a line may stop, for the model to show something.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earlyStops, possibleStops } from '../../../bench/stops.ts';

const cases: [string, string[]][] = [
  ['  return total + 1;', ['  ret', '  return', '  return total', '  return total +']],
  ['for (let i', ['for', 'for (', 'for (let']],
  ['}', []],
  ['', []],
  ['    ', []],
];
for (const [line, expected] of cases) {
  test(`stops in ${JSON.stringify(line)}`, () => {
    const stops = possibleStops(line).map((stop) => line.slice(0, stop));
    assert.deepEqual(stops, expected);
  });
}

test('no line has more than eight, and early ones take the first', () => {
  const long = 'a b c d e f g h i j k l m n o p';
  assert.equal(possibleStops(long).length, 8);
  assert.deepEqual(earlyStops([long, '}']), [{ text: long, stop: 3 }, { text: '}' }]);
});
