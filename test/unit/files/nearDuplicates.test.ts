import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { NearDuplicateTexts, similarity, sketchOf } from '../../../src/files/nearDuplicates.ts';

/** A text of so many words out of a thousand. */
function words(count: number, seed: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => `word${random.nextInteger(1000)}`);
}

/** The true share of common runs of five words. */
function jaccard(a: readonly string[], b: readonly string[]): number {
  const runs = (list: readonly string[]) => new Set(list.slice(4).map((_, i) => list.slice(i, i + 5).join(' ')));
  const [ofA, ofB] = [runs(a), runs(b)];
  const common = [...ofA].filter((run) => ofB.has(run)).length;
  return common / (ofA.size + ofB.size - common);
}

test('a copy with a few changes is found, another text is not', () => {
  const filter = new NearDuplicateTexts();
  const text = words(800, 1);
  assert.equal(filter.earlier('one', text.join(' ')), undefined);
  const changed = text.with(3, 'two').with(400, 'lines').with(401, 'changed');
  assert.equal(filter.earlier('two', changed.join('\n')), 'one');
  assert.equal(filter.earlier('three', words(800, 2).join(' ')), undefined);
  const half = [...text.slice(0, 400), ...words(400, 3)];
  assert.equal(filter.earlier('half', half.join(' ')), undefined);
});

test('found above the threshold and left alone below it, for pair after pair', () => {
  let nearFound = 0;
  let farFound = 0;
  for (let pair = 0; pair < 30; pair++) {
    const text = words(600, 10 + pair);
    const random = new Random(pair);
    const change = (count: number) => {
      let changed = text;
      for (let i = 0; i < count; i++) changed = changed.with(random.nextInteger(600), `new${i}`);
      return changed;
    };
    const check = (other: readonly string[]) => {
      const filter = new NearDuplicateTexts();
      filter.earlier('first', text.join(' '));
      return filter.earlier('second', other.join(' ')) !== undefined;
    };
    const [near, far] = [change(4), change(35)];
    assert.ok(jaccard(text, near) > 0.92 && jaccard(text, far) < 0.65);
    nearFound += Number(check(near));
    farFound += Number(check(far));
  }
  assert.ok(nearFound >= 29, `${nearFound} of 30 near pairs found`);
  assert.equal(farFound, 0);
});

test('the sketch estimates the similarity', () => {
  const text = words(2000, 5);
  for (const kept of [500, 1000, 1500, 1900]) {
    const other = [...text.slice(0, kept), ...words(2000 - kept, 6)];
    const estimate = similarity(sketchOf(text.join(' '))!, sketchOf(other.join(' '))!);
    assert.ok(Math.abs(estimate - jaccard(text, other)) < 0.15, `${kept}: ${estimate} for ${jaccard(text, other)}`);
  }
});

test('short texts are left to exact comparison; memory is bounded; the same again gives the same', () => {
  assert.equal(sketchOf(words(60, 1).join(' ')), undefined);
  const filter = new NearDuplicateTexts(1);
  const texts = [1, 2, 2, 1].map((seed) => words(200, seed).join(' '));
  assert.deepEqual(
    texts.map((text, i) => filter.earlier(`${i}`, text)),
    [undefined, undefined, undefined, '0'],
  );
  assert.deepEqual(sketchOf(texts[0]!), sketchOf(texts[3]!));
});
