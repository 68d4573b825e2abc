// "Explain the Present Suggestion": asks the engine about what is shown at the cursor, and a panel beside the text that tells it.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import {
  type ExplanationView,
  type FromExplainView,
  readFromExplainView,
  type ToExplainView,
} from '../protocol/explainMessages.ts';
import { sourceDocument } from './editorDocument.ts';
import type { EngineClient } from './engineClient.ts';
import { explanationView } from './explanation.ts';
import type { Log } from './hostProcess.ts';
import type { Suggester } from './suggester.ts';
import { ViewPanel } from './viewPanel.ts';

export interface ExplainPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly engine: Pick<EngineClient, 'explain' | 'running' | 'status'>;
  readonly suggester: Pick<Suggester, 'present'>;
  readonly log: Log;
}

const nothingShown =
  'No suggestion is shown at the cursor. Wait until one is, or run "Chainrule: Complete Here"; then ask again without moving the cursor';

export class ExplainPanel implements Disposable {
  readonly #deps: ExplainPanelDeps;
  #panel: ViewPanel<FromExplainView, ToExplainView> | undefined;
  #view: ExplanationView | undefined;
  #asking: AbortController | undefined;

  constructor(deps: ExplainPanelDeps) {
    this.#deps = deps;
  }

  /** @throws UserError when there is nothing to explain. */
  async explain(): Promise<void> {
    const { engine, suggester } = this.#deps;
    const editor = vscode.window.activeTextEditor;
    const cursor = editor?.document.offsetAt(editor.selection.active) ?? 0;
    const source = editor && sourceDocument(editor.document);
    const present = source && suggester.present(source, cursor);
    if (present === undefined || !engine.running) throw new UserError(nothingShown);
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const answer = await engine.explain(present.question, asking.signal);
      if (asking.signal.aborted) return;
      if (answer.kind === 'nothing') throw new UserError(`The suggestion is gone (${answer.reason}); ask again`);
      const { status } = engine;
      const model = 'detail' in status ? status.detail : 'the model that completes';
      const typedSince = present.text.slice(0, present.numTyped);
      this.#view = explanationView({ explanation: answer, typedSince, model });
      this.#show(this.#view);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
    }
  }

  dispose(): void {
    this.#asking?.abort();
    this.#panel?.dispose();
  }

  #show(view: ExplanationView): void {
    if (this.#panel) {
      this.#panel.reveal();
      this.#panel.send(view);
      return;
    }
    const { extensionUri, log } = this.#deps;
    this.#panel = new ViewPanel<FromExplainView, ToExplainView>({
      ...{ extensionUri, log, viewType: 'chainrule.suggestion', page: 'explainPage', title: 'Chainrule: Suggestion' },
      column: vscode.ViewColumn.Beside,
      read: readFromExplainView,
      receive: () => this.#view && this.#panel?.send(this.#view),
      closed: () => {
        this.#panel = undefined;
      },
    });
  }
}
