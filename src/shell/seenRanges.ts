// Which parts of a document are seen, and what lies just around them, as offsets. Of a very long line as much as the editor draws. Knows no
// editor beyond what a document tells of itself.
import { documentLimits, type TextRange } from '../protocol/documentScoringMessages.ts';
import { mostColumns } from './likelihoodTexts.ts';
import { united } from './shownSpans.ts';

interface PlaceInLine {
  readonly line: number;
  readonly character: number;
}

/** What the editor's own documents have. */
export interface LinedDocument {
  readonly lineCount: number;
  lineAt(line: number): { readonly range: { readonly end: PlaceInLine } };
  offsetAt(place: PlaceInLine): number;
}

export interface LineRange {
  readonly start: PlaceInLine;
  readonly end: PlaceInLine;
}

export interface SeenRanges {
  readonly seen: readonly TextRange[];
  readonly around: readonly TextRange[];
  /** A line goes on where nothing is colored. */
  readonly isCut: boolean;
}

const linesAround = 25;
/** Ranges of each kind: half of what may be watched. */
const mostRanges = documentLimits.ranges / 2;
/** Lines of one kind of range that are looked at, however much an editor claims to show. */
const mostLines = 1000;

/** `part`: nothing else counts. */
export function seenRanges(
  document: LinedDocument,
  visible: readonly LineRange[],
  part: TextRange | undefined,
): SeenRanges {
  const last = document.lineCount - 1;
  const seen: TextRange[] = [];
  const around: TextRange[] = [];
  let isCut = false;
  const add = (to: TextRange[], from: PlaceInLine, lastLine: number) => {
    const found = drawnRanges(document, from, Math.min(last, lastLine));
    to.push(...found.ranges);
    isCut ||= found.isCut;
  };
  for (const { start, end } of visible) {
    add(seen, start, end.line);
    if (start.line > 0) add(around, { line: Math.max(0, start.line - linesAround), character: 0 }, start.line - 1);
    if (end.line < last) add(around, { line: end.line + 1, character: 0 }, end.line + linesAround);
  }
  const bounded = (ranges: TextRange[]) => united(ranges.flatMap((range) => within(range, part))).slice(0, mostRanges);
  return { seen: bounded(seen), around: bounded(around), isCut };
}

/** From a place to the end of a line, line ends included, except for what lies too far to the right. */
function drawnRanges(document: LinedDocument, from: PlaceInLine, lastLine: number) {
  const ranges: TextRange[] = [];
  let isCut = false;
  let start = from;
  for (let line = from.line; line <= lastLine && line < from.line + mostLines; line++) {
    const { end } = document.lineAt(line).range;
    const first = line === from.line ? from.character : 0;
    if (end.character - first > mostColumns) {
      isCut = true;
      ranges.push(rangeOf(document, start, { line, character: first + mostColumns }));
      start = { line: line + 1, character: 0 };
    } else if (line === lastLine || line === from.line + mostLines - 1) {
      ranges.push(rangeOf(document, start, end));
    }
  }
  return { ranges, isCut };
}

function rangeOf(document: LinedDocument, start: PlaceInLine, end: PlaceInLine): TextRange {
  return { start: document.offsetAt(start), end: document.offsetAt(end) };
}

function within({ start, end }: TextRange, part: TextRange | undefined): TextRange[] {
  if (part === undefined) return [{ start, end }];
  const cut = { start: Math.max(start, part.start), end: Math.min(end, part.end) };
  return cut.start < cut.end ? [cut] : [];
}
