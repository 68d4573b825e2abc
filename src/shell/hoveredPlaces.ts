// Single places of documents that show their likelihood: the hover with what else could stand there, putting one of these in its place, and
// letting the model go on from it. A menu does the same by keyboard alone.
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import type { EditorLikelihoodDeps, ShownDocument } from './editorLikelihood.ts';
import { currentTheme } from './likelihoodPaint.ts';
import { chanceText, hoverMarkdown, type Place, visible, visibleName } from './likelihoodTexts.ts';
import { bitsText } from './quantities.ts';
import { showErrors } from './showErrors.ts';

export const menuCommand = 'chainrule.internal.likelihoodMenu';
const insertCommand = 'chainrule.internal.insertAlternative';
const goOnCommand = 'chainrule.internal.continueFromAlternative';

interface HoveredPlacesDeps extends EditorLikelihoodDeps {
  readonly shownOf: (document: vscode.TextDocument) => ShownDocument | undefined;
  readonly hide: (document: vscode.TextDocument) => void;
}

/** A place as it was told, in that version of the document. */
interface Told {
  readonly shown: ShownDocument;
  readonly documentVersion: number;
  readonly place: Place;
}

const mostTold = 8;
const mostSymbols = 64;

export class HoveredPlaces {
  readonly #deps: HoveredPlacesDeps;
  /** By number, the latest last: links name it, so that no text of a document is in one. */
  readonly #told = new Map<number, Told>();
  #lastTold = 0;

  constructor(deps: HoveredPlacesDeps) {
    this.#deps = deps;
  }

