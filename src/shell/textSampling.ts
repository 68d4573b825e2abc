// Text from a model into an editor: asks for a beginning and a temperature, opens an untitled document, and writes there what
// comes. What a person writes meanwhile stays; a closed document ends the drawing.
import * as vscode from 'vscode';
import { CancelledError, messageOf } from '../base/errors.ts';
import { trainerLimits } from '../protocol/trainerMessages.ts';
import type { Sampler } from './samplerClient.ts';
import type { TrainedModel } from './trainedModels.ts';

export interface TextSamplingDeps {
  readonly sampler: Sampler;
  readonly threads: () => number;
  readonly newSeed: () => number;
}

const temperatures = [
  { label: '0.7', description: 'what it is rather sure of', value: 0.7 },
  { label: '1.0', description: 'as it learnt', value: 1 },
  { label: '1.3', description: 'adventurous', value: 1.3 },
];
const maxSymbols = 2000;

export async function sampleText(model: TrainedModel, deps: TextSamplingDeps): Promise<void> {
  const { activeTextEditor } = vscode.window;
  const selected = activeTextEditor?.document.getText(activeTextEditor.selection) ?? '';
  const prompt = await askForPrompt(model, selected.replaceAll('\r\n', '\n').slice(-trainerLimits.promptLength));
  if (prompt === undefined) return;
  const title = `Sample from ${model.name}: Temperature`;
  const numLines = prompt.trim().split('\n').length;
  const placeHolder = numLines > 1 ? `It goes on after the selection of ${numLines} lines` : '';
  const temperature = await vscode.window.showQuickPick(temperatures, { title, placeHolder });
  if (temperature === undefined) return;
  const language = selected === '' ? 'plaintext' : (activeTextEditor?.document.languageId ?? 'plaintext');
  const document = await vscode.workspace.openTextDocument({ content: prompt, language });
  await vscode.window.showTextDocument(document);
  await draw(model, { prompt, temperature: temperature.value }, document, deps);
}

/** An input box has one line: a selection of several is taken as it is. */
async function askForPrompt(model: TrainedModel, selected: string): Promise<string | undefined> {
  if (selected.includes('\n')) return selected;
  const prompt = 'How the text begins; may be empty. For several lines, select them first';
  return vscode.window.showInputBox({ title: `Sample from ${model.name}`, prompt, value: selected });
}

async function draw(
  model: TrainedModel,
  wish: { prompt: string; temperature: number },
  document: vscode.TextDocument,
  { sampler, threads, newSeed }: TextSamplingDeps,
): Promise<void> {
  const location = vscode.ProgressLocation.Notification;
  const seed = newSeed();
  const title = `Sampling from ${model.name}`;
  await vscode.window.withProgress({ location, title, cancellable: true }, async (_, token) => {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const writer = new Writer(document, abort);
    const subscriptions = [
      token.onCancellationRequested(abort),
      vscode.workspace.onDidCloseTextDocument((closed) => closed === document && abort()),
    ];
    try {
      const request = { ...wish, modelPath: model.path, seed, threads: threads(), maxSymbols };
      await sampler.text(request, (text) => writer.write(text), controller.signal);
    } catch (error) {
      if (!(error instanceof CancelledError)) {
        void vscode.window.showErrorMessage(`Chainrule: ${messageOf(error)}`);
      }
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
      await writer.done();
    }
  });
}

/** Appends to a document, one edit after the other. */
class Writer {
  readonly #document: vscode.TextDocument;
  readonly #failed: () => void;
  #waiting = '';
  #writing: Promise<void> | undefined;

  constructor(document: vscode.TextDocument, failed: () => void) {
    this.#document = document;
    this.#failed = failed;
  }

  write(text: string): void {
    this.#waiting += text;
    this.#writing ??= this.#drain();
  }

  async done(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      const edit = new vscode.WorkspaceEdit();
      edit.insert(this.#document.uri, this.#document.lineAt(this.#document.lineCount - 1).range.end, text);
      if (this.#document.isClosed || !(await vscode.workspace.applyEdit(edit))) {
        this.#waiting = '';
        this.#failed();
      }
    }
    this.#writing = undefined;
  }
}
