// Where the person is likely to be next, so that the answer can be there before the question: behind the suggestion that is shown, and
// then on the line that Enter begins. What the editor does with Enter is guessed: it keeps the line's indentation, and between two
// brackets it makes room for a line that is indented further.
//
//   f(a);|            f(a);             if (a) {|}        if (a) {
//                     |                                     |
//                                                         }
import {
  defaultIndentation,
  type Indentation,
  indentColumns,
  isBlank,
  leadingBlanks,
  lineAfter,
  lineBefore,
  openerOf,
  reindent,
} from './lines.ts';

/** The two sides of a cursor, in the document's own line ends, and how the document is indented. */
export interface Cursor {
  readonly before: string;
  readonly after: string;
  readonly indentation?: Indentation | undefined;
}

/** Within this of the cursor a line is looked at. */
const nearLength = 1024;

/** After Enter at the end of a line; undefined within one, which Enter would break. */
export function lineBelow<T extends Cursor>(cursor: T): T | undefined {
  const { before, after } = cursor;
  if (!isBlank(lineAfter(after.slice(0, nearLength)))) return undefined;
  return { ...cursor, before: before + lineEndOf(cursor) + leadingBlanks(lineNear(before)) };
}

/** After Enter between a bracket and the one that closes it; undefined elsewhere, and in parentheses, which few break. */
export function betweenBrackets<T extends Cursor>(cursor: T): T | undefined {
  const { before, after, indentation = defaultIndentation } = cursor;
  const opener = openerOf[after.charAt(0)];
  if (opener === undefined || opener === '(' || !before.endsWith(opener)) return undefined;
  const line = lineNear(before);
  const lineEnd = lineEndOf(cursor);
  const columns = indentColumns(line, indentation.tabSize) + indentation.tabSize;
  const further = reindent(`\n${' '.repeat(columns)}`, indentation).slice(1);
  return { ...cursor, before: before + lineEnd + further, after: lineEnd + leadingBlanks(line) + after };
}

function lineNear(before: string): string {
  return lineBefore(before.slice(-nearLength));
}

function lineEndOf(cursor: Cursor): string {
  return usesCrLf(cursor) ? '\r\n' : '\n';
}

/** Whether the document ends its lines with two characters, judged near the cursor. */
export function usesCrLf({ before, after }: Pick<Cursor, 'before' | 'after'>): boolean {
  return before.slice(-nearLength * 4).includes('\r\n') || after.slice(0, nearLength * 4).includes('\r\n');
}
