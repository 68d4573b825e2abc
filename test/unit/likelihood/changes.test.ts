import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import fc from 'fast-check';
import { liveObjects } from '../../../src/base/disposable.ts';
import { utf8 } from '../../../src/codecs/text.ts';
import { bitsOf, wholeText } from '../../../src/likelihood/bits.ts';
import { scoreText } from '../../../src/likelihood/byteBits.ts';
import { hunksBetween, scoreHunks } from '../../../src/likelihood/changes.ts';
import { lineChanges, linesOf } from '../../../src/likelihood/lineDiff.ts';
import { byteModel, codec } from './byteModel.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

function assertNear(actual: number, expected: number): void {
  const close = Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected));
  assert.ok(close, `expected ${expected}, got ${actual}`);
}

/** Applies line changes: what remains of the old and what came. */
function applied(old: number[], now: number[], most?: number): number[] {
  const changes = lineChanges(Int32Array.from(old), Int32Array.from(now), most);
  const result: number[] = [];
  let at = 0;
  let previous = { oldTo: -1, newTo: -1 };
  for (const { oldFrom, oldTo, newFrom, newTo } of changes) {
    assert.ok(oldFrom > previous.oldTo || newFrom > previous.newTo, 'no two touch');
    previous = { oldTo, newTo };
    result.push(...old.slice(at, oldFrom), ...now.slice(newFrom, newTo));
    at = oldTo;
  }
  return [...result, ...old.slice(at)];
}

test('line changes lead from one text to the other, and are the fewest', () => {
  const lines = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 24 });
  fc.assert(
    fc.property(lines, lines, fc.constantFrom(undefined, 0, 1, 3), (old, now, most) => {
      assert.deepEqual(applied(old, now, most), now);
      if (most !== undefined) return;
      const changed = lineChanges(Int32Array.from(old), Int32Array.from(now));
      const cost = changed.reduce((sum, one) => sum + one.oldTo - one.oldFrom + one.newTo - one.newFrom, 0);
      assert.equal(cost, old.length + now.length - 2 * longestCommon(old, now));
    }),
    { seed: 1, numRuns: 400 },
  );
});

function longestCommon(a: number[], b: number[]): number {
  const best = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i]![j] = a[i] === b[j] ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  return best[0]![0]!;
}

test('hunks are where git shows them', () => {
  const text = (...lines: (string | number)[]) => utf8(lines.map((line) => `${line}\n`).join(''));
  const places = (old: Uint8Array | null, now: Uint8Array | null) =>
    hunksBetween({ old, now }).hunks.map(
      (one) =>
        `-${one.oldStart},${one.oldLines} +${one.newStart},${one.newLines} ${JSON.stringify([one.removed, one.added])}`,
    );
  const many = Array.from({ length: 20 }, (_, i) => i);
  const range = (from: number, to: number) => ({ from, to });
  const check = (old: Uint8Array | null, now: Uint8Array | null, ...expected: string[]) =>
    assert.deepEqual(places(old, now), expected);
  check(text(...many), text(...many));
  check(null, text('a', 'b'), `-0,0 +1,2 ${JSON.stringify([[], [range(0, 2)]])}`);
  check(text('a', 'b'), null, `-1,2 +0,0 ${JSON.stringify([[range(0, 2)], []])}`);
  check(text('a'), utf8('a'), `-1,1 +1,1 ${JSON.stringify([[range(0, 1)], [range(0, 1)]])}`);
  check(text(...many), text(...many.with(10, 99)), `-8,7 +8,7 ${JSON.stringify([[range(10, 11)], [range(10, 11)]])}`);
  const [near, far] = [many.with(3, 99).with(10, 98), many.with(3, 99).with(11, 98)];
  assert.equal(places(text(...many), text(...near)).length, 1, 'six lines between them');
  assert.equal(places(text(...many), text(...far)).length, 2, 'seven lines between them');
  check(utf8(''), utf8(''));
});

test('line ends that all changed are no hunk, and are told; one that changed is', () => {
  const [unix, windows] = ['a\nb\nc\n', 'a\r\nb\r\nc\r\n'];
  assert.deepEqual(hunksBetween({ old: utf8(unix), now: utf8(windows) }), { hunks: [], onlyLineEnds: true });
  const changed = hunksBetween({ old: utf8(unix), now: utf8('a\r\nx\r\nc\r\n') });
  assert.deepEqual(changed.hunks[0]?.added, [{ from: 1, to: 2 }]);
  assert.equal(changed.onlyLineEnds, false);
  assert.deepEqual(hunksBetween({ old: utf8(unix), now: utf8('a\nb\r\nc\n') }).hunks[0]?.added, [{ from: 1, to: 2 }]);
});

test('the hunks and what lies between them take what the whole file takes', async () => {
  const model = byteModel();
  const line = fc.constantFrom('a\n', 'bc\n', 'déf\n', '\n', 'x\r\n', '🙂\n');
  const text = fc
    .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('', 'end'))
    .map(([lines, last]) => utf8(lines.join('') + last));
  await fc.assert(
    fc.asyncProperty(text, text, async (old, now) => {
      const { hunks } = hunksBetween({ old, now }, 0);
      const scored = await scoreHunks(model, { old, now }, hunks);
      const whole = await scoreText(model, now);
      const lines = linesOf(now);
      const inHunks = new Set(
        hunks.flatMap(({ added }) => added.flatMap(({ from, to }) => [...lines.keys()].slice(from, to))),
      );
      const between = lines.filter((_, index) => !inHunks.has(index));
      const sum =
        scored.reduce((total, { added }) => total + added.bits, 0) +
        between.reduce((total, range) => total + whole.byteBits.between(range), 0);
      const { bits } = await bitsOf(model.model, wholeText(codec, now));
      if (now.length > 0) assertNear(sum, bits);
      assertNear(whole.byteBits.total, bits);
    }),
    { seed: 2, numRuns: 60 },
  );
  model.dispose();
});

test('a new file takes all of its bits, a deleted one took all of them', async () => {
  const model = byteModel();
  const bytes = utf8('let x = 1;\nlet y = 2;\n');
  const { bits } = await bitsOf(model.model, wholeText(codec, bytes));
  for (const sides of [
    { old: null, now: bytes },
    { old: bytes, now: null },
  ]) {
    const [hunk] = await scoreHunks(model, sides, hunksBetween(sides).hunks);
    assertNear(hunk!.added.bits + hunk!.removed.bits, bits);
    assert.equal(hunk!.lines.length, 2);
  }
  model.dispose();
});

test('only the windows that hold what is asked for are computed, and give the same numbers', async () => {
  const model = byteModel(16);
  const bytes = utf8(Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join(''));
  let asked = 0;
  const counting = {
    ...model,
    model: {
      ...model.model,
      score: (symbols: Int32Array) => {
        asked += symbols.length;
        return model.model.score(symbols);
      },
      step: (...args: Parameters<typeof model.model.step>) => {
        asked += args[0].length;
        return model.model.step(...args);
      },
    },
  };
  const whole = await scoreText(model, bytes);
  const needed = [{ from: 100, to: 108 }];
  const part = await scoreText(counting, bytes, { needed });
  assertNear(part.byteBits.between(needed[0]!), whole.byteBits.between(needed[0]!));
  assert.ok(asked < 60, `${asked} symbols`);
  model.dispose();
});
