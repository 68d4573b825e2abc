// Choosing, sampling and managing models. What learnt elsewhere is used only after a yes that was given to it by name.
import * as vscode from 'vscode';
import type { CommandActions } from './commands.ts';
import type { Log } from './hostProcess.ts';
import { type ModelRow, measuredText, modelRow, modelSections } from './modelChoice.ts';
import { consents } from './modelConsent.ts';
import { countText, sizeText } from './quantities.ts';
import { builtInChoice } from './servingModel.ts';
import { settingRows } from './settings.ts';
import { openSheet, type SheetPanelDeps } from './sheetPanel.ts';
import { showErrors } from './showErrors.ts';
import { sampleText } from './textSampling.ts';
import { nameProblem, type TrainedModel, type TrainedModels } from './trainedModels.ts';
import type { Training } from './training.ts';
import type { WorkspaceIdentity } from './trainingPlace.ts';
import { type UnfinishedRow, unfinishedRow } from './unfinishedRuns.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';

export interface ModelCommandDeps extends SheetPanelDeps {
  readonly models: TrainedModels;
  readonly memory: WorkspaceMemory;
  readonly training: Pick<Training, 'forget' | 'busyFolder' | 'paused'>;
  /** Goes on with the training in that folder. */
  readonly resume: (folder: string) => Promise<void>;
  readonly workspace: () => WorkspaceIdentity;
  readonly builtInModelPath: string;
  /** The folder of the model that completes here. */
  readonly servingPath: () => string;
  /** Another model is to serve. */
  readonly reconfigure: () => void;
  readonly log: Log;
}

interface Row extends vscode.QuickPickItem {
  readonly run?: () => Promise<void>;
}

const { modelPath } = settingRows;

export class ModelCommands {
  readonly #deps: ModelCommandDeps;
  readonly actions: Pick<CommandActions, 'chooseModel' | 'sampleModel' | 'manageModels'> = {
    chooseModel: () => this.#told(() => this.#choose()),
    sampleModel: () => this.#told(() => this.#sample()),
    manageModels: () => this.#told(() => this.#manage()),
  };

  constructor(deps: ModelCommandDeps) {
    this.#deps = deps;
  }

  /** Makes a model complete in this workspace, and in no other. */
  async use(folder: string): Promise<void> {
    const model = await this.#deps.models.read(folder);
    if (model) await this.#told(() => this.#use(model));
  }

  /** Draws from a model: text into an editor, images on a sheet. */
  async draw(folder: string): Promise<void> {
    const model = await this.#deps.models.read(folder);
    if (model) await this.#told(() => this.#draw(model));
  }

  /** A choice whose model is gone is forgotten: the setting counts again. */
  async checkChoice(): Promise<void> {
    const { memory, models, log, reconfigure } = this.#deps;
    const { chosenModel } = memory;
    if (chosenModel === undefined || chosenModel === builtInChoice || (await models.read(chosenModel))) return;
    log('warning', `${chosenModel} was chosen for this workspace and is no model any more; the setting counts again`);
    await memory.chooseModel(undefined);
    reconfigure();
  }

