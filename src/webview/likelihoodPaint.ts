// Paints rows of a text onto a canvas: behind each token the tint of its surprisal, or behind each character the difference of two models.
// Text is drawn cell by cell where it is not plain, so that nothing in it moves another place; plain rows are drawn at once.
import { stepOf, surprisalSteps, type ThemeKind, type Underline } from '../protocol/surprisalScale.ts';
import { differenceStep, groupOf, numTokens, type Scores } from './likelihoodLayout.ts';
import { type Cell, lastAtMost, lineEndSign, type TextRows, textEndSign } from './likelihoodText.ts';

export type PaneKind = 'a' | 'b' | 'difference';

export interface Pane {
  readonly kind: PaneKind;
  readonly scores: Scores | undefined;
  /** By UTF-16 unit, per byte; of the difference alone. */
  readonly difference: Float32Array | undefined;
}

export interface PaintTheme {
  readonly kind: ThemeKind;
  readonly font: string;
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly focus: string;
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
const leftPad = 6;

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

function differenceLine(step: number, kind: ThemeKind): Underline | undefined {
  const strong = Math.abs(step - 4) >= 3;
  if (!strong && kind !== 'contrastDark' && kind !== 'contrastLight') return undefined;
  if (Math.abs(step - 4) < 2) return undefined;
  const isDark = kind === 'dark' || kind === 'contrastDark';
  if (step < 4) return { color: isDark ? '#ffb057' : '#a33b00', style: 'dashed', widthPx: 2 };
  return { color: isDark ? '#5cb8ff' : '#0b5ea8', style: 'solid', widthPx: 2 };
}

/** Rows [firstRow, firstRow + count), the first of them at `top`. */
export function paintRows(
  context: CanvasRenderingContext2D,
  rows: TextRows,
  grid: Grid,
  theme: PaintTheme,
  { firstRow, count, top }: { firstRow: number; count: number; top: number },
): void {
  context.font = theme.font;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.direction = 'ltr';
  const last = Math.min(rows.numRows, firstRow + count);
  for (let row = firstRow; row < last; row++) {
    const y = top + (row - firstRow) * grid.rowHeight;
    const shape = rowShape(rows, row);
    if (shape.isFirst) paintNumber(context, String(shape.line + 1), grid, theme, y);
    for (const [index, pane] of grid.panes.entries()) {
      const x = paneLeft(grid, index) + leftPad;
      if (pane.kind === 'difference') paintDifference(context, rows.text, shape, pane, { grid, theme, x, y });
      else if (pane.scores) paintTokens(context, shape, pane.scores, { grid, theme, x, y });
      paintText(context, rows, shape, { grid, theme, x, y });
    }
  }
}

interface Place {
  readonly grid: Grid;
  readonly theme: PaintTheme;
  readonly x: number;
  readonly y: number;
}

/** A row, and in which column an offset stands. */
interface RowShape {
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

function paintTokens(context: CanvasRenderingContext2D, shape: RowShape, scores: Scores, place: Place): void {
  const count = numTokens(scores);
  if (count === 0) return;
  let token = lastAtMost(scores.starts, shape.start, count);
  while (token < count) {
    const group = groupOf(scores, token);
    if (group.from > shape.wholeEnd || (group.from === shape.wholeEnd && !shape.isTextEnd)) return;
    const columns = columnsOf(shape, group);
    if (columns && columns.to > columns.from) {
      const { background, underline } = surprisalSteps[stepOf(group.bits)]!.looks[place.theme.kind];
      fill(context, columns, background, underline, place, 1);
    }
    token = group.end;
  }
}

function paintDifference(
  context: CanvasRenderingContext2D,
  text: string,
  shape: RowShape,
  { difference }: Pane,
  place: Place,
): void {
  if (!difference) return;
  const paint = (from: number, to: number, step: number) => {
    if (to > from && step !== 4) {
      fill(
        context,
        { from, to },
        differenceColor(step, place.theme.kind),
        differenceLine(step, place.theme.kind),
        place,
        0,
      );
    }
  };
  let [from, column, runStep] = [0, 0, 4];
  const next = (width: number, step: number) => {
    if (step !== runStep) {
      paint(from, column, runStep);
      [from, runStep] = [column, step];
    }
    column += width;
  };
  if (shape.cells) {
    for (const { start, end, width } of shape.cells) next(width, differenceStep(perByte(text, difference, start, end)));
  } else {
    for (let at = shape.start; at < shape.end; at++) next(1, differenceStep(difference[at]!));
    if (shape.wholeEnd > shape.end) next(1, differenceStep(difference[shape.end]!));
  }
  paint(from, column, runStep);
}

function perByte(text: string, difference: Float32Array, start: number, end: number): number {
  let [bits, bytes] = [0, 0];
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    bits += difference[at]!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
  }
  return bytes > 0 ? bits / bytes : 0;
}

function fill(
  context: CanvasRenderingContext2D,
  columns: Span,
  background: string,
  underline: Underline | undefined,
  { grid, x, y }: Place,
  gap: number,
): void {
  const left = x + columns.from * grid.cellWidth;
  const width = (columns.to - columns.from) * grid.cellWidth - gap;
  context.fillStyle = background;
  context.fillRect(left, y + 1, width, grid.rowHeight - 2);
  if (underline) paintUnderline(context, underline, { left, width, bottom: y + grid.rowHeight - 1 });
}

function paintUnderline(
  context: CanvasRenderingContext2D,
  { color, style, widthPx }: Underline,
  { left, width, bottom }: { left: number; width: number; bottom: number },
): void {
  context.fillStyle = color;
  if (style === 'solid') context.fillRect(left, bottom - widthPx, width, widthPx);
  else if (style === 'double') {
    context.fillRect(left, bottom - 1, width, 1);
    context.fillRect(left, bottom - 3, width, 1);
  } else {
    const [dash, step] = style === 'dashed' ? [4, 6] : [1, 3];
    for (let at = 0; at < width; at += step) {
      context.fillRect(left + at, bottom - widthPx, Math.min(dash, width - at), widthPx);
    }
  }
}

function paintText(context: CanvasRenderingContext2D, rows: TextRows, shape: RowShape, place: Place): void {
  const { grid, theme, x, y } = place;
  const baseline = y + Math.round(grid.rowHeight * 0.7);
  if (shape.cells === undefined) {
    context.fillStyle = theme.text;
    if (shape.end > shape.start) context.fillText(rows.text.slice(shape.start, shape.end), x, baseline);
    if (shape.isLast) {
      context.fillStyle = theme.faint;
      const sign = shape.isTextEnd ? textEndSign : lineEndSign;
      context.fillText(sign, x + (shape.end - shape.start) * grid.cellWidth, baseline, grid.cellWidth);
    }
    return;
  }
  for (const { start, end, column, width, shown } of shape.cells) {
    const isText = rows.text.slice(start, end) === shown;
    if (shown === ' ') continue;
    context.fillStyle = isText ? theme.text : theme.faint;
    context.fillText(shown, x + column * grid.cellWidth, baseline, width * grid.cellWidth);
  }
}

function paintNumber(context: CanvasRenderingContext2D, text: string, grid: Grid, theme: PaintTheme, y: number): void {
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  context.fillText(text, grid.gutter - 8, y + Math.round(grid.rowHeight * 0.7));
  context.textAlign = 'left';
}
