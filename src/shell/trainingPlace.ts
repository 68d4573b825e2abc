// Whether this window's workspace may be trained on, which folders of it, and as which workspace a model will remember it.
import { createHash } from 'node:crypto';
import { isSecretPath } from '../base/secretPaths.ts';
import { type SourceRoot, trainerLimits } from '../protocol/trainerMessages.ts';

/** A setting of globs. One counts when it is switched on; one with a condition (`when`) hides what another file explains. */
export type Excludes = Readonly<Record<string, unknown>>;

export interface FolderFacts {
  readonly name: string;
  readonly scheme: string;
  /** On the machine that the extension runs on, which for a remote window is the remote one. */
  readonly fsPath: string;
  /** The whole address. */
  readonly uri: string;
  /** `files.exclude` and `search.exclude`, as they hold for this folder. */
  readonly excludes: readonly Excludes[];
}

export interface WorkspaceIdentity {
  /** Of the folders' addresses; the same for the same folders in any order. */
  readonly hash: string;
  readonly name: string;
}

export type TrainingPlace =
  /** `left`: the folders that are not read, with the reason. */
  | { readonly kind: 'allowed'; readonly roots: readonly SourceRoot[]; readonly left: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string; readonly repair: 'openFolder' | 'trust' | 'none' };

export function trainingPlace(trusted: boolean, folders: readonly FolderFacts[]): TrainingPlace {
  if (folders.length === 0) {
    return refused('there is no folder open, so there is nothing to learn from. Open a folder first', 'openFolder');
  }
  if (!trusted) {
    const reason = 'this workspace is not trusted, and what lies in it is not read for training. Trust it first';
    return refused(reason, 'trust');
  }
  const [real, virtual] = [folders.filter(({ scheme }) => scheme === 'file'), folders.filter(isVirtual)];
  if (real.length === 0) {
    const schemes = [...new Set(virtual.map(({ scheme }) => scheme))].join(', ');
    const reason =
      `this workspace is virtual (${schemes}): its files are on no disk that the training process can read. ` +
      'Clone it, or open a folder of this machine or of a remote one';
    return refused(reason, 'none');
  }
  const [read, beyond] = [real.slice(0, trainerLimits.roots), real.slice(trainerLimits.roots)];
  return {
    kind: 'allowed',
    roots: read.map(({ fsPath, excludes }) => ({ path: fsPath, excludes: activeGlobs(excludes) })),
    left: [
      ...virtual.map(({ name }) => `${name} (on no disk)`),
      ...beyond.map(({ name }) => `${name} (more than ${trainerLimits.roots} folders)`),
    ],
  };
}

export function workspaceIdentity(name: string, folders: readonly Pick<FolderFacts, 'uri'>[]): WorkspaceIdentity {
  const uris = [...new Set(folders.map(({ uri }) => uri))].sort();
  const hash = createHash('sha256').update(uris.join('\n')).digest('hex').slice(0, 16);
  return { hash, name: name.slice(0, trainerLimits.nameLength) };
}

export const imageExtensions = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp'];

/** Pictures of the workspace that may be completed, and what not to look into; null: nothing. In either case of letters. */
export function imageGlobs(excludes: readonly Excludes[]): {
  readonly include: string;
  readonly exclude: string | null;
} {
  const anyCase = (name: string) => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  // The editor's globs do not nest braces.
  const globs = activeGlobs(excludes).filter((glob) => !glob.includes('{'));
  const exclude = globs.length > 0 ? `{${globs.join(',')}}` : null;
  return { include: `**/*.{${imageExtensions.map(anyCase).join(',')}}`, exclude };
}

/** Whether a picture of the workspace may be opened to be completed. */
export function isCompletable(fsPath: string): boolean {
  return imageExtensions.includes(fsPath.slice(fsPath.lastIndexOf('.') + 1).toLowerCase()) && !isSecretPath(fsPath);
}

function refused(reason: string, repair: 'openFolder' | 'trust' | 'none'): TrainingPlace {
  return { kind: 'refused', reason, repair };
}

function isVirtual({ scheme }: FolderFacts): boolean {
  return scheme !== 'file';
}

/** What either setting leaves out: `false` in one takes nothing back from the other. */
function activeGlobs(excludes: readonly Excludes[]): string[] {
  const active = excludes.flatMap((one) => Object.keys(one).filter((glob) => one[glob] === true));
  const globs = active.filter((glob) => glob.length <= trainerLimits.pathLength);
  return [...new Set(globs)].slice(0, trainerLimits.excludes);
}
