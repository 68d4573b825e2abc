// Hunks and lines as they are told: bounded in number and in text, and their bits as a message may hold them.
import type { PartBits, ScoredHunk, Sides } from '../likelihood/changes.ts';
import { type HunkScore, workspaceLimits } from '../protocol/workspaceScoringMessages.ts';

/** A log-probability may come out a hair above 0, and what is impossible has no end; neither is to stop a message. */
export function told(bits: number): number {
  return Math.min(Math.max(0, bits), 1e12);
}

/** A hunk as it is told: its first lines with their text. */
export function hunkRow({ lines, added, removed, ...place }: ScoredHunk, sides: Sides): HunkScore {
  const { oldStart, oldLines, newStart, newLines } = place;
  return {
    ...{ oldStart, oldLines, newStart, newLines },
    added: toldPart(added),
    removed: toldPart(removed),
    numLines: lines.length,
    lines: lines.slice(0, workspaceLimits.shownLines).map(({ kind, line, range, bits }) => ({
      ...{ kind, line },
      bits: told(bits),
      bytes: range.to - range.from,
      text: lineText((kind === 'added' ? sides.now : sides.old)!.subarray(range.from, range.to)),
    })),
  };
}

/** Its beginning, without its end. */
export function lineText(bytes: Uint8Array): string {
  const most = 4 * workspaceLimits.lineLength;
  return Buffer.from(bytes.subarray(0, most))
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .slice(0, workspaceLimits.lineLength);
}

function toldPart({ bytes, bits }: PartBits): PartBits {
  return { bytes, bits: told(bits) };
}
