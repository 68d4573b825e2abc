// Where somebody might stop typing: places in lines of real files, drawn by a seed. Code only: no blank lines, no comments, no license.
import path from 'node:path';
import type { Random } from '../../src/base/random.ts';

export interface SourceFile {
  /** As the model is told it. */
  readonly path: string;
  readonly text: string;
}

/** Right after the indentation, or somewhere inside the line. */
export type CursorKind = 'line start' | 'inside';

export interface LineCase {
  readonly path: string;
  readonly kind: CursorKind;
  readonly before: string;
  readonly after: string;
  /** The rest of the line, without blanks at its ends; never ''. */
  readonly rest: string;
}

const maxCasesPerFile = 6;
const lineStartShare = 0.4;
const maxLineLength = 200;
export const maxBefore = 4000;
export const maxAfter = 1500;

/** Extension -> how a line that is a comment begins. Where `#` is none it may be a title, a macro or a private field. */
const comments: ReadonlyMap<string, RegExp> = new Map(
  ['.py', '.sh', '.rb', '.toml', '.yml', '.yaml'].map((extension) => [extension, /^(#|"""|''')/]),
);
const commentOfOthers = /^(\/\/|\/\*|\*|<!--|--(?!-))/;
const license = /\b(licen[cs]ed?|copyright|spdx|warrant(y|ies))\b/i;

/** At most `count` cases, files and lines in random order; the same for the same random numbers. */
export function drawCases(files: readonly SourceFile[], count: number, random: Random): LineCase[] {
  const cases: LineCase[] = [];
  for (const file of random.shuffle([...files])) {
    if (cases.length >= count) break;
    cases.push(...casesOf(file, Math.min(maxCasesPerFile, count - cases.length), random));
  }
  return cases;
}

function casesOf({ path: name, text }: SourceFile, count: number, random: Random): LineCase[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  const whole = lines.join('\n');
  const numbers = random.shuffle([...lines.keys()].filter((i) => isCode(lines[i]!, name))).slice(0, count);
  return numbers.map((number) => {
    const line = lines[number]!;
    const first = line.search(/\S/);
    const last = line.trimEnd().length;
    const kind: CursorKind = last - first < 2 || random.nextFloat() < lineStartShare ? 'line start' : 'inside';
    // Inside: behind the first character at least, before the last at most.
    const column = kind === 'line start' ? first : first + 1 + random.nextInteger(last - first - 1);
    const offset = starts[number]! + column;
    const end = starts[number]! + line.length;
    return {
      path: name,
      kind,
      before: whole.slice(Math.max(0, offset - maxBefore), offset),
      // What follows the line: the rest of the line itself is what is asked for.
      after: whole.slice(end, end + maxAfter),
      rest: line.slice(column).trim(),
    };
  });
}

function isCode(line: string, name: string): boolean {
  const text = line.trim();
  const comment = comments.get(path.extname(name).toLowerCase()) ?? commentOfOthers;
  return text !== '' && line.length <= maxLineLength && !comment.test(text) && !license.test(text);
}
