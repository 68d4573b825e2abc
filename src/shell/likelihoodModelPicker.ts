// "Choose Model for Likelihood...": the built-in model, the setting's and those trained here. What learnt elsewhere is used only after a
// yes that was given to it by name, as for completions: its likeliest alternatives are words from there.
import os from 'node:os';
import * as vscode from 'vscode';
import type { LikelihoodModel } from './likelihoodModel.ts';
import { measuredText, modelSections } from './modelChoice.ts';
import { consents } from './modelConsent.ts';
import { builtInChoice } from './servingModel.ts';
import { modelFolderPath, type Settings } from './settings.ts';
import type { TrainedModels } from './trainedModels.ts';
import { currentWorkspace } from './workspacePlace.ts';

export interface LikelihoodModelPickerDeps {
  readonly chosen: LikelihoodModel;
  readonly models: TrainedModels;
  readonly builtInModelPath: string;
  readonly servingPath: () => string;
  readonly settings: () => Settings;
}

interface Row extends vscode.QuickPickItem {
  readonly choose?: () => Promise<void>;
}

export async function pickLikelihoodModel(deps: LikelihoodModelPickerDeps): Promise<void> {
  const rows = await modelRows(deps);
  const title = 'Chainrule: Model for Likelihoods in This Workspace';
  const picked = await vscode.window.showQuickPick(rows, { title, matchOnDescription: true, matchOnDetail: true });
  await picked?.choose?.();
}

async function modelRows({ chosen, models, ...deps }: LikelihoodModelPickerDeps): Promise<Row[]> {
  const { builtInModelPath, servingPath, settings } = deps;
  const here = currentWorkspace();
  const checked = (isCurrent: boolean, label: string) => (isCurrent ? `$(check) ${label}` : label);
  const choice = (label: string, description: string, value: string | undefined): Row => ({
    label: checked(chosen.choice === value, label),
    description,
    choose: () => chosen.choose(value),
  });
  const builtIn = await models.read(builtInModelPath);
  const rows = [
    choice('The model that completes here', await chosen.nameOf(servingPath()), undefined),
    choice('Built-in model', builtIn ? measuredText(builtIn) : '', builtInChoice),
  ];
  const setting = modelFolderPath(settings().modelPath, os.homedir());
  const set = setting === '' ? undefined : await models.read(setting);
  if (setting !== '' && set?.eats !== 'image') rows.push(choice('As the setting says', set?.name ?? setting, setting));
  const text = (await models.list()).filter(({ eats }) => eats === 'text');
  for (const { title, rows: found } of modelSections(text, here, chosen.choice)) {
    rows.push({ label: title, kind: vscode.QuickPickItemKind.Separator });
    for (const { label, description, detail, model } of found) {
      rows.push({
        ...{ label, description, detail },
        choose: async () => {
          if (await consents(model, here)) await chosen.choose(model.path);
        },
      });
    }
  }
  return rows;
}
