// Paints rows of a text onto a canvas: behind each token the tint of its surprisal, or behind each character the difference of two models.
// Text is drawn cell by cell where it is not plain, so that nothing in it moves another place; plain rows are drawn at once.
import { stepOf, surprisalSteps, type ThemeKind, type Underline } from '../protocol/surprisalScale.ts';
import {
  columnsOf,
  differenceColor,
  type Grid,
  leftPad,
  type Pane,
  paneLeft,
  type RowShape,
  rowShape,
  type Span,
} from './likelihoodGrid.ts';
import { differenceStep, groupOf, numTokens, type Scores } from './likelihoodLayout.ts';
import { lastAtMost, lineEndSign, type TextRows, textEndSign } from './likelihoodText.ts';

export interface PaintTheme {
  readonly kind: ThemeKind;
  readonly font: string;
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly focus: string;
}

/** What is strong is told by a line besides the color; under high contrast what is weaker, too. */
export function differenceLine(step: number, kind: ThemeKind): Underline | undefined {
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