  async #choose(): Promise<void> {
    const { models, memory, workspace, builtInModelPath, servingPath } = this.#deps;
    const serving = servingPath();
    const all = await models.list();
    const text = all.filter(({ eats }) => eats === 'text');
    const images = all.filter(({ eats }) => eats === 'image');
    const here = workspace();
    const row = ({ label, description, detail, model }: ModelRow, run: (one: TrainedModel) => Promise<void>): Row => ({
      label,
      description,
      detail,
      run: () => run(model),
    });
    const rows: Row[] = [];
    for (const section of modelSections(text, here, serving)) {
      rows.push(separator(section.title));
      rows.push(...section.rows.map((one) => row(one, (model) => this.#use(model))));
    }
    rows.push(separator('others'));
    const setting = vscode.workspace.getConfiguration().get<string>(modelPath.key, '');
    const checked = (isCurrent: boolean, label: string) => (isCurrent ? `$(check) ${label}` : label);
    const builtIn = checked(serving === builtInModelPath, 'Built-in model');
    rows.push({ label: builtIn, run: () => this.#serveHere(setting === '' ? undefined : builtInChoice) });
    if (setting !== '') {
      const asSet = checked(memory.chosenModel === undefined, 'As the setting says');
      rows.push({ label: asSet, description: setting, run: () => this.#serveHere(undefined) });
    }
    const browse = { label: 'Choose a model folder...', description: 'a folder with a model.json' };
    rows.push({ ...browse, run: () => this.#browse() });
    if (images.length > 0) rows.push(separator('images: to draw from, not for completions'));
    for (const section of modelSections(images, here)) {
      rows.push(...section.rows.map((one) => row(one, (model) => this.#draw(model))));
    }
    await runPicked(rows, 'Chainrule: Model for Completions in This Workspace');
  }

  async #browse(): Promise<void> {
    const options = { canSelectFiles: false, canSelectFolders: true, openLabel: 'Use This Model' };
    const chosen = await vscode.window.showOpenDialog(options);
    const folder = chosen?.[0]?.fsPath;
    if (folder === undefined) return;
    const model = await this.#deps.models.read(folder);
    if (model?.eats === 'image') throw new Error(`${model.name} draws images; expected a model of text`);
    // What learnt from somebody's files serves where it was asked for, and nowhere else.
    if (model?.workspace) return this.#use(model);
    await vscode.workspace.getConfiguration().update(modelPath.key, folder, vscode.ConfigurationTarget.Global);
    await this.#serveHere(undefined);
  }

  /** Undefined: what the setting says, which is the machine's. */
  async #serveHere(choice: string | undefined): Promise<void> {
    await this.#deps.memory.chooseModel(choice);
    this.#deps.reconfigure();
  }

  async #use(model: TrainedModel): Promise<void> {
    if (model.eats !== 'text' || !(await consents(model, this.#deps.workspace()))) return;
    const { memory, reconfigure, log } = this.#deps;
    await memory.chooseModel(model.path);
    log('info', `${model.name} completes in this workspace: ${model.path}`);
    reconfigure();
    void vscode.window.showInformationMessage(`${model.name} completes in this workspace now (${measuredText(model)})`);
  }

  async #sample(): Promise<void> {
    const { models, workspace, servingPath, builtInModelPath } = this.#deps;
    const rows: Row[] = [];
    for (const section of modelSections(await models.list(), workspace(), servingPath())) {
      rows.push(separator(section.title));
      rows.push(...section.rows.map(({ model, ...row }): Row => ({ ...row, run: () => this.#draw(model) })));
    }
    const builtIn = await models.read(builtInModelPath);
    if (builtIn) {
      rows.push(separator('built in'));
      const named = { ...builtIn, name: 'Built-in model' };
      const { label, description, detail } = modelRow(named, false);
      rows.push({ label, description, detail, run: () => sampleText(named, this.#deps) });
    }
    if (rows.length === 0) throw new Error('There is no model to sample from; train one first');
    await runPicked(rows, 'Chainrule: Sample from a Model');
  }

  async #draw(model: TrainedModel): Promise<void> {
    if (!(await consents(model, this.#deps.workspace()))) return;
    if (model.eats === 'text') await sampleText(model, this.#deps);
    else openSheet(model, this.#deps);
  }

  async #manage(): Promise<void> {
    const { models, workspace, servingPath, training } = this.#deps;
    const [finished, unfinished] = [await models.list(), await models.unfinished()];
    const rows: Row[] = [];
    let sum = 0;
    for (const section of modelSections(finished, workspace(), servingPath())) {
      rows.push(separator(section.title));
      for (const { model } of section.rows) {
        const size = await models.sizeBytes(model.path);
        sum += size;
        const { label, description, detail } = modelRow(model, model.path === servingPath(), size);
        rows.push({ label, description, detail, run: () => this.#manageOne(model) });
      }
    }
    if (unfinished.length > 0) rows.push(separator('not finished'));
    const here = { ...{ busyFolder: training.busyFolder, paused: training.paused }, workspaceHash: workspace().hash };
    for (const one of unfinished) {
      const size = await models.sizeBytes(one.path);
      sum += size;
      const { label, detail, actions } = unfinishedRow(one, size, here);
      const run = () => this.#manageUnfinished(one.path, label, actions);
      rows.push({ label, detail, ...(actions.length > 0 && { run }) });
    }
    const folder = await models.prepare();
    const total = `${countText(finished.length)} trained here, ${sizeText(sum)}`;
    rows.push(separator(total), {
      label: '$(folder) Copy the Path of Their Folder',
      detail: folder,
      run: async () => vscode.env.clipboard.writeText(folder),
    });
    await runPicked(rows, `Chainrule: Models Trained on This Machine (${total})`);
  }

  async #manageOne(model: TrainedModel): Promise<void> {
    const rows: Row[] = [
      ...(model.eats === 'text'
        ? [{ label: '$(check) Use for Completions in This Workspace', run: () => this.#use(model) }]
        : []),
      { label: '$(sparkle) Sample...', run: () => this.#draw(model) },
      { label: '$(edit) Rename...', run: () => this.#rename(model) },
      {
        label: '$(export) Export...',
        detail: 'a copy of its folder, without checkpoints',
        run: () => this.#export(model),
      },
      { label: '$(copy) Copy Path', detail: model.path, run: async () => vscode.env.clipboard.writeText(model.path) },
      { label: '$(trash) Delete...', run: () => this.#delete(model) },
    ];
    await runPicked(rows, `${model.name}: ${measuredText(model)}`);
  }

  async #rename(model: TrainedModel): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: `Rename ${model.name}`,
      value: model.name,
      validateInput: (value) => nameProblem(value) ?? null,
    });
    if (name !== undefined) await this.#deps.models.rename(model, name);
  }

  async #export(model: TrainedModel): Promise<void> {
    const options = { canSelectFiles: false, canSelectFolders: true, openLabel: 'Export Here' };
    const chosen = await vscode.window.showOpenDialog({ ...options, title: `Export ${model.name}` });
    const folder = chosen?.[0]?.fsPath;
    if (folder === undefined) return;
    const progress = { location: vscode.ProgressLocation.Notification, title: `Exporting ${model.name}` };
    const target = await vscode.window.withProgress(progress, () => this.#deps.models.export(model, folder));
    void vscode.window.showInformationMessage(`${model.name} was exported to ${target}`);
  }

  async #delete(model: TrainedModel): Promise<void> {
    const { memory, models, reconfigure } = this.#deps;
    const yes = 'Delete';
    const detail = `${model.path}. It cannot be undone.`;
    const answer = await vscode.window.showWarningMessage(`Delete ${model.name}?`, { modal: true, detail }, yes);
    if (answer !== yes) return;
    if (memory.chosenModel === model.path) {
      await memory.chooseModel(undefined);
      reconfigure();
    }
    await models.remove(model.path);
  }

  async #manageUnfinished(folder: string, label: string, actions: UnfinishedRow['actions']): Promise<void> {
    const rows = {
      resume: { label: '$(play) Resume', run: () => this.#deps.resume(folder) },
      delete: { label: '$(trash) Delete...', run: () => this.#removeUnfinished(folder, label) },
    };
    await runPicked(
      actions.map((action) => rows[action]),
      label,
    );
  }

  async #removeUnfinished(folder: string, label: string): Promise<void> {
    const yes = 'Delete';
    const message = `Delete the checkpoints of ${label}?`;
    const detail = 'The training that made them can then not be resumed.';
    if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
    await this.#deps.models.remove(folder);
    await this.#deps.training.forget(folder);
  }

  async #told(action: () => Promise<void>): Promise<void> {
    await showErrors(this.#deps.log, action);
  }
}

function separator(label: string): Row {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function runPicked(rows: readonly Row[], title: string): Promise<void> {
  const picked = await vscode.window.showQuickPick(rows, { title, matchOnDescription: true, matchOnDetail: true });
  await picked?.run?.();
}
