// The table: Markdown, which reads as well in a terminal, so that the one in README.md is the one that was printed.
import type { Figure } from './figures.ts';

const titles = ['figure', 'value', 'unit', 'peer', "peer's value", 'ratio'];
const numeric = [false, true, false, false, true, true];

export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, peer, peerValue, ratio }) => [
    name,
    formatNumber(value),
    unit,
    peer ?? '',
    peerValue === undefined ? '' : formatNumber(peerValue),
    ratio === undefined ? '' : formatNumber(ratio),
  ]);
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column]!, numeric[column]!)).join(' | ')} |`;
  const rule = widths.map((width, column) => (numeric[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(titles), line(rule), ...rows.map(line)].join('\n');
}

function pad(cell: string, width: number, toTheRight: boolean): string {
  return toTheRight ? cell.padStart(width) : cell.padEnd(width);
}

/** One line per figure; numbers as they are, to ten digits. */
export function formatJson(figures: readonly Figure[]): string {
  const short = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value);
  return figures.map((figure) => JSON.stringify(figure, short)).join('\n');
}

/** Three digits that mean something; no more is ever repeatable. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  return Math.abs(value) < 100 ? value.toPrecision(3) : value.toFixed(0);
}

/** The page with `content` in place of what stands between two markers of that name. @throws Error when they are not there. */
export function replaceMarked(page: string, content: string, name = 'bench'): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`replaceMarked: expected ${begin} and then ${end}, found neither or one`);
  return `${page.slice(0, from + begin.length)}\n${content.trim()}\n${page.slice(to)}`;
}
