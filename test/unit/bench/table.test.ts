// What the benchmark prints and writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from '../../../bench/figures.ts';
import { formatJson, formatNumber, formatTable, replaceMarked } from '../../../bench/table.ts';

const figures: Figure[] = [
  { name: 'decode/default/fp32/512', value: 345.678, unit: 'symbols/s' },
  { name: 'keystroke/warm/500', value: 1.5, unit: 'ms', peer: 'no cache reuse', peerValue: 42, ratio: 28 },
];

test('the table is Markdown with aligned columns', () => {
  assert.equal(
    formatTable(figures),
    [
      "| figure                  | value | unit      | peer           | peer's value | ratio |",
      '| ----------------------- | ----: | --------- | -------------- | -----------: | ----: |',
      '| decode/default/fp32/512 |   346 | symbols/s |                |              |       |',
      '| keystroke/warm/500      |  1.50 | ms        | no cache reuse |         42.0 |  28.0 |',
    ].join('\n'),
  );
  assert.equal(formatTable([]).split('\n').length, 2);
});

test('JSON has one line per figure, and peer fields only where there is a peer', () => {
  const lines = formatJson([...figures, { name: 'x', value: 1 / 3, unit: 'ms' }]).split('\n');
  assert.deepEqual(lines, [
    '{"name":"decode/default/fp32/512","value":345.678,"unit":"symbols/s"}',
    '{"name":"keystroke/warm/500","value":1.5,"unit":"ms","peer":"no cache reuse","peerValue":42,"ratio":28}',
    '{"name":"x","value":0.3333333333,"unit":"ms"}',
  ]);
});

test('numbers have three digits that mean something', () => {
  const check = (value: number, text: string) => assert.equal(formatNumber(value), text);
  check(0, '0');
  check(12345.6, '12346');
  check(999.4, '999');
  check(99.96, '100');
  check(12.34, '12.3');
  check(1.234, '1.23');
  check(0.01234, '0.0123');
  check(0.00000012, '1.20e-7');
  check(Infinity, 'Infinity');
});

test('what stands between the markers is replaced, and only that', () => {
  const page = 'a\n<!-- bench: begin -->\nold\nold\n<!-- bench: end -->\nb\n';
  const replaced = 'a\n<!-- bench: begin -->\nnew\n<!-- bench: end -->\nb\n';
  assert.equal(replaceMarked(page, '\nnew\n\n'), replaced);
  assert.equal(replaceMarked(replaced, 'new'), replaced);
  assert.throws(() => replaceMarked('nothing', 'new'), /expected <!-- bench: begin -->/);
  assert.throws(() => replaceMarked('<!-- bench: end --> <!-- bench: begin -->', 'new'), /expected/);
});
