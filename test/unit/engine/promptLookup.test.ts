import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxMatch, PromptLookup } from '../../../src/engine/promptLookup.ts';

function lookupOf(text: string, maxSymbols?: number): PromptLookup {
  const lookup = new PromptLookup(maxSymbols);
  lookup.append(Array.from(text, (letter) => letter.charCodeAt(0)));
  return lookup;
}

/** After `text` so many symbols agree with an earlier place, and `expected` is guessed. */
function check(text: string, expected: string, matchLength: number) {
  const lookup = lookupOf(text);
  assert.equal(String.fromCharCode(...lookup.draft(4)), expected, text);
  assert.equal(lookup.matchLength, matchLength, text);
  assert.equal(lookup.guess, expected === '' ? undefined : expected.charCodeAt(0), text);
}

test('what followed the longest agreement is guessed; of equals, the latest', () => {
  check('', '', 0);
  check('a', '', 0);
  check('abcd', '', 0);
  check('abcdefa', 'bcde', 1);
  check('abcdefab', 'cdef', 2);
  check('xabcd..abce..bc', 'e..b', 2);
  check('xabcd..zbce..abc', 'd..z', 3);
  check('a1a2a', '2a2a', 1);
});

test('what repeats goes on repeating, beyond what there is', () => {
  check('aaa', 'aaaa', 2);
  check('ababab', 'abab', 4);
  check('abcabc', 'abca', 3);
});

test('agreement is counted up to a bound', () => {
  assert.equal(lookupOf('ab'.repeat(100)).matchLength, maxMatch);
});

test('beyond its bound the older half is forgotten', () => {
  const lookup = lookupOf(`abcdef${'.'.repeat(60)}`, 64);
  lookup.append([97, 98, 99]);
  assert.deepEqual(Array.from(lookup.draft(3)), [46, 46, 46].slice(0, lookup.draft(3).length));
  for (let i = 0; i < 1000; i++) lookup.append([i % 5]);
  assert.deepEqual(Array.from(lookup.draft(5)), [0, 1, 2, 3, 4]);
});

/** The guess by its definition: all places, the longest agreement, of equals the latest. */
function slowGuess(symbols: readonly number[]): { guess: number | undefined; matchLength: number } {
  let best = { guess: undefined as number | undefined, matchLength: 0 };
  for (let place = symbols.length - 2; place >= 0; place--) {
    let length = 0;
    while (length < maxMatch && place >= length && symbols[place - length] === symbols[symbols.length - 1 - length]) {
      length += 1;
    }
    if (length > best.matchLength) best = { guess: symbols[place + 1], matchLength: length };
  }
  return best;
}

test('symbol by symbol or at once, it is the guess that a search of everything finds', () => {
  const symbols = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(symbols, fc.nat({ max: 40 }), (all, cut) => {
      const lookup = new PromptLookup();
      lookup.append(all.slice(0, cut));
      for (const symbol of all.slice(cut)) lookup.append([symbol]);
      const { guess, matchLength } = slowGuess(all);
      assert.equal(lookup.matchLength, matchLength);
      // A source that is followed was the latest when it was found; of equals that came since, it stays.
      if (matchLength > 0) {
        const at = all.slice(all.length - matchLength).join();
        const followers = all.flatMap((_, end) =>
          end < all.length && end >= matchLength && all.slice(end - matchLength, end).join() === at ? [all[end]] : [],
        );
        assert.ok(followers.includes(lookup.guess), `${lookup.guess}, expected ${guess} or one of ${followers}`);
      }
      const draft = lookup.draft(6);
      assert.equal(draft.length, matchLength > 0 ? 6 : 0);
      assert.equal(draft[0], lookup.guess);
    }),
    { numRuns: 1000, seed: 1 },
  );
});
