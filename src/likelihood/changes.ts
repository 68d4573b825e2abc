// What a change of a file says under a model, hunk by hunk: the bits of the lines that came, given all that stands before them in the new
// file, and of the lines that went, given what stood before them in the old one. A symbol that lies partly in a line counts there by its
// share of bytes. What the hunks and what lies between them take together is what the whole file takes.
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import type { SurprisalOptions } from './bits.ts';
import { type ByteRange, scoreText } from './byteBits.ts';
import { lineChanges, linesOf } from './lineDiff.ts';

/** Counted from 0, the end excluded. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** As the header of a unified diff counts: from 1; where a side has no line, the line before it. */
export interface HunkPlace {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
}

/** The lines of the new file that came, and of the old one that went, in order. */
export interface PlacedHunk extends HunkPlace {
  readonly added: readonly LineRange[];
  readonly removed: readonly LineRange[];
}

export interface ChangedLine {
  readonly kind: 'added' | 'removed';
  /** From 1, in its own file. */
  readonly line: number;
  readonly range: ByteRange;
  readonly bits: number;
}

export interface PartBits {
  readonly bytes: number;
  readonly bits: number;
}

export interface ScoredHunk extends HunkPlace {
  readonly added: PartBits;
  readonly removed: PartBits;
  /** Removed ones before added ones, as a diff shows them. */
  readonly lines: readonly ChangedLine[];
}

export interface Sides {
  /** Null: there is no such file. */
  readonly old: Uint8Array | null;
  readonly now: Uint8Array | null;
}

/** As git shows: changes with fewer than twice so many equal lines between them are one hunk. */
const contextLines = 3;

export interface Hunks {
  readonly hunks: readonly PlacedHunk[];
  /** Every line end is another and nothing else: no hunk tells that. */
  readonly onlyLineEnds: boolean;
}

/** What `git diff` would show, without the lines around. Where all line ends changed, lines are compared without them. */
export function hunksBetween({ old, now }: Sides, context = contextLines): Hunks {
  const [a, b] = [old ?? new Uint8Array(0), now ?? new Uint8Array(0)];
  const [oldLines, newLines] = [linesOf(a), linesOf(b)];
  const endsChanged = old !== null && now !== null && lineEndsOf(a, oldLines) * lineEndsOf(b, newLines) === -1;
  const numbers = new Map<string, number>();
  const numbered = (bytes: Uint8Array, lines: readonly ByteRange[]) =>
    Int32Array.from(lines, ({ from, to }) => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
      const key = endsChanged ? text.replace(/\r?\n$/, '') : text;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  const changes = lineChanges(numbered(a, oldLines), numbered(b, newLines));
  const hunks: PlacedHunk[] = [];
  for (let first = 0; first < changes.length; ) {
    let last = first;
    while (last + 1 < changes.length && changes[last + 1]!.oldFrom - changes[last]!.oldTo <= 2 * context) last += 1;
    const group = changes.slice(first, last + 1);
    const above = Math.min(context, group[0]!.oldFrom);
    const below = Math.min(context, oldLines.length - group.at(-1)!.oldTo);
    const side = (from: number, to: number) => ({ start: to > from ? from + 1 : from, count: to - from });
    const before = side(group[0]!.oldFrom - above, group.at(-1)!.oldTo + below);
    const after = side(group[0]!.newFrom - above, group.at(-1)!.newTo + below);
    hunks.push({
      ...{ oldStart: before.start, oldLines: before.count, newStart: after.start, newLines: after.count },
      added: group.map(({ newFrom, newTo }) => ({ from: newFrom, to: newTo })).filter(isFilled),
      removed: group.map(({ oldFrom, oldTo }) => ({ from: oldFrom, to: oldTo })).filter(isFilled),
    });
    first = last + 1;
  }
  return { hunks, onlyLineEnds: endsChanged && hunks.length === 0 };
}

/** 1: all end with CR LF; -1: none does; 0: some do, or there is none. */
function lineEndsOf(bytes: Uint8Array, lines: readonly ByteRange[]): -1 | 0 | 1 {
  const ended = lines.filter(({ to }) => bytes[to - 1] === 0x0a);
  const withReturn = ended.filter(({ to }) => bytes[to - 2] === 0x0d).length;
  if (ended.length === 0) return 0;
  return withReturn === 0 ? -1 : withReturn === ended.length ? 1 : 0;
}

function isFilled({ from, to }: LineRange): boolean {
  return from < to;
}

/** @throws CancelledError */
export async function scoreHunks(
  model: { readonly model: AutoregressiveModel; readonly codec: TextCodec },
  sides: Sides,
  hunks: readonly PlacedHunk[],
  options: Pick<SurprisalOptions, 'signal' | 'turn'> = {},
): Promise<ScoredHunk[]> {
  const score = async (bytes: Uint8Array | null, ranges: (hunk: PlacedHunk) => readonly LineRange[]) => {
    const text = bytes ?? new Uint8Array(0);
    const lines = linesOf(text);
    const byHunk = hunks.map((hunk) =>
      ranges(hunk).flatMap(({ from, to }) =>
        lines.slice(from, to).map((range, index) => ({ line: from + index + 1, range })),
      ),
    );
    const needed = byHunk.flat().map(({ range }) => range);
    if (needed.length === 0) return byHunk.map(() => []);
    const { byteBits } = await scoreText(model, text, { ...options, needed });
    return byHunk.map((all) => all.map((one) => ({ ...one, bits: byteBits.between(one.range) })));
  };
  const removed = await score(sides.old, (hunk) => hunk.removed);
  const added = await score(sides.now, (hunk) => hunk.added);
  return hunks.map(({ oldStart, oldLines, newStart, newLines }, index) => {
    const [went, came] = [removed[index]!, added[index]!];
    return {
      ...{ oldStart, oldLines, newStart, newLines },
      added: partOf(came),
      removed: partOf(went),
      lines: [
        ...went.map((one) => ({ kind: 'removed' as const, ...one })),
        ...came.map((one) => ({ kind: 'added' as const, ...one })),
      ],
    };
  });
}

function partOf(lines: readonly { readonly range: ByteRange; readonly bits: number }[]): PartBits {
  let [bytes, bits] = [0, 0];
  for (const { range, bits: own } of lines) {
    bytes += range.to - range.from;
    bits += own;
  }
  return { bytes, bits };
}
