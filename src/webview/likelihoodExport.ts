// What the likelihood view writes to files: tables of tokens as CSV (RFC 4180) and JSON, in pieces, since they are many; pictures as SVG.
// Knows no page.
import { stepOf, surprisalSteps, type ThemeKind } from '../protocol/surprisalScale.ts';
import { columnsOf, differenceColor, rowShape } from './likelihoodGrid.ts';
import { type Bin, numTokens, type Scores, totalBits, utf8Length } from './likelihoodLayout.ts';
import { lastAtMost, type TextRows, visibleText } from './likelihoodText.ts';

export interface ScoredBy {
  readonly model: string;
  readonly scores: Scores;
}

const tokensPerPiece = 4096;
const csvHeader = ['model', 'token', 'line', 'column', 'start', 'end', 'text', 'bits', 'entropy', 'rank'];

/** Lines and columns count from 1, ranks too; offsets in UTF-16 units from 0. */
export function* tokensCsv(rows: TextRows, all: readonly ScoredBy[]): Generator<string> {
  yield `${csvHeader.join(',')}\r\n`;
  for (const { model, scores } of all) {
    for (const piece of tokenPieces(rows, scores)) {
      const name = csvText(model);
      yield piece
        .map((t) => [name, t.token, t.line, t.column, t.start, t.end, csvText(t.text), t.bits, t.entropy, t.rank])
        .map((cells) => `${cells.join(',')}\r\n`)
        .join('');
    }
  }
}

export function csvText(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One object; what is no finite number is null. */
export function* tokensJson(name: string, rows: TextRows, all: readonly ScoredBy[]): Generator<string> {
  const numBytes = utf8Length(rows.text);
  yield `{"format":"chainrule likelihoods","version":1,"name":${JSON.stringify(name)},"bytes":${numBytes},"models":[`;
  for (const [i, { model, scores }] of all.entries()) {
    const bits = totalBits(scores);
    const facts = { name: model, bits, bitsPerByte: numBytes > 0 ? bits / numBytes : null };
    yield `${i > 0 ? ',' : ''}${JSON.stringify(facts).slice(0, -1)},"tokens":[`;
    let first = true;
    for (const piece of tokenPieces(rows, scores)) {
      yield `${first ? '' : ','}\n${piece.map((token) => JSON.stringify(token)).join(',\n')}`;
      first = false;
    }
    yield ']}';
  }
  yield ']}\n';
}

function* tokenPieces(rows: TextRows, scores: Scores) {
  const count = numTokens(scores);
  for (let first = 0; first < count; first += tokensPerPiece) {
    const length = Math.min(tokensPerPiece, count - first);
    yield Array.from({ length }, (_, i) => {
      const token = first + i;
      const [start, end] = [scores.starts[token]!, scores.starts[token + 1]!];
      const line = lastAtMost(rows.lines, start, rows.numLines);
      return {
        token,
        line: line + 1,
        column: start - rows.lines[line]! + 1,
        start,
        end,
        text: rows.text.slice(start, end),
        bits: finite(scores.bits[token]!),
        entropy: finite(scores.entropy[token]!),
        rank: scores.rank[token]! + 1,
      };
    });
  }
}

/** As many digits as a 32-bit float has. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : null;
}

export interface PictureTheme {
  readonly kind: ThemeKind;
  readonly background: string;
  readonly text: string;
  readonly faint: string;
}

const cell = { width: 8, height: 20, fontSize: 13 };

export interface SvgPane {
  readonly title: string;
  readonly scores: Scores | undefined;
  /** Steps of differences by UTF-16 unit. */
  readonly steps: ((offset: number) => number) | undefined;
}

/** Rows [0, count) in every pane, side by side. */
export function heatMapSvg(rows: TextRows, panes: readonly SvgPane[], count: number, theme: PictureTheme): string {
  const paneWidth = (rows.columns + 3) * cell.width;
  const gutter = (String(rows.numLines).length + 2) * cell.width;
  const numRows = Math.min(count, rows.numRows);
  const top = cell.height * 1.5;
  const width = gutter + panes.length * paneWidth;
  const height = top + numRows * cell.height + 12;
  const parts: string[] = [];
  for (const [index, { title }] of panes.entries()) {
    parts.push(textElement(gutter + index * paneWidth, cell.fontSize + 3, theme.faint, visibleText(title, 80)));
  }
  for (let row = 0; row < numRows; row++) {
    const shape = rowShape(rows, row);
    const y = top + row * cell.height;
    if (shape.isFirst) parts.push(textElement(4, y + 14, theme.faint, String(shape.line + 1)));
    for (const [index, pane] of panes.entries()) {
      const x = gutter + index * paneWidth;
      const rect = (from: number, to: number, fill: string) =>
        parts.push(
          `<rect x="${number(x + from * cell.width)}" y="${y}" width="${number((to - from) * cell.width - 0.5)}" height="${cell.height - 1}" fill="${fill}"/>`,
        );
      if (pane.scores) {
        const { starts, bits } = pane.scores;
        let token = lastAtMost(starts, shape.start, numTokens(pane.scores));
        while (token > 0 && starts[token - 1] === starts[token]) token--;
        for (; token < numTokens(pane.scores) && starts[token]! <= shape.wholeEnd; token++) {
          const columns = columnsOf(shape, { from: starts[token]!, to: starts[token + 1]! });
          if (!columns || columns.to <= columns.from) continue;
          rect(columns.from, columns.to, surprisalSteps[stepOf(bits[token]!)]!.looks[theme.kind].background);
        }
      }
      for (const { start, column, width: wide, shown } of rows.cells(row)) {
        const step = pane.steps && start < rows.text.length ? pane.steps(start) : 4;
        if (step !== 4) rect(column, column + wide, differenceColor(step, theme.kind));
        if (shown !== ' ') {
          const isText = rows.text.startsWith(shown, start);
          parts.push(textElement(x + column * cell.width, y + 14, isText ? theme.text : theme.faint, shown));
        }
      }
    }
  }
  return svg(width, height, theme, parts);
}

