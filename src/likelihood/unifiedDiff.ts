// Reads unified diffs as git, diff and agents write them: renames, quoted paths, files that come and go, binary ones, line ends of either
// kind, a last line without one. A hunk ends where its own counts say, so that a removed line `-- x` is no header.
import { UserError } from '../base/errors.ts';

export interface DiffLine {
  readonly kind: 'context' | 'added' | 'removed';
  /** With its line end, unless it is the last of a file that ends without one. */
  readonly text: string;
}

export interface DiffHunk {
  /** As the header counts: from 1, and 0 where the side has no line. */
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly DiffLine[];
}

export interface DiffFile {
  /** Null: the file comes with this diff. */
  readonly oldPath: string | null;
  /** Null: the file goes with this diff. */
  readonly newPath: string | null;
  readonly binary: boolean;
  readonly hunks: readonly DiffHunk[];
}

interface Growing {
  oldPath: string | null;
  newPath: string | null;
  binary: boolean;
  hunks: DiffHunk[];
  /** That no path was read from `---` and `+++` yet, which replace what the git header says. */
  fromHeader: boolean;
}

const hunkHeader = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

/** @throws UserError naming the line, when it is no unified diff. */
export function parseUnifiedDiff(text: string): DiffFile[] {
  // A diff whose headers end with CR was converted as a whole; otherwise a CR belongs to the line of the file.
  const converted = /^@@[^\n]*\r$/m.test(text);
  const lines = (converted ? text.replaceAll('\r\n', '\n') : text).split('\n');
  const files: Growing[] = [];
  let file: Growing | undefined;
  const begin = (oldPath: string | null, newPath: string | null, fromHeader: boolean) => {
    file = { oldPath, newPath, binary: false, hunks: [], fromHeader };
    files.push(file);
    return file;
  };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!.replace(/\r$/, '');
    if (line.startsWith('diff --git ')) {
      const [oldPath, newPath] = gitPaths(line.slice('diff --git '.length));
      begin(oldPath, newPath, true);
    } else if (line.startsWith('@@@')) {
      throw problem(at, 'a unified diff', 'a combined one of a merge; use git diff HEAD');
    } else if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ')) {
      const [oldPath, newPath] = stripped(pathOf(line.slice(4)), pathOf(lines[at + 1]!.replace(/\r$/, '').slice(4)));
      if (file?.fromHeader && file.hunks.length === 0) Object.assign(file, { oldPath, newPath, fromHeader: false });
      else begin(oldPath, newPath, false);
      at += 1;
    } else if (hunkHeader.test(line)) {
      const target = file ?? begin('', '', false);
      const read = readHunk(lines, at);
      target.hunks.push(read.hunk);
      at = read.next;
      continue;
    } else if (file && file.hunks.length === 0) readExtended(line, file);
    at += 1;
  }
  if (files.length === 0) {
    throw new UserError(
      'diff: expected a unified diff with a hunk (@@ -1,2 +1,3 @@), got none; pass the output of git diff',
    );
  }
  return files.map(({ oldPath, newPath, binary, hunks }) => ({ oldPath, newPath, binary, hunks }));
}

/** What git says between `diff --git` and the first hunk. */
function readExtended(line: string, file: Growing): void {
  const [, word = '', rest = ''] = /^(rename from|rename to|copy from|copy to) (.*)$/.exec(line) ?? [];
  if (word.endsWith('from')) file.oldPath = unquoted(rest);
  else if (word.endsWith('to')) file.newPath = unquoted(rest);
  else if (line.startsWith('new file mode')) file.oldPath = null;
  else if (line.startsWith('deleted file mode')) file.newPath = null;
  else if (line.startsWith('GIT binary patch') || /^Binary files .* differ$/.test(line)) file.binary = true;
}

