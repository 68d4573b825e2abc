// From what git says is staged and unstaged to one list of changed files against the last commit: what stands in the working tree now, whatever
// of it is staged. Knows no editor.
import type { changeStatuses } from '../protocol/workspaceViewMessages.ts';

/** As the editor's git extension numbers them. */
export const gitStatus = {
  indexModified: 0,
  indexAdded: 1,
  indexDeleted: 2,
  indexRenamed: 3,
  indexCopied: 4,
  modified: 5,
  deleted: 6,
  untracked: 7,
  ignored: 8,
  intentToAdd: 9,
  intentToRename: 10,
  typeChanged: 11,
  addedByUs: 12,
  addedByThem: 13,
  deletedByUs: 14,
  deletedByThem: 15,
  bothAdded: 16,
  bothDeleted: 17,
  bothModified: 18,
} as const;

/** Conflicts over a file that the last commit here does not hold. */
const notOurs: ReadonlySet<number> = new Set([gitStatus.addedByThem, gitStatus.deletedByUs, gitStatus.bothDeleted]);

export interface GitChange {
  /** Where it is now, or was when it is gone. */
  readonly path: string;
  /** Where it was in the last commit. */
  readonly originalPath: string;
  readonly status: number;
}

export interface ListedChange {
  readonly path: string;
  /** In the last commit; null: it is not there. */
  readonly oldPath: string | null;
  readonly isGone: boolean;
  readonly status: (typeof changeStatuses)[number];
}

interface Growing {
  oldPath: string | null;
  isGone: boolean;
  conflict: boolean;
}

/** By path. */
export function listChanges(groups: {
  readonly index: readonly GitChange[];
  readonly workingTree: readonly GitChange[];
  readonly untracked: readonly GitChange[];
  readonly merge: readonly GitChange[];
}): ListedChange[] {
  const found = new Map<string, Growing>();
  for (const { path, originalPath, status } of groups.index) {
    const isNew = status === gitStatus.indexAdded || status === gitStatus.indexCopied;
    found.set(path, {
      oldPath: isNew ? null : status === gitStatus.indexRenamed ? originalPath : path,
      isGone: status === gitStatus.indexDeleted,
      conflict: false,
    });
  }
  for (const { path, originalPath, status } of [...groups.workingTree, ...groups.untracked]) {
    if (status === gitStatus.ignored) continue;
    const staged = found.get(path);
    const isNew = status === gitStatus.untracked || status === gitStatus.intentToAdd;
    const renamed = status === gitStatus.intentToRename;
    // Renamed in the index and changed since: what it was called in the last commit still counts.
    const before = staged ?? { oldPath: isNew ? null : renamed ? originalPath : path };
    found.set(path, { oldPath: before.oldPath, isGone: status === gitStatus.deleted, conflict: false });
  }
  for (const { path, status } of groups.merge) {
    const oldPath = notOurs.has(status) ? null : path;
    found.set(path, { oldPath, isGone: status === gitStatus.bothDeleted, conflict: true });
  }
  return [...found]
    .filter(([, { oldPath, isGone }]) => oldPath !== null || !isGone)
    .map(([path, { oldPath, isGone, conflict }]) => ({
      path,
      oldPath,
      isGone,
      status: statusOf(path, oldPath, isGone, conflict),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function statusOf(path: string, oldPath: string | null, isGone: boolean, conflict: boolean): ListedChange['status'] {
  if (conflict) return 'conflict';
  if (isGone) return 'deleted';
  if (oldPath === null) return 'added';
  return oldPath === path ? 'modified' : 'renamed';
}
