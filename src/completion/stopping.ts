// When to stop. A line by default; a block where the cursor is at the end of a line that opens one or on an empty line. A
// block ends where its indentation does: below a line that opens one, at the first line not indented further (a closing
// bracket there belongs to it); on an empty line, at the first line indented less, or blank.
import { type Indentation, indentColumns, isBlank, lineAfter, lineBefore } from './lines.ts';

/** `unbounded`: until the model ends the text or the symbols are spent. */
export type MultilinePolicy = 'auto' | 'never' | 'always' | 'unbounded';

export type Extent =
  | { readonly kind: 'line' }
  | { readonly kind: 'block'; readonly opened: boolean; readonly columns: number; readonly tabSize: number }
  | { readonly kind: 'unbounded' };

export interface CursorText {
  readonly before: string;
  readonly after: string;
  readonly languageId: string;
  readonly indentation: Indentation;
}

const maxBlockLines = 24;

export function chooseExtent(policy: MultilinePolicy, cursor: CursorText): Extent {
  if (policy === 'unbounded') return { kind: 'unbounded' };
  if (policy === 'never') return { kind: 'line' };
  const { before, after, languageId, indentation } = cursor;
  const line = lineBefore(before);
  const opened = opensBlock(line, languageId);
  const atLineEnd = isBlank(lineAfter(after));
  if (policy === 'auto' && !(atLineEnd && (opened || isBlank(line)))) return { kind: 'line' };
  return { kind: 'block', opened, columns: indentColumns(line, indentation.tabSize), tabSize: indentation.tabSize };
}

const colonLanguages = new Set(['python', 'yaml', 'nim', 'coffeescript', 'gdscript', 'starlark', 'jinja-py']);
const wordLanguages = new Set(['ruby', 'lua', 'shellscript', 'elixir', 'julia', 'pascal', 'crystal', 'vb', 'matlab']);

/** Whether the text before the cursor ends with what opens a block in its language. */
export function opensBlock(line: string, languageId: string): boolean {
  const text = line.trimEnd();
  if (/[{([]$|=>$/.test(text)) return true;
  if (colonLanguages.has(languageId)) return text.endsWith(':');
  return wordLanguages.has(languageId) && /\b(do|then|else|begin|repeat)$|^\s*(def|function|class|module)\b/.test(text);
}

/** Where the text made so far is to be cut, or undefined when more may come. */
export function stopAt(text: string, extent: Extent): number | undefined {
  if (extent.kind === 'unbounded') return undefined;
  const firstEnd = text.indexOf('\n');
  if (firstEnd < 0) return undefined;
  return extent.kind === 'line' ? firstEnd : blockEnd(text, firstEnd, extent);
}

/** What is kept when nothing stopped it: all of it at the model's own end, and whole lines of a block that was cut short. */
export function finishAt(text: string, extent: Extent, endedByModel: boolean): number {
  if (extent.kind === 'unbounded') return text.length;
  if (endedByModel) return Math.min(text.length, stopAt(`${text}\n`, extent) ?? text.length);
  const lastLineFeed = text.lastIndexOf('\n');
  return extent.kind === 'line' || lastLineFeed <= 0 ? text.length : lastLineFeed;
}

function blockEnd(text: string, firstEnd: number, extent: Extent & { kind: 'block' }): number | undefined {
  let numLines = 1;
  let blankFrom = -1;
  for (let end = firstEnd; end < text.length; numLines++) {
    if (numLines >= maxBlockLines) return end;
    const next = text.indexOf('\n', end + 1);
    const line = text.slice(end + 1, next < 0 ? undefined : next);
    const isWhole = next >= 0;
    if (isBlank(line)) {
      if (!isWhole) return undefined;
      // An opened block may hold single blank lines; a paragraph on an empty line ends at the first.
      if (blankFrom >= 0 || !extent.opened) return blankFrom >= 0 ? blankFrom : end;
      blankFrom = end;
    } else {
      const beforeLine = blankFrom >= 0 ? blankFrom : end;
      const columns = indentColumns(line, extent.tabSize);
      if (columns < extent.columns) return beforeLine;
      if (extent.opened && columns === extent.columns) {
        if (!/^\s*[)\]}]/.test(line)) return beforeLine;
        if (!isWhole) return undefined;
        return /^\s*[)\]}]+[;,]?\s*$/.test(line) ? next : beforeLine;
      }
      blankFrom = -1;
    }
    if (!isWhole) return undefined;
    end = next;
  }
  return undefined;
}
