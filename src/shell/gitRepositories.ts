// The editor's own git extension: what of its interface is needed here, and how it is waited for. Its types are written down because an
// extension's interface comes with no package.
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../base/errors.ts';

export interface Change {
  readonly uri: vscode.Uri;
  readonly originalUri: vscode.Uri;
  readonly renameUri: vscode.Uri | undefined;
  readonly status: number;
}

export interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD: { readonly commit?: string } | undefined;
    readonly indexChanges: readonly Change[];
    readonly workingTreeChanges: readonly Change[];
    readonly untrackedChanges?: readonly Change[];
    readonly mergeChanges: readonly Change[];
    /** Git was asked, and this is what it said. */
    readonly onDidChange: vscode.Event<void>;
  };
  status(): Promise<void>;
  buffer(ref: string, path: string): Promise<Uint8Array>;
  getObjectDetails(treeish: string, path: string): Promise<{ readonly size: number }>;
}

export interface GitApi {
  readonly state: 'uninitialized' | 'initialized';
  readonly onDidChangeState: vscode.Event<string>;
  readonly repositories: readonly Repository[];
  toGitUri(uri: vscode.Uri, ref: string): vscode.Uri;
  getRepositoryRoot(uri: vscode.Uri): Promise<vscode.Uri | null>;
  openRepository(root: vscode.Uri): Promise<Repository | null>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** It looks through all folders first. */
const startWithinMs = 30_000;
const mostLooks = 10;

/** The interface, once the extension knows the repositories. @throws UserError when the editor has no git. */
export async function gitApi(): Promise<GitApi> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) {
    throw new UserError(
      'this editor has no Git extension (vscode.git), which tells what was changed; enable it among the built-in extensions',
    );
  }
  const git = await extension.activate();
  if (!git.enabled) {
    // It counts as disabled too where it found no git.
    if (vscode.workspace.getConfiguration('git').get('enabled') === false) {
      throw new UserError('Git is switched off in this editor; switch it on with the setting git.enabled');
    }
    throw new UserError(
      'the Git extension found no git on this machine; install git, or name it with the setting git.path',
    );
  }
  const api = git.getAPI(1);
  if (api.state !== 'initialized') await initialized(api);
  return api;
}

async function initialized(api: GitApi): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const ended = () => {
      clearTimeout(timer);
      listener.dispose();
    };
    const timer = setTimeout(() => {
      ended();
      reject(new UserError('the Git extension still looks for repositories; try again in a moment'));
    }, startWithinMs);
    const listener = api.onDidChangeState((state) => {
      if (state !== 'initialized') return;
      ended();
      resolve();
    });
  });
}

/** Those that hold a folder of the window, or lie in one. @throws UserError when there is none. */
export async function repositoriesHere(api: GitApi): Promise<Repository[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const known = api.repositories.filter(({ rootUri }) =>
    folders.some(({ fsPath }) => isWithin(fsPath, rootUri.fsPath) || isWithin(rootUri.fsPath, fsPath)),
  );
  if (known.length > 0) return known;
  // One that was made a moment ago, or closed in the editor.
  const opened: Repository[] = [];
  let above = '';
  for (const folder of folders) {
    const root = await api.getRepositoryRoot(folder);
    if (root === null) continue;
    const repository = isWithin(root.fsPath, folder.fsPath) ? await api.openRepository(root) : null;
    if (repository) opened.push(repository);
    else above = root.fsPath;
  }
  if (opened.length > 0) return opened;
  // Whether such a one may be opened is the person's to say, as the editor asks it.
  if (above !== '') {
    throw new UserError(
      `this folder lies in the git repository ${above}, which is not open in the editor; open it with "Git: Open Repositories in Parent Folders..."`,
    );
  }
  throw new UserError(
    'no git repository is open here; open a folder of one, or make one with "Git: Initialize Repository"',
  );
}

/**
 * What git says now. The extension gives a look up, without a word, when it begins another one, as it does when a file changes or a window
 * opens; what it then holds is old, or empty.
 * @throws UserError when it comes to no end.
 */
export async function presentState(repository: Repository): Promise<Repository['state']> {
  let isFresh = false;
  const listener = repository.state.onDidChange(() => {
    isFresh = true;
  });
  try {
    for (let look = 0; look < mostLooks; look++) {
      await repository.status();
      if (isFresh) return repository.state;
    }
  } finally {
    listener.dispose();
  }
  throw new UserError(`the files of ${repository.rootUri.fsPath} change all the time; refresh when they rest`);
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || !(relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative));
}
