import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  csvText,
  curvesSvg,
  escaped,
  heatMapSvg,
  histogramSvg,
  tokensCsv,
  tokensJson,
} from '../../../src/webview/likelihoodExport.ts';
import { histogram, type Scores } from '../../../src/webview/likelihoodLayout.ts';
import { TextRows } from '../../../src/webview/likelihoodText.ts';

const text = 'a,"b"\r\n<漢>\0';
const scores: Scores = {
  starts: Int32Array.of(0, 1, 5, 7, 8, 8, 9, 11, 11),
  bits: Float32Array.of(1, 2, 0.1, 4, 5, 6, Number.POSITIVE_INFINITY, 8),
  entropy: Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1),
  rank: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
};
const theme = { kind: 'dark', background: '#000', text: '#fff', faint: '#888' } as const;

/** RFC 4180. */
function parseCsv(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.slice(0, -1);
}

test('CSV comes back as it went in, whatever the tokens hold', () => {
  const csv = [...tokensCsv(new TextRows(text), [{ model: 'm, "1"', scores }])].join('');
  const [head, ...rows] = parseCsv(csv);
  assert.equal(head?.length, 10);
  assert.equal(rows.length, 8);
  assert.ok(rows.every((row) => row.length === 10 && row[0] === 'm, "1"'));
  assert.equal(rows.map((row) => row[6]).join(''), text);
  assert.deepEqual(rows[2]?.slice(1, 6), ['2', '1', '6', '5', '7']);
  assert.deepEqual(rows[2]?.slice(7), ['0.100000001', '1', '3']);
  assert.equal(rows[6]?.[7], '');
  assert.equal(csvText(' x'), '" x"');
});

test('JSON has every token, and null for what is no finite number', () => {
  const finite = { ...scores, bits: scores.bits.map((one) => (one === Number.POSITIVE_INFINITY ? 7 : one)) };
  const all = [
    { model: 'A', scores: finite },
    { model: 'B', scores },
  ];
  const json = JSON.parse([...tokensJson('x\u202e.txt', new TextRows(text), all)].join(''));
  assert.equal(json.name, 'x\u202e.txt');
  assert.equal(json.bytes, 13);
  assert.equal(json.models[0].tokens.map((token: { text: string }) => token.text).join(''), text);
  assert.ok(Math.abs(json.models[0].bits - 33.1) < 1e-5);
  assert.equal(json.models[1].bits, null);
  assert.equal(json.models[1].tokens[6].bits, null);
  assert.deepEqual(json.models[0].tokens[7], {
    token: 7,
    line: 2,
    column: 5,
    start: 11,
    end: 11,
    text: '',
    bits: 8,
    entropy: 1,
    rank: 8,
  });
});

test('more tokens than a piece holds are all there', () => {
  const count = 10_000;
  const many: Scores = {
    starts: Int32Array.from({ length: count + 1 }, (_, i) => i),
    bits: new Float32Array(count).fill(1),
    entropy: new Float32Array(count),
    rank: new Int32Array(count),
  };
  const rows = new TextRows('x'.repeat(count));
  assert.equal([...tokensCsv(rows, [{ model: 'm', scores: many }])].join('').split('\r\n').length, count + 2);
  assert.equal(
    JSON.parse([...tokensJson('x', rows, [{ model: 'm', scores: many }])].join('')).models[0].tokens.length,
    count,
  );
});

test('SVG holds text as text, and nothing that XML has no place for', () => {
  assert.equal(escaped('<a b="c">&\0\ud800'), '&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd');
  const panes = [
    { title: '<A>', scores, steps: undefined },
    { title: 'difference', scores: undefined, steps: (offset: number) => (offset < 3 ? 0 : 8) },
  ];
  const pictures = [
    heatMapSvg(new TextRows(text), panes, 100, theme),
    curvesSvg('<n>', 'bits', [{ label: 'l', color: '#fff', values: scores.entropy }], theme),
    histogramSvg('&', [{ name: 'A', bins: histogram(scores.bits, 1, 8) }], theme),
  ];
  for (const svg of pictures) {
    assert.match(svg, /^<svg [\s\S]*<\/svg>\n$/);
    assert.doesNotMatch(svg.replaceAll('\n', ''), /\p{Cc}/u);
    assert.doesNotMatch(svg, /<n>|<A>|NaN|Infinity|undefined/);
    const opened = svg.match(/<(svg|text)\b/g)?.length;
    assert.equal(svg.match(/<\/(svg|text)>/g)?.length, opened);
  }
  assert.match(pictures[0]!, /漢/);
});
