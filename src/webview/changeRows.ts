// What the page of a change's bits lists, and in which order.
import type { HunkScore, UnscoredReason } from '../protocol/workspaceScoringMessages.ts';
import type { ChangedFile } from '../protocol/workspaceViewMessages.ts';

export const hunkOrders = ['inOrder', 'bits', 'bitsPerByte'] as const;

export interface ListedHunk {
  /** Of the file among the changed ones. */
  readonly index: number;
  readonly path: string;
  readonly hunk: HunkScore;
}

/** A hunk that only took lines away tells nothing new, and comes after those that brought some. */
export function listHunks(files: readonly ChangedFile[], order: (typeof hunkOrders)[number]): ListedHunk[] {
  const all = files.flatMap(({ index, path, hunks }) => hunks.map((hunk) => ({ index, path, hunk })));
  if (order === 'inOrder') return all;
  const value = ({ hunk: { added } }: ListedHunk) =>
    added.bytes === 0 ? -1 : order === 'bits' ? added.bits : added.bits / added.bytes;
  return all.sort((a, b) => value(b) - value(a));
}

export function totalsOf(files: readonly ChangedFile[]) {
  const [added, removed] = [
    { bytes: 0, bits: 0 },
    { bytes: 0, bits: 0 },
  ];
  let numHunks = 0;
  for (const hunk of files.flatMap(({ hunks }) => hunks)) {
    numHunks += 1;
    added.bytes += hunk.added.bytes;
    added.bits += hunk.added.bits;
    removed.bytes += hunk.removed.bytes;
    removed.bits += hunk.removed.bits;
  }
  return { added, removed, numHunks, numFiles: files.length };
}

/** Such as `lines 3 to 9`, of the new file. */
export function placeText({ newStart, newLines, oldStart, oldLines, added }: HunkScore): string {
  const isGone = added.bytes === 0 && newLines === 0;
  const [start, count] = isGone ? [oldStart, oldLines] : [newStart, newLines];
  const which = isGone ? 'old ' : '';
  return count > 1 ? `${which}lines ${start} to ${start + count - 1}` : `${which}line ${start}`;
}

const reasons: Readonly<Record<UnscoredReason, string>> = {
  '': '',
  binary: 'binary: no text model reads it',
  secret: 'not read: it may hold secrets',
  generated: 'not scored: it is generated',
  minified: 'not scored: it is minified',
  tooLarge: 'not scored: it is too large',
  unreadable: 'it cannot be read',
  vanished: 'it went away meanwhile',
  lineEnds: 'only its line ends changed',
  notAFile: 'not read: it is no plain file, but a link or a submodule',
};

/** With no line that came or went. */
const unchanged: Readonly<Record<ChangedFile['status'], string>> = {
  modified: 'no line changed',
  added: 'it is empty',
  deleted: 'it was empty',
  renamed: 'no line changed: renamed only',
  conflict: 'no line changed',
};

/** What is to be said of a file beside its hunks; '' for nothing. */
export function fileText({ unscored, detail, oldPath, hunks, numLeftOut, status }: ChangedFile): string {
  const parts = [
    oldPath === '' ? '' : `was ${oldPath}`,
    reasons[unscored],
    detail,
    unscored === '' && hunks.length === 0 ? unchanged[status] : '',
    numLeftOut > 0 ? `${numLeftOut} more hunks are not scored` : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}
