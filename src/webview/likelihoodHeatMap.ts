// The heat map: a text of any length in a window that scrolls, of which only what is seen is painted. The mouse and the keyboard move over
// tokens; whoever listens is told which one.
import { element } from './dom.ts';
import {
  columnsFor,
  columnsOf,
  type Grid,
  leftPad,
  type Pane,
  paneLeft,
  paneWidth,
  placeAt,
  rowShape,
  totalWidth,
} from './likelihoodGrid.ts';
import { groupAt, groupOf, numTokens, type Scores, ScrollMap, type TokenGroup } from './likelihoodLayout.ts';
import { paintRows } from './likelihoodPaint.ts';
import { TextRows } from './likelihoodText.ts';
import { readPaintTheme } from './likelihoodTheme.ts';

export interface HeatMapOptions {
  /** The token under the mouse, or the one that has the cursor. */
  readonly pointed: (group: TokenGroup | undefined, how: 'mouse' | 'keyboard') => void;
  /** Click or Enter. */
  readonly picked: (group: TokenGroup) => void;
  /** What is seen has changed. */
  readonly scrolled: () => void;
}

export interface HeatMap {
  readonly root: HTMLElement;
  /** What each pane shows. */
  readonly titles: HTMLElement;
  /** Another text; what is seen begins at the top. */
  setText(text: string): void;
  /** What is painted; the first pane with scores tells which tokens the cursor moves over. */
  setPanes(panes: readonly Pane[]): void;
  readonly rows: TextRows;
  /** The first line that is seen, and how many are. */
  readonly topLine: number;
  readonly bottomLine: number;
  readonly cursor: number;
  /** Columns that each of so many panes would have. */
  columnsOfPanes(numPanes: number): number;
  showLine(line: number): void;
  /** Puts the cursor there, and scrolls so that it is seen. */
  showToken(token: number): void;
  /** Paints rows onto a picture of their own. */
  picture(firstRow: number, count: number, scale: number): HTMLCanvasElement;
  paintSoon(): void;
  grid(): Grid;
}

/** From here on a token is worth a stop on the way: `n` and `p`. */
const surprisingBits = 7;