export interface SvgLine {
  readonly label: string;
  readonly color: string;
  readonly values: Float32Array;
}

const chart = { width: 960, height: 320, left: 56, right: 16, top: 40, bottom: 36 };
const mostPoints = 4000;

/** Thinned to what a picture can show. */
export function curvesSvg(title: string, unit: string, lines: readonly SvgLine[], theme: PictureTheme): string {
  const count = Math.max(2, ...lines.map(({ values }) => values.length));
  const every = Math.max(1, Math.ceil(count / mostPoints));
  let most = 1;
  for (const { values } of lines) for (const value of values) if (Number.isFinite(value) && value > most) most = value;
  const x = (i: number) => chart.left + (i / (count - 1)) * (chart.width - chart.left - chart.right);
  const y = (value: number) => yOf(value, most);
  const paths = lines.map(({ color, values }) => {
    const points: string[] = [];
    for (let i = 0; i < values.length; i += every) {
      if (Number.isFinite(values[i])) points.push(`${number(x(i))},${number(y(values[i]!))}`);
    }
    return `<polyline fill="none" stroke="${color}" stroke-width="1.5" points="${points.join(' ')}"/>`;
  });
  const legend = lines.map(({ label, color }, i) => textElement(chart.width - 300 + i * 150, 20, color, label));
  const ends = [
    textElement(chart.left, chart.height - 12, theme.faint, 'token 1'),
    textElement(chart.width - 110, chart.height - 12, theme.faint, `token ${count}`),
  ];
  return svg(chart.width, chart.height, theme, [
    textElement(chart.left, 20, theme.text, `${visibleText(title, 60)}: ${unit}`),
    ...grid(most, theme),
    ...paths,
    ...legend,
    ...ends,
  ]);
}

/** A bar for each bin; of two models one beside the other. */
export function histogramSvg(
  title: string,
  models: readonly { name: string; bins: readonly Bin[] }[],
  theme: PictureTheme,
): string {
  const numBins = models[0]?.bins.length ?? 0;
  const share = models.map(({ bins }) => {
    const all = Math.max(
      1,
      bins.reduce((sum, { count }) => sum + count, 0),
    );
    return bins.map(({ count }) => (100 * count) / all);
  });
  const most = Math.max(1, ...share.flat());
  const step = (chart.width - chart.left - chart.right) / Math.max(1, numBins);
  const bars = share.flatMap((values, model) =>
    values.map((value, bin) => {
      const wide = (step - 2) / models.length;
      const x = chart.left + bin * step + model * wide;
      const top = yOf(value, most);
      const { solid } = surprisalSteps[stepOf(models[model]!.bins[bin]!.from)]!;
      const look = model === 0 ? `fill="${solid}"` : `fill="none" stroke="${solid}" stroke-width="1.5"`;
      return `<rect x="${number(x)}" y="${number(top)}" width="${number(wide)}" height="${number(chart.height - chart.bottom - top)}" ${look}/>`;
    }),
  );
  const labels = (models[0]?.bins ?? [])
    .map(({ from }, bin) => ({ from, bin }))
    .filter(({ from }) => from % 2 === 0)
    .map(({ from, bin }) => textElement(chart.left + bin * step, chart.height - 12, theme.faint, String(from)));
  const names = models.map(({ name }) => visibleText(name, 30)).join(' (filled), ');
  return svg(chart.width, chart.height, theme, [
    textElement(chart.left, 20, theme.text, `${visibleText(title, 50)}: % of tokens by surprisal in bits; ${names}`),
    ...grid(most, theme),
    ...bars,
    ...labels,
  ]);
}

function yOf(value: number, most: number): number {
  return chart.height - chart.bottom - (value / most) * (chart.height - chart.top - chart.bottom);
}

function grid(most: number, { faint }: PictureTheme): string[] {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
    const y = number(yOf(part * most, most));
    return [
      `<line x1="${chart.left}" x2="${chart.width - chart.right}" y1="${y}" y2="${y}" stroke="${faint}" stroke-opacity="0.35"/>`,
      textElement(8, Number(y) + 4, faint, (part * most).toPrecision(3)),
    ];
  });
}

function svg(width: number, height: number, { background }: PictureTheme, parts: readonly string[]): string {
  const [wide, high] = [Math.ceil(width), Math.ceil(height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" font-family="monospace" font-size="${cell.fontSize}">`,
    `<rect width="100%" height="100%" fill="${escaped(background)}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function textElement(x: number, y: number, color: string, text: string): string {
  return `<text x="${number(x)}" y="${number(y)}" fill="${escaped(color)}" direction="ltr" xml:space="preserve">${escaped(text)}</text>`;
}

/** Also without what XML has no place for. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const isNone = /\p{Cc}|\p{Cs}|[\ufffe\uffff]/u;
  return [...text].map((character) => entities[character] ?? (isNone.test(character) ? '\ufffd' : character)).join('');
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