  register(): Disposable {
    const { registerCommand } = vscode.commands;
    const store = new DisposableStore();
    const provider = { provideHover: this.#hover.bind(this) };
    store.add(vscode.languages.registerHoverProvider('*', provider));
    store.add(
      registerCommand(insertCommand, (...args) => this.#byNumber(args, (told, index) => this.#insert(told, index))),
    );
    store.add(
      registerCommand(goOnCommand, (...args) => this.#byNumber(args, (told, index) => this.#goOn(told, index))),
    );
    store.add(registerCommand(menuCommand, () => showErrors(this.#deps.log, () => this.#menu())));
    store.add({ dispose: () => this.#told.clear() });
    return store;
  }

  async #hover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort(new CancelledError('cancelled')));
    try {
      const told = await this.#ask(document, document.offsetAt(position), controller.signal);
      if (told === undefined) return undefined;
      const { place } = told;
      const number = this.#remember(told);
      const link = (command: string) => (index: number) =>
        `command:${command}?${encodeURIComponent(JSON.stringify([number, index]))}`;
      const range = rangeOf(document, place);
      const links = { insert: link(insertCommand), goOn: link(goOnCommand) };
      const text = new vscode.MarkdownString(hoverMarkdown(place, document.getText(range), currentTheme(), links));
      text.isTrusted = { enabledCommands: [insertCommand, goOnCommand] };
      text.supportHtml = false;
      return new vscode.Hover(text, range);
    } catch (error) {
      // Nobody asked for a hover by name; a text that changed meanwhile is hovered again.
      if (!(error instanceof CancelledError)) this.#deps.log('debug', `hover: ${String(error)}`);
      return undefined;
    } finally {
      listening.dispose();
    }
  }

  /** Undefined where nothing is shown. @throws UserError, CancelledError */
  async #ask(document: vscode.TextDocument, offset: number, signal?: AbortSignal): Promise<Told | undefined> {
    const shown = this.#deps.shownOf(document);
    if (!shown?.followed.isSent) return undefined;
    const { part, document: number, version } = shown.followed;
    if (part && (offset < part.start || offset > part.end)) return undefined;
    const documentVersion = document.version;
    const question = { kind: 'placeInDocument', document: number, version, offset } as const;
    const place = await this.#deps.scorer.ask(question, 'place', signal ? { signal } : {});
    if (document.isClosed || document.version !== documentVersion) throw new CancelledError('edited');
    return { shown, documentVersion, place };
  }

  #remember(told: Told): number {
    this.#told.set(++this.#lastTold, told);
    for (const number of [...this.#told.keys()].slice(0, -mostTold)) this.#told.delete(number);
    return this.#lastTold;
  }

  async #byNumber(args: readonly unknown[], act: (told: Told, index: number) => Promise<void>): Promise<void> {
    await showErrors(this.#deps.log, async () => {
      const [number, index] = args;
      const told = typeof number === 'number' ? this.#told.get(number) : undefined;
      if (told === undefined || typeof index !== 'number')
        throw new UserError('That was said too long ago; hover again');
      await act(told, index);
    });
  }

  async #insert(told: Told, index: number): Promise<void> {
    await replace(told, alternativeOf(told, index).text);
  }

  /** The model goes on to the end of the line. What stands behind the symbol stays. */
  async #goOn(told: Told, index: number): Promise<void> {
    const { shown, place } = told;
    const { text, symbol } = alternativeOf(told, index);
    checkUnchanged(told);
    const { document, version } = shown.followed;
    const asked = { document, version, start: place.start, symbol, maxSymbols: mostSymbols };
    const options = { location: vscode.ProgressLocation.Window, title: 'Chainrule: going on from there' };
    const { text: rest } = await vscode.window.withProgress(options, () =>
      this.#deps.scorer.ask({ kind: 'continueDocument', ...asked }, 'continued'),
    );
    await replace(told, text + rest);
  }

  async #menu(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const shown = editor && this.#deps.shownOf(editor.document);
    if (shown === undefined || editor === undefined) return;
    const { state } = shown.followed;
    const rows = [
      ...(state.kind === 'failed'
        ? [{ label: '$(refresh) Try Again', detail: state.reason, run: () => shown.followed.restart() }]
        : [{ label: '$(list-ordered) Alternatives at the Cursor...', run: () => this.#choose(editor) }]),
      { label: '$(eye-closed) Hide Likelihood', run: () => this.#deps.hide(editor.document) },
      {
        label: '$(folder-opened) Choose Model for Likelihood...',
        description: visibleName(shown.modelName),
        run: () => vscode.commands.executeCommand('chainrule.chooseLikelihoodModel'),
      },
      {
        label: '$(graph) Open Likelihood View',
        run: () => vscode.commands.executeCommand('chainrule.openLikelihoodView'),
      },
    ];
    const picked = await vscode.window.showQuickPick(rows, { title: 'Chainrule: Likelihood' });
    await picked?.run();
  }

  /** What the hover offers, by keyboard. */
  async #choose(editor: vscode.TextEditor): Promise<void> {
    const { document, selection } = editor;
    const told = await this.#ask(document, document.offsetAt(selection.active));
    if (told === undefined) throw new UserError('The text is still being read; try again in a moment');
    const { place } = told;
    const rows = place.alternatives.flatMap(({ text, isText, bits }, index) =>
      isText ? [{ label: visible(text), description: `${chanceText(bits)}, ${bitsText(bits)} bits`, index }] : [],
    );
    const now = visible(document.getText(rangeOf(document, place)));
    const title = `Instead of ${now} (${chanceText(place.bits)}, ${bitsText(place.bits)} bits)`;
    const picked = await vscode.window.showQuickPick(rows, { title });
    if (picked === undefined) return;
    const ways = [
      { label: 'Insert This', act: () => this.#insert(told, picked.index) },
      { label: 'Continue from This', act: () => this.#goOn(told, picked.index) },
    ];
    const way = await vscode.window.showQuickPick(ways, { title: picked.label });
    await way?.act();
  }
}

function alternativeOf({ place }: Told, index: number): Place['alternatives'][number] {
  const alternative = place.alternatives[index];
  if (!alternative?.isText) throw new UserError('That is no text that could stand there; choose another');
  return alternative;
}

function checkUnchanged({ shown, documentVersion }: Told): void {
  const { document } = shown;
  if (document.isClosed) throw new UserError('The document was closed meanwhile');
  if (document.version !== documentVersion) throw new UserError('The text changed meanwhile; hover again');
}

/** One edit, which one undo takes back; the cursor then stands behind it. */
async function replace(told: Told, text: string): Promise<void> {
  checkUnchanged(told);
  const { document } = told.shown;
  const { activeTextEditor, visibleTextEditors, showTextDocument } = vscode.window;
  const editor =
    activeTextEditor?.document === document
      ? activeTextEditor
      : (visibleTextEditors.find((one) => one.document === document) ?? (await showTextDocument(document)));
  checkUnchanged(told);
  const range = rangeOf(document, told.place);
  const done = await editor.edit((builder) => builder.replace(range, text));
  if (!done) throw new UserError('This document cannot be edited');
  const { start } = told.place;
  const end = document.positionAt(start + text.replaceAll(/\r\n|\r|\n/g, eolOf(document)).length);
  editor.selection = new vscode.Selection(end, end);
}

function eolOf(document: vscode.TextDocument): string {
  return document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}

function rangeOf(document: vscode.TextDocument, { start, end }: Place): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
