// The panel of a sheet of images: what is pressed there, and the dialogs for what is saved and completed.
import * as vscode from 'vscode';
import { type FromSheetView, readFromSheetView, type ToSheetView } from '../protocol/webviewMessages.ts';
import type { Log } from './hostProcess.ts';
import type { Sampler } from './samplerClient.ts';
import { saveFile } from './saveFile.ts';
import { Sheet } from './sheet.ts';
import { showErrors } from './showErrors.ts';
import type { TrainedModel } from './trainedModels.ts';
import { imageExtensions, imageGlobs, isCompletable } from './trainingPlace.ts';
import { ViewPanel } from './viewPanel.ts';
import { excludesOf } from './workspacePlace.ts';

export interface SheetPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly sampler: Sampler;
  readonly threads: () => number;
  readonly newSeed: () => number;
  readonly log: Log;
}

const listedImages = 1000;

/** Opens a panel for the model and draws at once; the panel disposes of itself when it is closed. */
export function openSheet(model: TrainedModel, deps: SheetPanelDeps): vscode.Disposable {
  const { extensionUri, log } = deps;
  const changed = () => {
    if (panel.visible) panel.send(sheet.view());
  };
  const sheet: Sheet = new Sheet({ ...deps, model, changed });
  const panel = new ViewPanel<FromSheetView, ToSheetView>({
    extensionUri,
    viewType: 'chainrule.sheet',
    page: 'sheetPage',
    title: `Images: ${model.name}`,
    log,
    read: readFromSheetView,
    receive: (message) => void showErrors(log, () => receive(message, sheet, changed)),
    closed: () => sheet.dispose(),
  });
  void sheet.draw(1);
  return panel;
}

async function receive(message: FromSheetView, sheet: Sheet, changed: () => void): Promise<void> {
  switch (message.kind) {
    case 'ready':
      changed();
      break;
    case 'draw':
      await sheet.draw(message.temperature);
      break;
    case 'cancel':
      sheet.cancel();
      break;
    case 'complete': {
      const file = await askForImage();
      if (file !== undefined) await sheet.complete(file, message.temperature);
      break;
    }
    case 'saveImage': {
      const png = sheet.images[message.index];
      if (png !== undefined)
        await saveFile({
          name: `${fileNameOf(sheet.model)}-${message.index + 1}.png`,
          contents: Buffer.from(png, 'base64'),
        });
      break;
    }
    case 'saveSheet':
      await saveFile({ name: `${fileNameOf(sheet.model)}.png`, contents: Buffer.from(message.png, 'base64') });
      break;
    default:
      message satisfies never;
  }
}

/** An image of the workspace, or of anywhere. */
async function askForImage(): Promise<string | undefined> {
  const found = await Promise.all(
    (vscode.workspace.workspaceFolders ?? []).map((folder) => {
      const { include, exclude } = imageGlobs(excludesOf(folder.uri));
      return vscode.workspace.findFiles(new vscode.RelativePattern(folder, include), exclude, listedImages);
    }),
  );
  const files = found.flat().filter(({ scheme, fsPath }) => scheme === 'file' && isCompletable(fsPath));
  const browse = { label: '$(folder-opened) Browse...', uri: undefined };
  const rows = files
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const title = 'Complete an Image: Its Upper Half Is Kept';
  const chosen = await vscode.window.showQuickPick([...rows, browse], { title });
  if (chosen === undefined) return undefined;
  if (chosen.uri) return chosen.uri.fsPath;
  const filters = { Images: imageExtensions };
  const picked = await vscode.window.showOpenDialog({ canSelectMany: false, filters, openLabel: 'Complete' });
  return picked?.[0]?.fsPath;
}

function fileNameOf({ name }: TrainedModel): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '') || 'images';
}