export function createHeatMap({ pointed, picked, scrolled }: HeatMapOptions): HeatMap {
  const canvas = element('canvas', { class: 'heat-canvas', 'aria-hidden': 'true' });
  const sizer = element('div', { class: 'heat-sizer' });
  const titles = element('div', { class: 'pane-titles' });
  const root = element(
    'div',
    {
      class: 'heat-map',
      tabindex: 0,
      role: 'application',
      'aria-roledescription': 'heat map',
      'aria-label':
        'Heat map. Arrow keys move between tokens, N and P to the next and previous surprising one, Enter goes to the place in the editor.',
    },
    canvas,
    sizer,
  );
  const context = canvas.getContext('2d', { alpha: false })!;
  let theme = readPaintTheme();
  let rows = new TextRows('');
  let panes: readonly Pane[] = [];
  let grid: Grid = { cellWidth: 8, rowHeight: 20, gutter: 40, columns: 80, panes };
  let scrollMap = new ScrollMap(1, 20, 100);
  let [width, height, ratio] = [0, 0, 1];
  let cursor = 0;
  let hovered: TokenGroup | undefined;
  let frame = 0;

  const scores = (): Scores | undefined => panes.find((pane) => pane.scores && numTokens(pane.scores) > 0)?.scores;

  function layOut(): void {
    theme = readPaintTheme();
    context.font = theme.font;
    const cellWidth = context.measureText('0'.repeat(64)).width / 64;
    const rowHeight = Math.round(theme.fontSize * 1.55);
    const gutter = Math.ceil((String(rows.numLines).length + 1) * cellWidth) + 12;
    const columns = columnsFor(width, gutter, cellWidth, Math.max(1, panes.length));
    const top = rows.row(Math.min(rows.numRows - 1, topRow())).start;
    const isOther = columns !== rows.columns || rowHeight !== grid.rowHeight;
    if (columns !== rows.columns) rows.setColumns(columns);
    grid = { cellWidth, rowHeight, gutter, columns, panes };
    scrollMap = new ScrollMap(rows.numRows, rowHeight, height);
    sizer.style.height = `${Math.max(height, scrollMap.height)}px`;
    if (isOther) root.scrollTop = scrollMap.scrollTopOf(rows.rowOfOffset(top) * rowHeight);
    fillTitles();
    paintSoon();
  }

  function fillTitles(): void {
    titles.replaceChildren(
      ...panes.map(({ title }, pane) => {
        const made = element('bdi', { title }, title);
        made.style.left = `${paneLeft(grid, pane) + leftPad}px`;
        made.style.maxWidth = `${paneWidth(grid)}px`;
        return made;
      }),
    );
  }

  function topPixels(): number {
    return scrollMap.pixelsAt(root.scrollTop);
  }

  function topRow(): number {
    return Math.max(0, Math.floor(topPixels() / grid.rowHeight));
  }

  function paintSoon(): void {
    if (frame === 0) frame = requestAnimationFrame(paint);
  }

  function paint(): void {
    frame = 0;
    if (width === 0 || height === 0) return;
    const top = topPixels();
    const first = Math.max(0, Math.floor(top / grid.rowHeight));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = theme.background;
    context.fillRect(0, 0, width, height);
    context.fillStyle = theme.line;
    for (let pane = 1; pane < panes.length; pane++) context.fillRect(paneLeft(grid, pane) - 10, 0, 1, height);
    const count = Math.ceil(height / grid.rowHeight) + 1;
    paintRows(context, rows, grid, theme, { firstRow: first, count, top: first * grid.rowHeight - top });
    const known = scores();
    if (known && cursor < numTokens(known) && document.activeElement === root)
      outline(groupOf(known, cursor), first, count, 2);
    if (hovered) outline(hovered, first, count, 1);
  }

  /** A frame around what is seen of a group, in every pane. */
  function outline(group: TokenGroup, first: number, count: number, thick: number): void {
    const from = Math.max(first, rows.rowOfOffset(group.from));
    const to = Math.min(first + count - 1, rows.numRows - 1, rows.rowOfOffset(Math.max(group.from, group.to - 1)));
    context.strokeStyle = theme.focus;
    context.lineWidth = thick;
    for (let row = from; row <= to; row++) {
      const columns = columnsOf(rowShape(rows, row), group);
      if (!columns) continue;
      const y = row * grid.rowHeight - topPixels();
      for (let pane = 0; pane < panes.length; pane++) {
        const x = paneLeft(grid, pane) + leftPad + columns.from * grid.cellWidth;
        const wide = Math.max(3, (columns.to - columns.from) * grid.cellWidth - 1);
        context.strokeRect(x - 0.5, y + 0.5, wide + 1, grid.rowHeight - 1);
      }
    }
  }

  function groupAtPoint(event: MouseEvent): TokenGroup | undefined {
    const known = scores();
    const box = root.getBoundingClientRect();
    const place = placeAt(grid, event.clientX - box.left);
    const row = Math.floor((event.clientY - box.top + topPixels()) / grid.rowHeight);
    if (!known || !place || row < 0 || row >= rows.numRows) return undefined;
    const cell = rows.cellAt(row, place.column);
    if (place.column >= cell.column + cell.width) return undefined;
    const group = groupAt(known, cell.start);
    return cell.start < group.to || group.from === group.to ? group : undefined;
  }

  function hover(group: TokenGroup | undefined): void {
    if (group?.first === hovered?.first) return;
    hovered = group;
    pointed(group, 'mouse');
    paintSoon();
  }

  function moveTo(token: number): void {
    const known = scores();
    if (!known) return;
    const group = groupOf(known, Math.min(Math.max(0, token), numTokens(known) - 1));
    cursor = group.first;
    reveal(group.from);
    pointed(group, 'keyboard');
    paintSoon();
  }

  function reveal(offset: number): void {
    const y = rows.rowOfOffset(offset) * grid.rowHeight;
    const top = topPixels();
    if (y < top) root.scrollTop = scrollMap.scrollTopOf(y);
    else if (y + grid.rowHeight > top + height) root.scrollTop = scrollMap.scrollTopOf(y + grid.rowHeight - height);
  }

  /** To the token in the row that many rows away, at the same column. */
  function moveRows(known: Scores, by: number): void {
    const from = groupOf(known, Math.min(cursor, numTokens(known) - 1)).from;
    const row = rows.rowOfOffset(from);
    const column = columnsOf(rowShape(rows, row), { from, to: from + 1 })?.from ?? 0;
    const next = Math.min(Math.max(0, row + by), rows.numRows - 1);
    moveTo(groupAt(known, rows.cellAt(next, column).start).first);
  }

  function findSurprising(known: Scores, by: 1 | -1): number | undefined {
    for (let token = cursor + by; token >= 0 && token < numTokens(known); token += by) {
      if (known.bits[token]! >= surprisingBits) return token;
    }
    return undefined;
  }

  function pressed(event: KeyboardEvent): void {
    const known = scores();
    if (!known || event.altKey || event.metaKey) return;
    const group = groupOf(known, Math.min(cursor, numTokens(known) - 1));
    const page = Math.max(1, Math.floor(height / grid.rowHeight) - 1);
    const line = rows.lineOfOffset(group.from);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => moveTo(group.first - 1),
      ArrowRight: () => moveTo(group.end),
      ArrowUp: () => moveRows(known, -1),
      ArrowDown: () => moveRows(known, 1),
      PageUp: () => moveRows(known, -page),
      PageDown: () => moveRows(known, page),
      Home: () => moveTo(event.ctrlKey ? 0 : groupAt(known, rows.lines[line]!).first),
      End: () => moveTo(event.ctrlKey ? numTokens(known) - 1 : groupAt(known, rows.lines[line + 1]! - 1).first),
      n: () => moveTo(findSurprising(known, 1) ?? cursor),
      p: () => moveTo(findSurprising(known, -1) ?? cursor),
      Enter: () => picked(group),
    };
    const move = moves[event.key];
    if (!move || (event.ctrlKey && !['Home', 'End'].includes(event.key))) return;
    event.preventDefault();
    move();
  }

  root.addEventListener('scroll', () => {
    paintSoon();
    scrolled();
  });
  root.addEventListener('mousemove', (event) => hover(groupAtPoint(event)));
  root.addEventListener('mouseleave', () => hover(undefined));
  root.addEventListener('click', (event) => {
    const group = groupAtPoint(event);
    if (!group) return;
    cursor = group.first;
    picked(group);
    paintSoon();
  });
  root.addEventListener('keydown', pressed);
  root.addEventListener('focus', () => moveTo(cursor));
  root.addEventListener('blur', paintSoon);
  new ResizeObserver(() => {
    const [wide, high] = [root.clientWidth, root.clientHeight];
    if (wide === width && high === height && ratio === devicePixelRatio) return;
    [width, height, ratio] = [wide, high, devicePixelRatio];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    layOut();
  }).observe(root);

  return {
    root,
    titles,
    setText(text) {
      rows = new TextRows(text, grid.columns);
      hovered = undefined;
      cursor = 0;
      root.scrollTop = 0;
      layOut();
    },
    setPanes(next) {
      const titled = (all: readonly Pane[]) => all.map(({ title }) => title).join('\n');
      const isOther = next.length !== panes.length || titled(next) !== titled(panes);
      panes = next;
      grid = { ...grid, panes };
      if (isOther || panes.length === 0) layOut();
      else paintSoon();
    },
    get rows() {
      return rows;
    },
    get topLine() {
      return rows.lineOfRow(topRow());
    },
    get bottomLine() {
      return rows.lineOfRow(Math.min(rows.numRows - 1, Math.floor((topPixels() + height) / grid.rowHeight)));
    },
    get cursor() {
      return cursor;
    },
    showLine(line) {
      const row = rows.firstRow(Math.min(Math.max(0, line), rows.numLines - 1));
      root.scrollTop = scrollMap.scrollTopOf(row * grid.rowHeight);
      paintSoon();
    },
    columnsOfPanes: (numPanes) => columnsFor(width, grid.gutter, grid.cellWidth, numPanes),
    showToken: moveTo,
    picture(firstRow, count, scale) {
      const made = element('canvas', {
        width: Math.ceil((totalWidth(grid) + leftPad) * scale),
        height: Math.ceil((count * grid.rowHeight + 8) * scale),
      });
      const onto = made.getContext('2d', { alpha: false });
      if (onto) {
        onto.scale(scale, scale);
        onto.fillStyle = theme.background;
        onto.fillRect(0, 0, made.width, made.height);
        paintRows(onto, rows, grid, theme, { firstRow, count, top: 4 });
      }
      return made;
    },
    paintSoon() {
      theme = readPaintTheme();
      paintSoon();
    },
    grid: () => grid,
  };
}
