// The dialog for what is saved, and what is said when it is there.
import path from 'node:path';
import * as vscode from 'vscode';

export interface SavedFile {
  readonly name: string;
  /** Where the dialog begins; left out, the workspace's first folder. */
  readonly folder?: vscode.Uri | undefined;
  /** Made piece by piece where it is long, and only once there is a place for it. */
  readonly contents: Uint8Array | string | Iterable<string>;
}

export async function saveFile({ name, folder, contents }: SavedFile): Promise<void> {
  const ending = path.posix.extname(name).slice(1);
  const start = folder ?? vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(start && { defaultUri: vscode.Uri.joinPath(start, name) }),
    filters: { [ending.toUpperCase()]: [ending] },
    saveLabel: 'Save',
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, await bytesOf(contents));
  const show = 'Open';
  const chosen = await vscode.window.showInformationMessage(`Saved ${path.posix.basename(target.path)}`, show);
  if (chosen === show) await vscode.commands.executeCommand('vscode.open', target);
}

async function bytesOf(contents: SavedFile['contents']): Promise<Uint8Array> {
  if (contents instanceof Uint8Array) return contents;
  if (typeof contents === 'string') return Buffer.from(contents);
  const parts: Uint8Array[] = [];
  for (const piece of contents) {
    parts.push(Buffer.from(piece));
    await new Promise((resolve) => setImmediate(resolve)); // Others have their turn.
  }
  return Buffer.concat(parts);
}
