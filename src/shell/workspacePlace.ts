// The folders of the window, and whether what lies in them may be read: likelihoods wait for trust as training does.
import * as vscode from 'vscode';
import type { SourceRoot } from '../protocol/trainerMessages.ts';
import {
  type Excludes,
  type FolderFacts,
  trainingPlace,
  type WorkspaceIdentity,
  workspaceIdentity,
} from './trainingPlace.ts';

export interface ReadablePlace {
  readonly roots: readonly SourceRoot[];
  /** Folders that are not read, with the reason. */
  readonly left: readonly string[];
}

export function folderFacts(): FolderFacts[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ name, uri }) => ({
    name,
    scheme: uri.scheme,
    fsPath: uri.fsPath,
    uri: uri.toString(),
    excludes: excludesOf(uri),
  }));
}

/** Without a .gitignore only `search.exclude` knows of node_modules. */
export function excludesOf(uri: vscode.Uri): Excludes[] {
  return ['files', 'search'].map((section) =>
    vscode.workspace.getConfiguration(section, uri).get<Record<string, unknown>>('exclude', {}),
  );
}

/** The workspace as models remember where they learnt. */
export function currentWorkspace(): WorkspaceIdentity {
  return workspaceIdentity(vscode.workspace.name ?? 'no folder', folderFacts());
}

/** Where nothing may be read: why, and what repairs it. */
export function readingPlace():
  | ReadablePlace
  | { readonly reason: string; readonly repair: 'openFolder' | 'trust' | 'none' } {
  const place = trainingPlace(vscode.workspace.isTrusted, folderFacts());
  if (place.kind === 'allowed') return { roots: place.roots, left: place.left };
  const reasons = {
    openFolder: 'there is no folder open. Open a folder first',
    trust: 'this workspace is not trusted, and what lies in it is not read. Trust it first',
    none: 'this workspace is virtual: its files are on no disk that can be read. Clone it, or open a folder of this machine or of a remote one',
  } as const;
  return { reason: reasons[place.repair], repair: place.repair };
}

/** Undefined when nothing may be read; then it was said why, with a button that helps. */
export async function askForPlace(wish: string): Promise<ReadablePlace | undefined> {
  const place = readingPlace();
  if ('roots' in place) return place;
  await offerRepair(`Chainrule cannot ${wish}: ${place.reason}`, place.repair);
  return undefined;
}

const repairs = {
  trust: { label: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
  openFolder: { label: 'Open Folder...', command: 'workbench.action.files.openFolder' },
  none: undefined,
} as const;

/** Says what is wrong, with the button that helps. */
export async function offerRepair(message: string, kind: keyof typeof repairs): Promise<void> {
  const repair = repairs[kind];
  const chosen = await vscode.window.showWarningMessage(message, ...(repair ? [repair.label] : []));
  if (repair && chosen === repair.label) await vscode.commands.executeCommand(repair.command);
}
