// A text as rows of a grid of equal columns: where lines and rows begin, and what stands in each cell. Whatever a text may hold is shown
// as itself in a cell of its own, so that nothing in it disturbs its neighbors: control characters and what has no width get a
// visible sign, and a character that runs from right to left turns no other around. Knows no page.

export interface Cell {
  /** UTF-16 offsets; both the same for the end of the text. */
  readonly start: number;
  readonly end: number;
  readonly column: number;
  readonly width: number;
  readonly shown: string;
}

const tabWidth = 4;
const lineFeed = 10;
const carriageReturn = 13;
export const lineEndSign = '\u21b5';
export const textEndSign = '\u220e';
/** Marks over one character; more would reach into other rows. */
const mostMarks = 3;

/** Where each line begins, and the length of the text behind them; a text has at least one line. */
export function lineStarts(text: string): Int32Array {
  let starts = new Int32Array(1024);
  let count = 1;
  const push = (start: number) => {
    if (count + 1 >= starts.length) {
      const wider = new Int32Array(2 * starts.length);
      wider.set(starts);
      starts = wider;
    }
    starts[count++] = start;
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(at + 1) !== lineFeed)) push(at + 1);
  }
  starts[count] = text.length;
  return starts.slice(0, count + 1);
}

/** What a cell shows of a character, and how many columns that takes; 0 for a mark, which stands over its neighbor. */
export function signOf(character: string): { readonly shown: string; readonly width: number } {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return { shown: String.fromCharCode(0x2400 + code), width: 1 };
  if (code < 0x7f) return { shown: character, width: 1 };
  if (code === 0x7f) return { shown: '\u2421', width: 1 };
  if (code >= 0xd800 && code <= 0xdfff) return { shown: '\ufffd', width: 1 };
  if (/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Co}|\p{Cn}|\p{Default_Ignorable_Code_Point}/u.test(character)) {
    const name = `\u2039${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
    return { shown: name, width: name.length };
  }
  if (/\p{Zs}/u.test(character)) return { shown: '\u237d', width: 1 };
  if (/\p{M}/u.test(character)) return { shown: character, width: 0 };
  return { shown: character, width: isWide(code) ? 2 : 1 };
}

/** East Asian characters and pictures, as terminals count them. */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** The text of a token or a name on one line, fit to be shown in a sentence: what cannot be seen is made visible. */
export function visibleText(text: string, most = 60): string {
  let shown = '';
  for (const character of text) {
    if (shown.length >= most) return `${shown}\u2026`;
    const code = character.codePointAt(0)!;
    if (code === lineFeed) shown += lineEndSign;
    else shown += code === 0x20 ? ' ' : signOf(character).shown;
  }
  return shown;
}

export class TextRows {
  readonly text: string;
  /** Where each line begins, and the length of the text. */
  readonly lines: Int32Array;
  /** Of lines of printable ASCII, whose rows are arithmetic. */
  readonly #simple: Uint8Array;
  /** Before each line, and of all. */
  #rowsBefore: Int32Array;
  /** Where rows begin, of lines that are not simple. */
  #breaks = new Map<number, Int32Array>();
  #columns = 80;

  constructor(text: string, columns = 80) {
    this.text = text;
    this.lines = lineStarts(text);
    this.#simple = new Uint8Array(this.numLines);
    this.#rowsBefore = new Int32Array(this.numLines + 1);
    for (let line = 0; line < this.numLines; line++) this.#simple[line] = this.#isSimple(line) ? 1 : 0;
    this.setColumns(columns);
  }

  get numLines(): number {
    return this.lines.length - 1;
  }

  get numRows(): number {
    return this.#rowsBefore[this.numLines]!;
  }

  get columns(): number {
    return this.#columns;
  }

  setColumns(columns: number): void {
    this.#columns = Math.max(8, Math.floor(columns));
    this.#breaks = new Map();
    let rows = 0;
    for (let line = 0; line < this.numLines; line++) {
      this.#rowsBefore[line] = rows;
      if (this.#simple[line]) {
        const length = this.contentEnd(line) - this.lines[line]!;
        rows += Math.max(1, Math.ceil(length / this.#columns));
      } else {
        const breaks = this.#breaksOf(line);
        this.#breaks.set(line, breaks);
        rows += breaks.length;
      }
    }
    this.#rowsBefore[this.numLines] = rows;
  }

  /** Where the line's characters end and its line end begins. */
  contentEnd(line: number): number {
    let end = this.lines[line + 1]!;
    if (line === this.numLines - 1) return end;
    if (this.text.charCodeAt(end - 1) === lineFeed) end--;
    if (end > this.lines[line]! && this.text.charCodeAt(end - 1) === carriageReturn) end--;
    return end;
  }

  firstRow(line: number): number {
    return this.#rowsBefore[line]!;
  }

  lineOfRow(row: number): number {
    return Math.min(this.numLines - 1, lastAtMost(this.#rowsBefore, row, this.numLines));
  }

  lineOfOffset(offset: number): number {
    return lastAtMost(this.lines, offset, this.numLines);
  }

  rowOfOffset(offset: number): number {
    const line = this.lineOfOffset(offset);
    const within = offset - this.lines[line]!;
    if (this.#simple[line]) {
      const rows = this.#rowsBefore[line + 1]! - this.#rowsBefore[line]!;
      return this.#rowsBefore[line]! + Math.min(rows - 1, Math.floor(within / this.#columns));
    }
    const breaks = this.#breaks.get(line)!;
    return this.#rowsBefore[line]! + lastAtMost(breaks, offset, breaks.length);
  }

  /** The characters of a row; `simple`: each of them is one column wide and shown as it is. */
  row(row: number): { line: number; start: number; end: number; isFirst: boolean; isLast: boolean; simple: boolean } {
    const line = this.lineOfRow(row);
    const index = row - this.#rowsBefore[line]!;
    const contentEnd = this.contentEnd(line);
    const isFirst = index === 0;
    const isLast = row + 1 === this.#rowsBefore[line + 1];
    if (this.#simple[line]) {
      const start = this.lines[line]! + index * this.#columns;
      return { line, start, end: Math.min(contentEnd, start + this.#columns), isFirst, isLast, simple: true };
    }
    const breaks = this.#breaks.get(line)!;
    const end = index + 1 < breaks.length ? breaks[index + 1]! : contentEnd;
    return { line, start: breaks[index]!, end, isFirst, isLast, simple: false };
  }

  /** All cells of a row; behind the last of a line its end, and behind the last of all the end of the text. */
  cells(row: number): Cell[] {
    const { line, start, end, isLast } = this.row(row);
    const cells: Cell[] = [];
    let column = 0;
    for (const cell of cellsOf(this.text, start, end)) {
      cells.push(cell);
      column = cell.column + cell.width;
    }
    if (isLast) {
      const isEnd = line === this.numLines - 1;
      const lineEnd = this.lines[line + 1]!;
      cells.push({ start: end, end: lineEnd, column, width: 1, shown: isEnd ? textEndSign : lineEndSign });
    }
    return cells;
  }

  /** The cell that holds a column, or the last one before it. */
  cellAt(row: number, column: number): Cell {
    const cells = this.cells(row);
    return cells.findLast((cell) => cell.column <= column) ?? cells[0]!;
  }

  #isSimple(line: number): boolean {
    const end = this.contentEnd(line);
    for (let at = this.lines[line]!; at < end; at++) {
      const code = this.text.charCodeAt(at);
      if (code < 0x20 || code > 0x7e) return false;
    }
    return true;
  }

  #breaksOf(line: number): Int32Array {
    const breaks = [this.lines[line]!];
    const end = this.contentEnd(line);
    let from = this.lines[line]!;
    while (from < end) {
      const next = rowEnd(this.text, from, end, this.#columns);
      if (next >= end) break;
      breaks.push(next);
      from = next;
    }
    return Int32Array.from(breaks);
  }
}

/** Where the row that begins at `from` must end. */
function rowEnd(text: string, from: number, end: number, columns: number): number {
  for (const cell of cellsOf(text, from, end)) {
    if (cell.column + cell.width > columns && cell.column > 0) return cell.start;
  }
  return end;
}

function* cellsOf(text: string, from: number, end: number): Generator<Cell> {
  let column = 0;
  for (let at = from; at < end; ) {
    let to = at + characterLength(text, at);
    const character = text.slice(at, to);
    let { shown, width } = character === '\t' ? tabAt(column) : signOf(character);
    if (width === 0) {
      shown = `\u25cc${shown}`;
      width = 1;
    } else if (character > '\u007f' || text.charCodeAt(to) > 0x7f) {
      for (let marks = 0; marks < mostMarks && to < end; marks++) {
        const length = characterLength(text, to);
        const mark = text.slice(to, to + length);
        if (signOf(mark).width > 0) break;
        shown += mark;
        to += length;
      }
    }
    yield { start: at, end: to, column, width, shown };
    column += width;
    at = to;
  }
}

function tabAt(column: number): { shown: string; width: number } {
  return { shown: '\u2192', width: tabWidth - (column % tabWidth) };
}

export function characterLength(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

/** The index of the last of the first `count` ascending values that is at most `value`; 0 when none is. */
export function lastAtMost(values: Int32Array, value: number, count: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
