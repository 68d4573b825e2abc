// Which lines of a text went and which came: the shortest script of Myers (1986, "An O(ND) difference algorithm and its variations"), between
// what both texts begin and end with. Beyond a bound of differences the middle counts as replaced, which is a script too, only longer.
import type { ByteRange } from './byteBits.ts';

/** Lines [oldFrom, oldTo) gave way to lines [newFrom, newTo); counted from 0. */
export interface LineChange {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

const mostDifferences = 2000;

/** Where each line of a text lies, its line feed included; a text that ends with one has no line after it. */
export function linesOf(bytes: Uint8Array): ByteRange[] {
  const lines: ByteRange[] = [];
  for (let from = 0; from < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, from);
    const to = feed < 0 ? bytes.length : feed + 1;
    lines.push({ from, to });
    from = to;
  }
  return lines;
}

/** Ascending, none touching the next. Lines are told apart by numbers: equal lines have equal numbers. */
export function lineChanges(old: Int32Array, now: Int32Array, most = mostDifferences): LineChange[] {
  let before = 0;
  const shorter = Math.min(old.length, now.length);
  while (before < shorter && old[before] === now[before]) before += 1;
  let after = 0;
  while (after < shorter - before && old[old.length - 1 - after] === now[now.length - 1 - after]) after += 1;
  const a = old.subarray(before, old.length - after);
  const b = now.subarray(before, now.length - after);
  const changes = a.length === 0 || b.length === 0 ? whole(a, b) : (shortest(a, b, most) ?? whole(a, b));
  return changes.map(({ oldFrom, oldTo, newFrom, newTo }) => ({
    oldFrom: oldFrom + before,
    oldTo: oldTo + before,
    newFrom: newFrom + before,
    newTo: newTo + before,
  }));
}

function whole(a: Int32Array, b: Int32Array): LineChange[] {
  return a.length + b.length === 0 ? [] : [{ oldFrom: 0, oldTo: a.length, newFrom: 0, newTo: b.length }];
}

/** Undefined beyond the bound. `reach[k]` is how far into `a` the furthest path on diagonal k = x - y comes. */
function shortest(a: Int32Array, b: Int32Array, most: number): LineChange[] | undefined {
  const [n, m] = [a.length, b.length];
  const limit = Math.min(most, n + m);
  const reach = new Int32Array(2 * limit + 3);
  const rounds: Int32Array[] = [];
  const center = limit + 1;
  for (let d = 0; d <= limit; d++) {
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[center + k - 1]! < reach[center + k + 1]!);
      let x = down ? reach[center + k + 1]! : reach[center + k - 1]! + 1;
      while (x < n && x - k < m && x - k >= 0 && a[x] === b[x - k]) x += 1;
      reach[center + k] = x;
      if (x >= n && x - k >= m) return trace(rounds, d, n, m);
    }
    // Only what this round wrote is needed on the way back.
    rounds.push(reach.slice(center - d - 1, center + d + 2));
  }
  return undefined;
}

/** Back from the end, one difference at a time. `rounds[d]` holds diagonals -d - 1 to d + 1. */
function trace(rounds: readonly Int32Array[], last: number, n: number, m: number): LineChange[] {
  const changes: LineChange[] = [];
  let [x, y] = [n, m];
  for (let d = last; d > 0; d--) {
    const reach = (k: number) => rounds[d - 1]![k + d]!;
    const k = x - y;
    const down = k === -d || (k !== d && reach(k - 1) < reach(k + 1));
    const fromX = down ? reach(k + 1) : reach(k - 1);
    const fromY = fromX - (down ? k + 1 : k - 1);
    const next = changes.at(-1);
    const [oldTo, newTo] = down ? [fromX, fromY + 1] : [fromX + 1, fromY];
    if (next && next.oldFrom === oldTo && next.newFrom === newTo) {
      changes[changes.length - 1] = { ...next, oldFrom: fromX, newFrom: fromY };
    } else changes.push({ oldFrom: fromX, oldTo, newFrom: fromY, newTo });
    [x, y] = [fromX, fromY];
  }
  return changes.reverse();
}
