import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { stepOf } from '../../../src/protocol/surprisalScale.ts';
import { movedRange, movedSpans, ShownSpans, united } from '../../../src/shell/shownSpans.ts';

const span = (start: number, end: number, bits = 3) => ({ start, end, bits });
const edit = (start: number, end: number, text: string) => ({ start, end, text });

test('spans move with edits; one that an edit touches is gone', () => {
  const spans = [span(0, 2), span(2, 5), span(5, 8)];
  assert.deepEqual(movedSpans(spans, [edit(2, 2, 'xx')]), [span(0, 2), span(4, 7), span(7, 10)], 'between two');
  assert.deepEqual(movedSpans(spans, [edit(3, 4, '')]), [span(0, 2), span(4, 7)], 'within one');
  assert.deepEqual(movedSpans(spans, [edit(5, 8, 'y'), edit(0, 0, 'z')]), [span(1, 3), span(3, 6)]);
  assert.deepEqual(movedRange({ start: 2, end: 5 }, [edit(3, 3, 'xx')]), { start: 2, end: 7 });
  assert.deepEqual(movedRange({ start: 2, end: 5 }, [edit(0, 9, '')]), { start: 0, end: 0 });
});

test('the edits of many cursors move spans as one after the other does', () => {
  const random = new Random(5);
  for (let round = 0; round < 200; round++) {
    const spans = Array.from({ length: 40 }, (_, i) => span(3 * i, 3 * i + 1 + random.nextInteger(3), i));
    const edits = [];
    for (let end = 130; end > 0; ) {
      const start = Math.max(0, end - random.nextInteger(4));
      edits.push(edit(start, end, 'x'.repeat(random.nextInteger(4))));
      end = start - random.nextInteger(20);
    }
    let expected = spans;
    for (const one of edits) expected = movedSpans(expected, [one]);
    assert.deepEqual(movedSpans(spans, edits), expected);
    const forward = [edit(0, 1, 'ab'), edit(7, 9, '')];
    assert.deepEqual(movedSpans(spans, forward), movedSpans(movedSpans(spans, [forward[0]!]), [forward[1]!]));
  }
});

test('spans with gaps are taken as one by one', () => {
  const random = new Random(7);
  const [together, alone] = [new ShownSpans(), new ShownSpans()];
  for (let round = 0; round < 100; round++) {
    const spans = [];
    for (let at = random.nextInteger(30); at < 100; at += random.nextInteger(30)) {
      const start = at;
      at += 1 + random.nextInteger(4);
      spans.push(span(start, at, random.nextInteger(15)));
    }
    together.takeEach(spans);
    for (const one of spans) alone.take(one.start, one.end, [one]);
    const all = [{ start: 0, end: 200 }];
    assert.deepEqual(together.painting(all, 1000), alone.painting(all, 1000));
  }
});

test('what is known of a range takes the place of what was known', () => {
  const shown = new ShownSpans();
  shown.take(0, 10, [span(0, 3), span(3, 6), span(6, 10)]);
  shown.take(3, 6, [span(3, 4, 0), span(4, 6, 20)]);
  const { ranges } = shown.painting([{ start: 0, end: 10 }], 100);
  assert.deepEqual(ranges[stepOf(3)], [
    { start: 0, end: 3 },
    { start: 6, end: 10 },
  ]);
  assert.deepEqual(ranges[0], [{ start: 3, end: 4 }]);
  assert.deepEqual(ranges[6], [{ start: 4, end: 6 }]);
  shown.take(0, 20, []);
  assert.equal(shown.count, 0);
});

test('neighbors of one step are one range, and no more ranges are painted than allowed', () => {
  const shown = new ShownSpans();
  shown.take(
    0,
    100,
    Array.from({ length: 100 }, (_, i) => span(i, i + 1, i % 4 < 2 ? 0 : 20)),
  );
  const all = shown.painting([{ start: 10, end: 30 }], 100);
  assert.equal(all.isCut, false);
  assert.deepEqual(all.ranges[0]!.at(0), { start: 12, end: 14 });
  assert.deepEqual(all.ranges[6]!.at(0), { start: 10, end: 12 });
  const cut = shown.painting([{ start: 0, end: 100 }], 7);
  assert.equal(cut.isCut, true);
  assert.equal(cut.ranges.flat().length, 7);
  shown.keep([{ start: 40, end: 50 }]);
  assert.equal(shown.count, 10);
});

test('ranges are united in order', () => {
  assert.deepEqual(
    united([
      { start: 5, end: 9 },
      { start: 0, end: 2 },
      { start: 2, end: 3 },
      { start: 7, end: 8 },
      { start: 4, end: 4 },
    ]),
    [
      { start: 0, end: 3 },
      { start: 5, end: 9 },
    ],
  );
});

test('whatever is taken and edited, spans stay in order and do not overlap', () => {
  const random = new Random(3);
  const shown = new ShownSpans();
  let length = 200;
  for (let step = 0; step < 300; step++) {
    if (random.nextInteger(2)) {
      const from = random.nextInteger(length + 1);
      const to = Math.min(length, from + random.nextInteger(20));
      shown.take(
        from,
        to,
        Array.from({ length: to - from }, (_, i) => span(from + i, from + i + 1, random.nextInteger(15))),
      );
    } else {
      const start = random.nextInteger(length + 1);
      const end = Math.min(length, start + random.nextInteger(6));
      const text = 'x'.repeat(random.nextInteger(6));
      length += text.length - (end - start);
      shown.edited([{ start, end, text }]);
    }
    const painted = shown.painting([{ start: 0, end: length }], 10_000).ranges.flat();
    const sorted = painted.toSorted((a, b) => a.start - b.start);
    for (const [i, { start, end }] of sorted.entries()) {
      assert.ok(start < end && end <= length && start >= (sorted[i - 1]?.end ?? 0));
    }
  }
});
