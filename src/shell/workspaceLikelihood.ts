// The view of a workspace's likelihood: its panel, what is pressed there, and the dialogs for what is exported.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import {
  type FromWorkspaceView,
  readFromWorkspaceView,
  type ToWorkspaceView,
} from '../protocol/workspaceViewMessages.ts';
import type { Log } from './hostProcess.ts';
import { workspaceViewType } from './likelihoodNames.ts';
import { saveFile } from './saveFile.ts';
import type { ScorerClient } from './scorerClient.ts';
import { showErrors } from './showErrors.ts';
import { ViewPanel } from './viewPanel.ts';
import { askForPlace, readingPlace } from './workspacePlace.ts';
import { WorkspaceScores } from './workspaceScores.ts';

export interface WorkspaceLikelihoodDeps {
  readonly extensionUri: vscode.Uri;
  readonly scorer: ScorerClient;
  readonly model: () => Promise<{ readonly path: string; readonly name: string }>;
  readonly log: Log;
}

export class WorkspaceLikelihood implements Disposable {
  readonly #deps: WorkspaceLikelihoodDeps;
  readonly #scores: WorkspaceScores;
  #panel: ViewPanel<FromWorkspaceView, ToWorkspaceView> | undefined;

  constructor(deps: WorkspaceLikelihoodDeps) {
    this.#deps = deps;
    this.#scores = new WorkspaceScores({
      scorer: deps.scorer,
      model: deps.model,
      workspaceName: () => vscode.workspace.name ?? 'the workspace',
      changed: () => this.#changed(),
    });
  }

  /** The command: shows the view, and scores when nothing was scored yet. */
  async show(): Promise<void> {
    if (this.#panel) {
      this.#panel.reveal();
      if (this.#scores.phase !== 'idle') return;
    }
    const place = await askForPlace('score this workspace');
    if (place === undefined) return;
    if (!this.#panel) this.#open();
    await this.#scores.run(place.roots, place.left);
  }

  /** What the editor kept over a reload: scored again, which what is remembered makes short. */
  restore(panel: vscode.WebviewPanel): void {
    if (this.#panel) {
      panel.dispose();
      return;
    }
    this.#open(panel);
    const place = readingPlace();
    if ('roots' in place) void this.#scores.run(place.roots, place.left);
  }

  dispose(): void {
    this.#scores.dispose();
    this.#panel?.dispose();
  }

  #open(restored?: vscode.WebviewPanel): void {
    const { extensionUri, log } = this.#deps;
    this.#panel = new ViewPanel<FromWorkspaceView, ToWorkspaceView>(
      {
        ...{ extensionUri, log },
        viewType: workspaceViewType,
        page: 'workspacePage',
        title: 'Likelihood of Workspace',
        read: readFromWorkspaceView,
        receive: (message) => void showErrors(log, () => this.#receive(message)),
        closed: () => {
          this.#panel = undefined;
          // Nobody looks; what was computed is remembered.
          this.#scores.cancel();
        },
      },
      restored,
    );
  }

  #changed(): void {
    if (!this.#panel?.visible) return;
    for (const message of this.#scores.freshFiles()) this.#panel.send(message);
    this.#panel.send(this.#scores.state());
  }

  async #receive(message: FromWorkspaceView): Promise<void> {
    const scores = this.#scores;
    switch (message.kind) {
      case 'ready':
        for (const one of scores.allFiles()) this.#panel?.send(one);
        this.#panel?.send(scores.state());
        break;
      case 'choose':
        scores.choices = message.choices;
        this.#changed();
        break;
      case 'open': {
        const file = scores.placeOf(message.path);
        if (file !== undefined) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
        break;
      }
      case 'act':
        await this.#act(message.action);
        break;
      default:
        message satisfies never;
    }
  }

  async #act(action: Extract<FromWorkspaceView, { kind: 'act' }>['action']): Promise<void> {
    switch (action) {
      case 'start': {
        const place = await askForPlace('score this workspace');
        if (place) await this.#scores.run(place.roots, place.left);
        break;
      }
      case 'cancel':
        this.#scores.cancel();
        break;
      case 'chooseModel':
        if (await anotherModelChosen(this.#deps.model)) await this.#act('start');
        break;
      case 'exportCsv':
        await saveFile({ name: 'likelihood.csv', contents: this.#scores.csv() });
        break;
      case 'exportJson':
        await saveFile({ name: 'likelihood.json', contents: this.#scores.json() });
        break;
      case 'showLog':
        await vscode.commands.executeCommand('chainrule.showLog');
        break;
    }
  }
}

/** Shows what may be chosen. What was scored by the model before is to be scored again then. */
export async function anotherModelChosen(model: WorkspaceLikelihoodDeps['model']): Promise<boolean> {
  const before = (await model()).path;
  await vscode.commands.executeCommand('chainrule.chooseLikelihoodModel');
  return (await model()).path !== before;
}
