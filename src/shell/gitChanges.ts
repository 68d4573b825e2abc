// What the editor's own git extension tells of the working tree, through the part of its interface that is needed here. Its types are written
// down here because an extension's interface comes with no package.
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../base/errors.ts';
import { workspaceLimits } from '../protocol/workspaceScoringMessages.ts';
import { type GitChange, type ListedChange, listChanges } from './changeList.ts';

interface Change {
  readonly uri: vscode.Uri;
  readonly originalUri: vscode.Uri;
  readonly renameUri: vscode.Uri | undefined;
  readonly status: number;
}

interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD: { readonly commit?: string } | undefined;
    readonly indexChanges: readonly Change[];
    readonly workingTreeChanges: readonly Change[];
    readonly untrackedChanges?: readonly Change[];
    readonly mergeChanges: readonly Change[];
  };
  status(): Promise<void>;
  buffer(ref: string, path: string): Promise<Uint8Array>;
  getObjectDetails(treeish: string, path: string): Promise<{ readonly size: number }>;
}

interface GitApi {
  readonly state: 'uninitialized' | 'initialized';
  readonly onDidChangeState: vscode.Event<string>;
  readonly repositories: readonly Repository[];
  toGitUri(uri: vscode.Uri, ref: string): vscode.Uri;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

export interface WorkingChange extends ListedChange {
  /** For a person: below its repository, with forward slashes; of several repositories with the name of its own before it. */
  readonly label: string;
  readonly oldLabel: string;
  /** The file of the last commit; null when there is none, 'tooLarge' beyond the bound. */
  readOld(): Promise<Uint8Array | 'tooLarge' | null>;
  /** Shows what the editor calls that. */
  readonly oldUri: vscode.Uri | null;
}

const startWithinMs = 10_000;

/** @throws UserError when the editor has no git, or no repository here. */
export async function workingChanges(): Promise<WorkingChange[]> {
  const api = await gitApi();
  const folders = vscode.workspace.workspaceFolders ?? [];
  const repositories = api.repositories.filter(({ rootUri }) =>
    folders.some(({ uri }) => isWithin(uri.fsPath, rootUri.fsPath) || isWithin(rootUri.fsPath, uri.fsPath)),
  );
  if (repositories.length === 0) {
    throw new UserError(
      'no git repository is open here; open a folder of one, or make one with "Git: Initialize Repository"',
    );
  }
  const lists = await Promise.all(repositories.map((one) => changesOf(api, one, repositories.length > 1)));
  return lists.flat();
}

async function changesOf(api: GitApi, repository: Repository, several: boolean): Promise<WorkingChange[]> {
  await repository.status();
  const { HEAD, indexChanges, workingTreeChanges, untrackedChanges = [], mergeChanges } = repository.state;
  const changes = listChanges({
    index: indexChanges.map(plain),
    workingTree: workingTreeChanges.map(plain),
    untracked: untrackedChanges.map(plain),
    merge: mergeChanges.map(plain),
  });
  const root = repository.rootUri.fsPath;
  const label = (file: string) => {
    const below = path.relative(root, file).split(path.sep).join('/');
    return several ? `${path.basename(root)}/${below}` : below;
  };
  return changes.map((change) => ({
    ...change,
    label: label(change.path),
    oldLabel: change.oldPath === null ? '' : label(change.oldPath),
    oldUri: change.oldPath === null ? null : api.toGitUri(vscode.Uri.file(change.oldPath), 'HEAD'),
    readOld: async () => {
      const { oldPath } = change;
      if (oldPath === null || HEAD?.commit === undefined) return null;
      const { size } = await repository.getObjectDetails('HEAD', oldPath);
      if (size > workspaceLimits.changedBytes) return 'tooLarge';
      return repository.buffer('HEAD', oldPath);
    },
  }));
}

function plain({ uri, originalUri, renameUri, status }: Change): GitChange {
  return { path: (renameUri ?? uri).fsPath, originalPath: originalUri.fsPath, status };
}

async function gitApi(): Promise<GitApi> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) {
    throw new UserError(
      'this editor has no Git extension (vscode.git), which tells what was changed; enable it among the built-in extensions',
    );
  }
  const git = await extension.activate();
  if (!git.enabled)
    throw new UserError('Git is switched off in this editor; switch it on with the setting git.enabled');
  let api: GitApi;
  try {
    api = git.getAPI(1);
  } catch {
    throw new UserError(
      'the Git extension found no git on this machine; install git, or name it with the setting git.path',
    );
  }
  if (api.state !== 'initialized') await initialized(api);
  return api;
}

/** The extension looks for repositories first. */
async function initialized(api: GitApi): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const late = () => reject(new UserError('the Git extension did not start in time; try again in a moment'));
    const timer = setTimeout(late, startWithinMs);
    const listener = api.onDidChangeState((state) => {
      if (state !== 'initialized') return;
      clearTimeout(timer);
      listener.dispose();
      resolve();
    });
  });
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || !(relative.startsWith('..') || path.isAbsolute(relative));
}