function readHunk(lines: readonly string[], start: number): { hunk: DiffHunk; next: number } {
  const [, oldStart, oldCount = '1', newStart, newCount = '1'] = hunkHeader.exec(lines[start]!)!;
  const [oldLines, newLines] = [Number(oldCount), Number(newCount)];
  const read: DiffLine[] = [];
  let [oldLeft, newLeft, at] = [oldLines, newLines, start + 1];
  while (oldLeft > 0 || newLeft > 0) {
    const line = lines[at];
    if (line === undefined)
      throw problem(at, `${oldLeft + newLeft} more lines of the hunk at line ${start + 1}`, 'the end');
    // The last line's feed: what `split` left of it is no line of the hunk.
    if (line === '' && at === lines.length - 1) throw problem(at, 'a line of the hunk', 'the end');
    const sign = line === '' || line === '\r' ? ' ' : line[0]!; // Some editors strip the blank of an empty line.
    const kind = kinds[sign];
    if (kind === undefined)
      throw problem(at, 'a line that begins with a blank, + or -', JSON.stringify(line.slice(0, 40)));
    if (kind !== 'added') oldLeft -= 1;
    if (kind !== 'removed') newLeft -= 1;
    if (oldLeft < 0 || newLeft < 0)
      throw problem(at, `as many lines as the header at line ${start + 1} counts`, 'more');
    at += 1;
    const content = line === '' || line === '\r' ? line : line.slice(1);
    const unended = lines[at]?.startsWith('\\') ?? false;
    if (unended) at += 1;
    read.push({ kind, text: unended ? content : `${content}\n` });
  }
  return {
    hunk: { oldStart: Number(oldStart), oldLines, newStart: Number(newStart), newLines, lines: read },
    next: at,
  };
}

const kinds: Readonly<Record<string, DiffLine['kind']>> = { ' ': 'context', '+': 'added', '-': 'removed' };

/** `a/x b/x`, either one quoted. Names with blanks are told apart by both being the same behind their prefixes. */
function gitPaths(both: string): [string, string] {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(both);
  if (quoted) return withoutPrefixes(unquoted(quoted[1]!), unquoted(quoted[2]!));
  const half = (both.length - 1) / 2;
  if (Number.isInteger(half)) return withoutPrefixes(both.slice(0, half), both.slice(half + 1));
  // A rename of names with blanks; `rename from` and `rename to` say it.
  return [both, both];
}

/** Of `---` and `+++`: a time may follow a tab. */
function pathOf(text: string): string | null {
  const path = unquoted(text.startsWith('"') ? text : text.split('\t')[0]!);
  return path === '/dev/null' ? null : path;
}

function stripped(oldPath: string | null, newPath: string | null): [string | null, string | null] {
  if (oldPath !== null && newPath !== null) return withoutPrefixes(oldPath, newPath);
  const one = (path: string | null) => path?.replace(/^[abciow]\//, '') ?? null;
  return [one(oldPath), one(newPath)];
}

/** `a/` and `b/`, or what `diff.mnemonicPrefix` takes for them; together or not at all. */
function withoutPrefixes(oldPath: string, newPath: string): [string, string] {
  const prefixed = /^[abciow]\//;
  if (!prefixed.test(oldPath) || !prefixed.test(newPath) || oldPath[0] === newPath[0]) return [oldPath, newPath];
  return [oldPath.slice(2), newPath.slice(2)];
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** As git quotes names: in C's escapes, bytes beyond ASCII in octal. */
function unquoted(text: string): string {
  const inner = /^"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (inner === undefined) return text;
  const bytes: number[] = [];
  for (const [part, octal, letter] of inner.matchAll(/\\([0-7]{1,3})|\\(.)|[^\\]+/gsu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (letter !== undefined) bytes.push(...(letter in escapes ? [escapes[letter]!] : Buffer.from(letter)));
    else bytes.push(...Buffer.from(part));
  }
  return Buffer.from(bytes).toString('utf8');
}

function problem(at: number, expected: string, got: string): UserError {
  return new UserError(`diff: line ${at + 1}: expected ${expected}, got ${got}`);
}
