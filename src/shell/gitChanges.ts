// What the editor's own git extension tells of the working tree: every changed file of every repository of the window, with what the last
// commit holds of it.
import path from 'node:path';
import * as vscode from 'vscode';
import { workspaceLimits } from '../protocol/workspaceScoringMessages.ts';
import { type GitChange, type ListedChange, listChanges } from './changeList.ts';
import {
  type Change,
  type GitApi,
  gitApi,
  presentState,
  type Repository,
  repositoriesHere,
} from './gitRepositories.ts';

export interface WorkingChange extends ListedChange {
  /** For a person: below its repository, with forward slashes; of several repositories with the name of its own before it. */
  readonly label: string;
  readonly oldLabel: string;
  /** The file of the last commit; null when there is none, 'tooLarge' beyond the bound. */
  readOld(): Promise<Uint8Array | 'tooLarge' | null>;
  /** Shows what the editor calls that. */
  readonly oldUri: vscode.Uri | null;
}

/** @throws UserError when the editor has no git, or no repository here. */
export async function workingChanges(): Promise<WorkingChange[]> {
  const api = await gitApi();
  const repositories = await repositoriesHere(api);
  const lists = await Promise.all(repositories.map((one) => changesOf(api, one, repositories.length > 1)));
  return lists.flat();
}

async function changesOf(api: GitApi, repository: Repository, several: boolean): Promise<WorkingChange[]> {
  const state = await presentState(repository);
  const { HEAD, indexChanges, workingTreeChanges, untrackedChanges = [], mergeChanges } = state;
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
