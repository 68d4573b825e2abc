// Where the hunks of a unified diff lie in a file: in one that has the change already, in one that has it not yet, or, where neither is so, in
// nothing but what the diff itself shows. Line numbers of a diff that somebody wrote are often wrong, so that a hunk is searched for near
// the place that it names.
import type { LineRange, PlacedHunk } from './changes.ts';
import type { DiffFile, DiffHunk } from './unifiedDiff.ts';

export interface PlacedDiff {
  /** `alone`: the file is not at hand, or fits neither side; the hunks follow each other, with nothing between them. */
  readonly context: 'applied' | 'notYetApplied' | 'alone';
  /** Null: there is no such file before or after. */
  readonly old: string | null;
  readonly now: string | null;
  /** One for each of the diff's, in its order. */
  readonly hunks: readonly PlacedHunk[];
}

type Side = 'old' | 'new';

/** `content` is the file as it is; undefined when it is not at hand. */
export function placeDiff(file: DiffFile, content: string | undefined): PlacedDiff {
  const { hunks, oldPath, newPath } = file;
  const exists = { old: oldPath !== null, new: newPath !== null };
  const lines = content === undefined ? undefined : splitLines(content);
  const find = (side: Side, anywhere: boolean) =>
    lines && exists[side] ? locate(lines, hunks, side, anywhere) : undefined;
  const hasAdded = hunks.some((hunk) => hunk.lines.some(({ kind }) => kind === 'added'));
  for (const anywhere of [false, true]) {
    const [old, now] = [find('old', anywhere), find('new', anywhere)];
    if (now && lines && (hasAdded || !old)) return placed('applied', lines, now, file, 'new');
    if (old && lines) return placed('notYetApplied', lines, old, file, 'old');
  }
  const starts: number[] = [];
  const shown: string[] = [];
  for (const hunk of hunks) {
    starts.push(shown.length);
    shown.push(...sideOf(hunk, 'old'));
  }
  return placed('alone', shown, starts, file, 'old');
}

/** Builds the other side of a file from this one. */
function placed(
  context: PlacedDiff['context'],
  base: readonly string[],
  starts: readonly number[],
  { hunks, oldPath, newPath }: DiffFile,
  baseSide: Side,
): PlacedDiff {
  const [kept, made] = baseSide === 'old' ? (['removed', 'added'] as const) : (['added', 'removed'] as const);
  const carriageReturns = base.length > 0 && base.every((line) => !line.endsWith('\n') || line.endsWith('\r\n'));
  const other: string[] = [];
  const results: PlacedHunk[] = [];
  let at = 0;
  for (const [index, hunk] of hunks.entries()) {
    const start = starts[index]!;
    for (; at < start; at++) other.push(base[at]!);
    const ranges = { [kept]: [] as LineRange[], [made]: [] as LineRange[] };
    const [baseFrom, otherFrom] = [at, other.length];
    for (const { kind, text } of hunk.lines) {
      if (kind === kept) grow(ranges[kept]!, at++);
      else if (kind === made) {
        grow(ranges[made]!, other.length);
        other.push(carriageReturns ? text.replace(/\r?\n$/, '\r\n') : text);
      } else other.push(base[at++]!);
    }
    const [baseCount, otherCount] = [at - baseFrom, other.length - otherFrom];
    const [old, now] =
      baseSide === 'old'
        ? [header(baseFrom, baseCount), header(otherFrom, otherCount)]
        : [header(otherFrom, otherCount), header(baseFrom, baseCount)];
    results.push({
      ...{ oldStart: old.start, oldLines: old.count, newStart: now.start, newLines: now.count },
      added: ranges['added']!,
      removed: ranges['removed']!,
    });
  }
  for (; at < base.length; at++) other.push(base[at]!);
  const [old, now] = baseSide === 'old' ? [base, other] : [other, base];
  return {
    context,
    old: oldPath === null ? null : old.join(''),
    now: newPath === null ? null : now.join(''),
    hunks: results,
  };
}

function header(from: number, count: number): { start: number; count: number } {
  return { start: count > 0 ? from + 1 : from, count };
}

function grow(ranges: LineRange[], line: number): void {
  const last = ranges.at(-1);
  if (last && last.to === line) ranges[ranges.length - 1] = { from: last.from, to: line + 1 };
  else ranges.push({ from: line, to: line + 1 });
}

/** The line at which each hunk begins; undefined when one is not there. In order, and none within another. */
function locate(
  lines: readonly string[],
  hunks: readonly DiffHunk[],
  side: Side,
  anywhere: boolean,
): number[] | undefined {
  const bare = lines.map(withoutEnd);
  const starts: number[] = [];
  let least = 0;
  let shift = 0;
  for (const hunk of hunks) {
    const wanted = sideOf(hunk, side).map(withoutEnd);
    const [start, count] = side === 'old' ? [hunk.oldStart, hunk.oldLines] : [hunk.newStart, hunk.newLines];
    const named = count === 0 ? start : start - 1;
    const found = near(bare, wanted, named + shift, least, anywhere);
    if (found === undefined) return undefined;
    starts.push(found);
    shift = found - named;
    least = found + wanted.length;
  }
  return starts;
}

/** The nearest place, the earlier of two. */
function near(
  lines: readonly string[],
  wanted: readonly string[],
  named: number,
  least: number,
  anywhere: boolean,
): number | undefined {
  const fits = (at: number) =>
    at >= least && at + wanted.length <= lines.length && wanted.every((line, index) => lines[at + index] === line);
  if (fits(named)) return named;
  // An empty side is everywhere, which says nothing.
  if (!anywhere || wanted.length === 0) return undefined;
  for (let distance = 1; distance <= lines.length; distance++) {
    if (fits(named - distance)) return named - distance;
    if (fits(named + distance)) return named + distance;
  }
  return undefined;
}

function sideOf({ lines }: DiffHunk, side: Side): string[] {
  const other = side === 'old' ? 'added' : 'removed';
  return lines.filter(({ kind }) => kind !== other).map(({ text }) => text);
}

function splitLines(text: string): string[] {
  const lines = text.split(/(?<=\n)/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}
