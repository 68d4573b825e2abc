// Which places of which lines are asked, and what answers are worth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawCases, type SourceFile } from '../../../bench/model/cases.ts';
import { type Answer, bandsOf, editSimilarity, scoresOf } from '../../../bench/model/scores.ts';
import { Random } from '../../../src/base/random.ts';

const code = 'const a = 1;\n\n// a comment\n  return a + b;  \n* Licensed under MIT\r\n}\n';

test('a case is a place in a line of code: prefix, rest and suffix make the file again', () => {
  const cases = drawCases([{ path: 'a/b.ts', text: code }], 100, new Random(1));
  assert.equal(cases.length, 3, 'blank lines, comments and licenses are no code');
  const whole = code.replaceAll('\r\n', '\n');
  for (const { before, rest, after, kind, path } of cases) {
    assert.equal(path, 'a/b.ts');
    assert.notEqual(rest, '');
    assert.equal(rest, rest.trim());
    const line = before.slice(before.lastIndexOf('\n') + 1);
    assert.equal(kind === 'line start', line.trim() === '');
    assert.ok(whole.startsWith(before) && whole.endsWith(after));
    assert.equal(whole.slice(before.length, whole.length - after.length).trim(), rest);
  }
});

test('a hash begins a comment in Python and no comment in C', () => {
  const text = '# include\n';
  assert.equal(drawCases([{ path: 'a.py', text }], 9, new Random(1)).length, 0);
  assert.equal(drawCases([{ path: 'a.c', text }], 9, new Random(1)).length, 1);
});

test('draws are bounded, six a file at most, and the same for the same seed', () => {
  const line = fc.string({ maxLength: 20 });
  const file: fc.Arbitrary<SourceFile> = fc.record({
    path: fc.constantFrom('a.ts', 'b.py'),
    text: fc.array(line, { maxLength: 20 }).map((lines) => lines.join('\n')),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), (files, count) => {
      const cases = drawCases(files, count, new Random(3));
      assert.ok(cases.length <= Math.min(count, 6 * files.length));
      assert.ok(cases.every(({ rest }) => rest !== '' && !rest.includes('\n')));
      assert.deepEqual(drawCases(files, count, new Random(3)), cases);
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('of many cases four in ten are at the start of a line', () => {
  const text = Array.from({ length: 6 }, (_, i) => `  const value${i} = compute(${i});`).join('\n');
  const files = Array.from({ length: 300 }, (_, i) => ({ path: `${i}.ts`, text }));
  const cases = drawCases(files, 1800, new Random(1));
  const share = cases.filter(({ kind }) => kind === 'line start').length / cases.length;
  assert.ok(Math.abs(share - 0.4) < 0.04, `${share}`);
});

const similarities: [string, string, number][] = [
  ['', '', 1],
  ['abc', ' abc ', 1],
  ['abc', '', 0],
  ['kitten', 'sitting', 1 - 3 / 7],
  ['ab', 'ba', 0],
];
for (const [a, b, expected] of similarities) {
  test(`similarity of ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
    assert.equal(editSimilarity(a, b), expected);
    assert.equal(editSimilarity(b, a), expected);
  });
}

const answer = (language: string, text: string, meanLogProbNats: number): Answer => ({
  language,
  kind: 'inside',
  rest: 'yes',
  text,
  meanLogProbNats,
});

test('scores by group and by how sure the model was; nothing said is no suggestion', () => {
  const answers = [
    answer('ts', 'yes', -0.1),
    answer('ts', 'no', -0.4),
    answer('py', '', -Infinity),
    answer('py', 'yes ', -0.9),
  ];
  const [total, ...groups] = scoresOf(answers);
  assert.deepEqual([total?.numCases, total?.exactMatch], [4, 0.5]);
  assert.deepEqual(
    groups.map(({ name, exactMatch }) => [name, exactMatch]),
    [
      ['inside', 0.5],
      ['py', 0.5],
      ['ts', 0.5],
    ],
  );
  assert.deepEqual(bandsOf(answers, [-0.25, -0.5, -Infinity]), [
    { above: -0.25, numCases: 1, exactMatch: 1 },
    { above: -0.5, numCases: 1, exactMatch: 0 },
    { above: -Infinity, numCases: 1, exactMatch: 1 },
  ]);
});
