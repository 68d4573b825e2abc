// The view of a change's bits: a page and not a tree, because numbers in columns, lines of code with their share of bits, and a total want
// more than a label and a description. Its panel, and what is pressed there.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { type FromChangeView, readFromChangeView, type ToChangeView } from '../protocol/workspaceViewMessages.ts';
import { ChangeScores } from './changeScores.ts';
import { type WorkingChange, workingChanges } from './gitChanges.ts';
import type { Log } from './hostProcess.ts';
import { changeViewType } from './likelihoodNames.ts';
import { saveFile } from './saveFile.ts';
import type { ScorerClient } from './scorerClient.ts';
import { showErrors } from './showErrors.ts';
import { ViewPanel } from './viewPanel.ts';
import { anotherModelChosen } from './workspaceLikelihood.ts';
import { askForPlace, readingPlace } from './workspacePlace.ts';

export interface BitsOfChangeDeps {
  readonly extensionUri: vscode.Uri;
  readonly scorer: ScorerClient;
  readonly model: () => Promise<{ readonly path: string; readonly name: string }>;
  readonly log: Log;
}

export class BitsOfChange implements Disposable {
  readonly #deps: BitsOfChangeDeps;
  readonly #scores: ChangeScores<WorkingChange>;
  #panel: ViewPanel<FromChangeView, ToChangeView> | undefined;

  constructor(deps: BitsOfChangeDeps) {
    this.#deps = deps;
    this.#scores = new ChangeScores({
      scorer: deps.scorer,
      model: deps.model,
      changes: workingChanges,
      numUnsaved: () => vscode.workspace.textDocuments.filter((one) => one.isDirty && one.uri.scheme === 'file').length,
      changed: () => this.#changed(),
    });
  }

  /** The command: shows the view and asks git anew. */
  async show(): Promise<void> {
    if ((await askForPlace('score this change')) === undefined) return;
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    await this.#scores.run();
  }

  /** What the editor kept over a reload. */
  restore(panel: vscode.WebviewPanel): void {
    if (this.#panel) {
      panel.dispose();
      return;
    }
    this.#open(panel);
    if ('roots' in readingPlace()) void this.#scores.run();
  }

  dispose(): void {
    this.#scores.dispose();
    this.#panel?.dispose();
  }

  #open(restored?: vscode.WebviewPanel): void {
    const { extensionUri, log } = this.#deps;
    this.#panel = new ViewPanel<FromChangeView, ToChangeView>(
      {
        ...{ extensionUri, log },
        viewType: changeViewType,
        page: 'changePage',
        title: 'Bits of This Change',
        read: readFromChangeView,
        receive: (message) => void showErrors(log, () => this.#receive(message)),
        closed: () => {
          this.#panel = undefined;
          this.#scores.cancel();
        },
      },
      restored,
    );
  }

  #changed(): void {
    if (!this.#panel?.visible) return;
    // The state first: it tells when everything begins anew.
    this.#panel.send(this.#scores.state());
    for (const message of this.#scores.freshFiles()) this.#panel.send(message);
  }

  async #receive(message: FromChangeView): Promise<void> {
    if (message.kind === 'ready') {
      this.#panel?.send(this.#scores.state());
      for (const file of this.#scores.allFiles()) this.#panel?.send(file);
    } else if (message.kind === 'open') await this.#openPlace(message);
    else await this.#act(message.action);
  }

  async #openPlace({ index, line, side }: Extract<FromChangeView, { kind: 'open' }>): Promise<void> {
    const change = this.#scores.changeAt(index);
    if (change === undefined) return;
    const uri = side === 'removed' || change.isGone ? change.oldUri : vscode.Uri.file(change.path);
    if (uri === null) return;
    const place = new vscode.Position(Math.max(0, line - 1), 0);
    await vscode.commands.executeCommand('vscode.open', uri, {
      selection: new vscode.Range(place, place),
    } satisfies vscode.TextDocumentShowOptions);
  }

  async #act(action: Extract<FromChangeView, { kind: 'act' }>['action']): Promise<void> {
    switch (action) {
      case 'refresh':
        if (await askForPlace('score this change')) await this.#scores.run();
        break;
      case 'cancel':
        this.#scores.cancel();
        break;
      case 'chooseModel':
        if (await anotherModelChosen(this.#deps.model)) await this.#act('refresh');
        break;
      case 'exportJson':
        await saveFile({ name: 'change.json', contents: this.#scores.json() });
        break;
      case 'showLog':
        await vscode.commands.executeCommand('chainrule.showLog');
        break;
    }
  }
}
