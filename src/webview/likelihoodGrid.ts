// Where things stand in the heat map: panes beside each other, and which columns of a row a span takes. Knows no page.
import type { ThemeKind } from '../protocol/surprisalScale.ts';
import type { Scores } from './likelihoodLayout.ts';
import type { Cell, TextRows } from './likelihoodText.ts';

export type PaneKind = 'a' | 'b' | 'difference';

export interface Pane {
  readonly kind: PaneKind;
  readonly title: string;
  readonly scores: Scores | undefined;
  /** By UTF-16 unit, per byte; of the difference alone. */
  readonly difference: Float32Array | undefined;
}

export interface Grid {
  readonly cellWidth: number;
  readonly rowHeight: number;
  /** Of the line numbers. */
  readonly gutter: number;
  readonly columns: number;
  readonly panes: readonly Pane[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export const paneGap = 20;
export const leftPad = 6;

export function paneWidth({ cellWidth, columns }: Grid): number {
  return leftPad + (columns + 1) * cellWidth;
}

export function paneLeft(grid: Grid, pane: number): number {
  return grid.gutter + pane * (paneWidth(grid) + paneGap);
}

export function totalWidth(grid: Grid): number {
  return paneLeft(grid, grid.panes.length - 1) + paneWidth(grid);
}

/** Where a place in the window lies in the text; undefined: in no pane. */
export function placeAt(grid: Grid, x: number): { readonly pane: number; readonly column: number } | undefined {
  for (let pane = 0; pane < grid.panes.length; pane++) {
    const within = x - paneLeft(grid, pane);
    if (within >= 0 && within < paneWidth(grid)) {
      return { pane, column: Math.max(0, Math.floor((within - leftPad) / grid.cellWidth)) };
    }
  }
  return undefined;
}

/** Columns that fit into a width, for so many panes. */
export function columnsFor(width: number, gutter: number, cellWidth: number, numPanes: number): number {
  const room = (width - gutter - (numPanes - 1) * paneGap) / numPanes - leftPad;
  return Math.max(8, Math.floor(room / cellWidth) - 1);
}

/** A difference as a step of `differenceStep`: blue where the second model needs fewer bits, orange where the first one does. */
export function differenceColor(step: number, kind: ThemeKind): string {
  const strength = [0.62, 0.42, 0.26, 0.13, 0][4 - Math.abs(4 - step)]!;
  const alpha = kind === 'light' || kind === 'contrastLight' ? strength * 0.85 : strength;
  return step < 4 ? `rgba(230, 105, 10, ${alpha})` : `rgba(20, 125, 215, ${alpha})`;
}

/** A row, and in which column an offset stands. */
export interface RowShape {
  readonly line: number;
  readonly isFirst: boolean;
  readonly start: number;
  readonly end: number;
  /** With its line end. */
  readonly wholeEnd: number;
  readonly isLast: boolean;
  readonly isTextEnd: boolean;
  readonly cells: readonly Cell[] | undefined;
}

export function rowShape(rows: TextRows, row: number): RowShape {
  const { line, start, end, isFirst, isLast, simple } = rows.row(row);
  return {
    ...{ line, start, end, isFirst, isLast },
    wholeEnd: isLast ? rows.lines[line + 1]! : end,
    isTextEnd: isLast && line === rows.numLines - 1,
    cells: simple ? undefined : rows.cells(row),
  };
}

export function columnOf({ cells, start, end, wholeEnd, isTextEnd }: RowShape, offset: number): number {
  if (cells) {
    const cell = cells.find((one) => one.end > offset || one.start === one.end);
    if (cell) return cell.column;
    const last = cells.at(-1);
    return last ? last.column + last.width : 0;
  }
  if (offset <= end) return offset - start;
  return offset >= wholeEnd && !isTextEnd ? end - start + 1 : end - start;
}

/** Left and right of what a row shows of a span, in columns; undefined for nothing. */
export function columnsOf(shape: RowShape, { from, to }: Span): Span | undefined {
  if (from === to) {
    if (!shape.isTextEnd || from < shape.end) return undefined;
    const column = columnOf(shape, from);
    return { from: column, to: column + 1 };
  }
  if (to <= shape.start || from >= shape.wholeEnd) return undefined;
  return { from: columnOf(shape, Math.max(from, shape.start)), to: columnOf(shape, Math.min(to, shape.wholeEnd)) };
}
