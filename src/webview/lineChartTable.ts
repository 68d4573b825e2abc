// What a line chart shows, as a table: the rows of the range that is shown, a page of them at a time, made only while it is open.
import { element } from './dom.ts';
import { indexFrom, type Line, placesOf, type Range } from './lineChartData.ts';

export interface TableLine extends Line {
  readonly label: string;
}

export interface TableContent {
  readonly xLabel: string;
  readonly lines: readonly TableLine[];
  readonly range: Range;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
}

export interface LineChartTable {
  readonly root: HTMLDetailsElement;
  show(content: TableContent): void;
}

const pageRows = 50;

export function createLineChartTable(caption: string, newestFirst: boolean, summary = 'Show as table'): LineChartTable {
  const head = element('tr');
  const body = element('tbody');
  const where = element('span', { class: 'where', role: 'status' });
  const turn = (label: string, to: (page: number) => number) =>
    element('button', { type: 'button', class: 'secondary', click: () => turnTo(to(page)) }, label);
  const back = [turn('First', () => 0), turn('Previous', (now) => now - 1)];
  const forth = [turn('Next', (now) => now + 1), turn('Last', () => Number.POSITIVE_INFINITY)];
  const pager = element('div', { class: 'pager' }, ...back, where, ...forth);
  const root = element(
    'details',
    { class: 'chart-table', toggle: () => fill() },
    element('summary', {}, summary),
    pager,
    element('table', {}, element('caption', {}, caption), element('thead', {}, head), body),
  );
  let content: TableContent | undefined;
  let page = 0;

  function turnTo(wanted: number): void {
    page = wanted;
    fill();
  }

  function fill(): void {
    if (!root.open || content === undefined) return;
    const { xLabel, lines, range, formatX, formatY } = content;
    const xs = placesOf(lines, range);
    const pages = Math.max(1, Math.ceil(xs.length / pageRows));
    page = Math.min(Math.max(0, page), pages - 1);
    const first = page * pageRows;
    const ordered = newestFirst
      ? xs.subarray(Math.max(0, xs.length - first - pageRows), xs.length - first).toReversed()
      : xs.subarray(first, first + pageRows);
    head.replaceChildren(
      ...[xLabel, ...lines.map(({ label }) => label)].map((label) => element('th', { scope: 'col' }, label)),
    );
    body.replaceChildren(
      ...Array.from(ordered, (x) => {
        const cells = lines.map((line) => element('td', { class: 'number' }, cellAt(line, x, formatY)));
        return element('tr', {}, element('th', { scope: 'row', class: 'number' }, formatX(x)), ...cells);
      }),
    );
    pager.hidden = pages === 1;
    const said = `Page ${page + 1} of ${pages}`;
    if (where.textContent !== said) where.textContent = said;
    // aria-disabled, since a button that is disabled under the focus would lose it.
    for (const button of back) button.setAttribute('aria-disabled', String(page === 0));
    for (const button of forth) button.setAttribute('aria-disabled', String(page === pages - 1));
  }

  return {
    root,
    show(next) {
      content = next;
      fill();
    },
  };
}

function cellAt({ xs, ys }: Line, x: number, formatY: (y: number) => string): string {
  const at = indexFrom(xs, x);
  return xs[at] === x ? formatY(ys[at]!) : '';
}
