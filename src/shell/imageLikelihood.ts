// The likelihood of images in the editor: the command that opens it, the model that is chosen for it, and the open views. One editor of
// the same file may be open several times.
import path from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { Log } from './hostProcess.ts';
import { openImagePanel } from './imageLikelihoodPanel.ts';
import { ImageModels } from './imageModels.ts';
import { imageViewType } from './likelihoodNames.ts';
import { modelSections } from './modelChoice.ts';
import { consents } from './modelConsent.ts';
import type { ScorerClient } from './scorerClient.ts';
import { showErrors } from './showErrors.ts';
import type { TrainedModel, TrainedModels } from './trainedModels.ts';
import { imageExtensions } from './trainingPlace.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';
import { currentWorkspace } from './workspacePlace.ts';

export interface ImageLikelihoodDeps {
  readonly extensionUri: vscode.Uri;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: WorkspaceMemory;
  readonly models: TrainedModels;
  readonly scorer: ScorerClient;
  readonly newSeed: () => number;
}

interface Row extends vscode.QuickPickItem {
  readonly run?: () => Promise<void>;
}

export class ImageLikelihood implements Disposable {
  readonly #deps: ImageLikelihoodDeps;
  readonly #models: ImageModels;
  readonly #store = new DisposableStore();
  readonly #panels = new Set<Disposable>();
  #watching = false;

  constructor(deps: ImageLikelihoodDeps) {
    this.#deps = deps;
    const { models, memory } = deps;
    this.#models = new ImageModels({ models, memory, workspace: currentWorkspace });
  }

  /** Of that file, of the picture in front, or of one that is asked for. Never rejects. */
  open(target?: unknown): Promise<void> {
    return showErrors(this.#deps.log, async () => {
      const uri = target instanceof vscode.Uri ? target : (frontImage() ?? (await askForImage()));
      if (uri === undefined) return;
      if (!isImage(uri)) {
        const names = imageExtensions.join(', ');
        throw new UserError(`${path.basename(uri.path)}: expected a picture (${names}); choose another file`);
      }
      await vscode.commands.executeCommand('vscode.openWith', uri, imageViewType);
    });
  }

  show(uri: vscode.Uri, panel: vscode.WebviewPanel): void {
    void showErrors(this.#deps.log, () => this.#watchModels());
    const { extensionUri, clock, log, scorer, newSeed } = this.#deps;
    const chooseModel = () => this.#chooseModel();
    const closed = () => this.#panels.delete(shown);
    const shared = { extensionUri, clock, log, scorer, newSeed, models: this.#models };
    const shown = openImagePanel(uri, panel, { ...shared, chooseModel, closed });
    this.#panels.add(shown);
  }

  dispose(): void {
    for (const panel of [...this.#panels]) panel.dispose();
    this.#store.dispose();
  }

  /** A model is there as soon as its description is, which is written last; of a folder that goes only the folder is told. */
  async #watchModels(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    const folder = vscode.Uri.file(await this.#deps.models.prepare());
    const pattern = new vscode.RelativePattern(folder, '{*,*/model.json}');
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(pattern));
    const changed = () => this.#models.changed();
    watcher.onDidCreate(changed);
    watcher.onDidChange(changed);
    watcher.onDidDelete(changed);
  }

  async #chooseModel(): Promise<void> {
    const here = currentWorkspace();
    const choice = await this.#models.choice();
    const current = choice.kind === 'model' ? choice.model.path : undefined;
    const rows: Row[] = [];
    for (const section of modelSections(await this.#models.list(), here, current)) {
      rows.push({ label: section.title, kind: vscode.QuickPickItemKind.Separator });
      for (const { label, description, detail, model } of section.rows) {
        rows.push({ label, description, detail, run: () => this.#use(model) });
      }
    }
    rows.push(
      { label: 'others', kind: vscode.QuickPickItemKind.Separator },
      { label: 'Choose a model folder...', description: 'a folder with a model.json', run: () => this.#browse() },
      {
        label: 'Train PixelCNN on Workspace Images',
        run: async () => vscode.commands.executeCommand('chainrule.trainPixelCnn'),
      },
    );
    const title = 'Chainrule: Model for the Likelihood of Images in This Workspace';
    const picked = await vscode.window.showQuickPick(rows, { title, matchOnDescription: true, matchOnDetail: true });
    await picked?.run?.();
  }

  async #browse(): Promise<void> {
    const options = { canSelectFiles: false, canSelectFolders: true, openLabel: 'Use This Model' };
    const folder = (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
    if (folder !== undefined) await this.#use(await this.#models.read(folder));
  }

  /** What learnt elsewhere is used only after a yes: what it draws may be pictures from there. */
  async #use(model: TrainedModel): Promise<void> {
    if (await consents(model, currentWorkspace())) await this.#models.choose(model.path);
  }
}

/** The picture in the tab in front, whatever shows it. */
function frontImage(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const hasUri = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText;
  return hasUri && isImage(input.uri) ? input.uri : undefined;
}

async function askForImage(): Promise<vscode.Uri | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: false,
    filters: { Images: imageExtensions },
    openLabel: 'Open Image Likelihood',
    ...(folder && { defaultUri: folder.uri }),
  });
  return picked?.[0];
}

function isImage({ path: name }: vscode.Uri): boolean {
  return imageExtensions.includes(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
}
