// A table of many rows of which only those in sight are in the page: sorted by its headings, walked with the arrows. Each row's name is a
// button, of which one takes part in the order of Tab.
import { countText, densityText, sizeText } from './amounts.ts';
import { paint } from './densityKey.ts';
import { element } from './dom.ts';
import { harmlessText } from './harmlessText.ts';
import { type Row, type RowColumn, rowsInSight } from './workspaceRows.ts';

export interface Sorting {
  readonly column: RowColumn;
  readonly descending: boolean;
}

export interface RowsTable {
  readonly root: HTMLElement;
  show(rows: readonly Row[], caption: string, sorting: Sorting): void;
}

export interface RowsTableActions {
  readonly sort: (sorting: Sorting) => void;
  readonly open: (row: Row) => void;
}

const rowHeight = 26;
const columns: readonly { readonly column: RowColumn; readonly label: string; readonly isNumber: boolean }[] = [
  { column: 'name', label: 'Name', isNumber: false },
  { column: 'language', label: 'Language', isNumber: false },
  { column: 'numFiles', label: 'Files', isNumber: true },
  { column: 'bytes', label: 'Size', isNumber: true },
  { column: 'bits', label: 'Bits', isNumber: true },
  { column: 'bitsPerByte', label: 'Bits per byte', isNumber: true },
];

export function createRowsTable({ sort, open }: RowsTableActions): RowsTable {
  const caption = element('caption');
  const headings = columns.map(({ column, label, isNumber }) => {
    const press = () => sort({ column, descending: sorting.column === column ? !sorting.descending : isNumber });
    const button = element('button', { type: 'button', class: 'sorter', click: press }, label);
    return element('th', { scope: 'col', class: isNumber ? 'number' : 'text' }, button);
  });
  const body = element('tbody', { keydown: (event) => keyed(event as KeyboardEvent) });
  const table = element(
    'table',
    { class: 'rows' },
    caption,
    element('thead', {}, element('tr', {}, ...headings)),
    body,
  );
  const scroller = element('div', { class: 'rows-scroller', scroll: () => draw() }, table);
  let rows: readonly Row[] = [];
  let sorting: Sorting = { column: 'bytes', descending: true };
  let current = 0;
  let drawn = '';

  function keyed(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page },
      ...{ Home: -rows.length, End: rows.length },
    };
    const step = steps[event.key];
    if (step === undefined || rows.length === 0) return;
    event.preventDefault();
    current = Math.min(rows.length - 1, Math.max(0, current + step));
    reveal(current);
    draw(true);
    body.querySelector<HTMLElement>(`tr[data-index="${current}"] button`)?.focus();
  }
  function reveal(index: number): void {
    const top = body.offsetTop + index * rowHeight;
    const head = body.offsetTop;
    if (top - head < scroller.scrollTop) scroller.scrollTop = top - head;
    else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = top + rowHeight - scroller.clientHeight;
    }
  }
  function draw(anew = false): void {
    const sight = { scrollTop: scroller.scrollTop, height: scroller.clientHeight, rowHeight };
    const { from, to } = rowsInSight(rows.length, sight);
    if (!anew && drawn === `${from} ${to}`) return;
    drawn = `${from} ${to}`;
    const focused = body.contains(document.activeElement);
    // The row with the focus stays in the page, or the focus would be lost by scrolling.
    const kept = focused && (current < from || current >= to) ? [current] : [];
    const shown = [...kept.filter((one) => one < from), ...range(from, to), ...kept.filter((one) => one >= to)];
    const before = kept[0] !== undefined && kept[0] < from ? 1 : 0;
    body.replaceChildren(
      spacer((from - before) * rowHeight),
      ...shown.map((index) => rowOf(rows[index]!, index)),
      spacer((rows.length - to - (kept.length - before)) * rowHeight),
    );
    if (focused) body.querySelector<HTMLElement>(`tr[data-index="${current}"] button`)?.focus({ preventScroll: true });
  }
  function rowOf(row: Row, index: number): HTMLElement {
    const { kind, name, language, numFiles, bytes, bits, bitsPerByte } = row;
    const swatch = element('span', { class: 'density' });
    paint(swatch, bitsPerByte);
    const label = harmlessText(kind === 'folder' ? `${name}/` : name);
    const press = () => {
      current = index;
      open(row);
    };
    const button = element(
      'button',
      {
        ...{ type: 'button', class: 'link', title: label, tabindex: index === current ? 0 : -1, click: press },
        focus: () => {
          current = index;
        },
      },
      label,
    );
    return element(
      'tr',
      { 'data-index': index, 'aria-rowindex': index + 2 },
      element('th', { scope: 'row', class: 'text' }, button),
      element('td', { class: 'text' }, harmlessText(language)),
      element('td', { class: 'number' }, countText(numFiles)),
      element('td', { class: 'number' }, sizeText(bytes)),
      element('td', { class: 'number' }, countText(bits)),
      element('td', { class: 'number' }, swatch, densityText(bitsPerByte)),
    );
  }

  new ResizeObserver(() => draw()).observe(scroller);
  return {
    root: scroller,
    show(all, title, sorted) {
      // The row with the focus keeps it where it goes.
      const before = body.contains(document.activeElement) ? rows[current]?.path : undefined;
      rows = all;
      sorting = sorted;
      const same = before === undefined ? -1 : rows.findIndex(({ path }) => path === before);
      current = Math.min(same < 0 ? current : same, Math.max(0, rows.length - 1));
      if (caption.textContent !== title) caption.textContent = title;
      table.setAttribute('aria-rowcount', String(rows.length + 1));
      for (const [index, { column }] of columns.entries()) {
        const heading = headings[index]!;
        if (column === sorting.column)
          heading.setAttribute('aria-sort', sorting.descending ? 'descending' : 'ascending');
        else heading.removeAttribute('aria-sort');
      }
      draw(true);
    },
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Takes the room of rows that are out of sight. */
function spacer(height: number): HTMLElement {
  const cell = element('td', { colspan: columns.length });
  cell.style.height = `${Math.max(0, height)}px`;
  return element('tr', { class: 'spacer', 'aria-hidden': true }, cell);
}
