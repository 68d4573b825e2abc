// Lines, indentation and brackets, as the other files of this room see them. Line ends are '\n' here; a document's own are
// put back at the very end.

export interface Indentation {
  readonly insertSpaces: boolean;
  readonly tabSize: number;
}

export const defaultIndentation: Indentation = { insertSpaces: true, tabSize: 4 };

/** Brackets that come in pairs. */
export const openerOf: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** What stands in the cursor's line before it. */
export function lineBefore(before: string): string {
  return before.slice(before.lastIndexOf('\n') + 1);
}

/** What stands in the cursor's line after it. */
export function lineAfter(after: string): string {
  const end = after.indexOf('\n');
  return end < 0 ? after : after.slice(0, end);
}

/** The first line below the cursor's that is not blank. */
export function nextLine(after: string): string | undefined {
  return after
    .split('\n')
    .slice(1)
    .find((line) => !isBlank(line));
}

export function leadingBlanks(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}

/** How far a line is indented, a tab reaching to the next multiple of its size. */
export function indentColumns(line: string, tabSize: number): number {
  let columns = 0;
  for (const character of leadingBlanks(line)) columns += character === '\t' ? tabSize - (columns % tabSize) : 1;
  return columns;
}

export function isWord(character: string): boolean {
  return /[\p{L}\p{M}\p{N}_$]/u.test(character);
}

/** Every line but the first, which continues one that is there, indented the way the editor would. */
export function reindent(text: string, { insertSpaces, tabSize }: Indentation): string {
  const [first, ...rest] = text.split('\n');
  const lines = rest.map((line) => {
    const columns = indentColumns(line, tabSize);
    const blanks = insertSpaces
      ? ' '.repeat(columns)
      : '\t'.repeat(Math.floor(columns / tabSize)) + ' '.repeat(columns % tabSize);
    return blanks + line.slice(leadingBlanks(line).length);
  });
  return [first, ...lines].join('\n');
}
