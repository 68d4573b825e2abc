// The panels of likelihood views: one for each document, found again when it is asked for, restored after a reload; what the editor does for
// them: reading documents, going to places, dialogs for what is saved.
import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import {
  type FromLikelihoodView,
  likelihoodViewLimits,
  type Remembered,
  readFromLikelihoodView,
  readKept,
  type ToLikelihoodView,
} from '../protocol/likelihoodViewMessages.ts';
import { mayHoldSecrets, secretReason } from './eligibility.ts';
import type { Log } from './hostProcess.ts';
import { likelihoodViewType } from './likelihoodNames.ts';
import { LikelihoodView, type ModelChoice, type ViewedDocument } from './likelihoodView.ts';
import { saveFile } from './saveFile.ts';
import type { ScorerClient } from './scorerClient.ts';
import { checkLength } from './sentText.ts';
import { showErrors } from './showErrors.ts';
import { ViewPanel } from './viewPanel.ts';

export interface LikelihoodViewsDeps {
  readonly extensionUri: vscode.Uri;
  readonly scorer: Pick<ScorerClient, 'ask' | 'send'>;
  readonly models: () => Promise<readonly ModelChoice[]>;
  readonly log: Log;
}

type ExportPart = Extract<FromLikelihoodView, { kind: 'exportPart' }>;

interface Opened {
  readonly view: LikelihoodView;
  readonly panel: ViewPanel<FromLikelihoodView, ToLikelihoodView>;
  watcher: Disposable;
}

const mostCompared = 16 * 2 ** 20;

export class LikelihoodViews implements Disposable {
  readonly #deps: LikelihoodViewsDeps;
  readonly #opened = new Set<Opened>();
  readonly #listeners: vscode.Disposable;

  constructor(deps: LikelihoodViewsDeps) {
    this.#deps = deps;
    const { workspace } = vscode;
    this.#listeners = vscode.Disposable.from(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#tell(document.uri, (view) => view.documentChanged());
      }),
      workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.#moved(oldUri, newUri);
      }),
      workspace.onDidDeleteFiles(({ files }) => {
        for (const uri of files) this.#tellBelow(uri, (view) => view.documentDeleted());
      }),
    );
  }

  /** Of the active editor. @throws UserError when there is none, or it may hold secrets. */
  async open(): Promise<void> {
    const uri = activeDocument();
    if (!uri) throw new UserError('expected a text in the active editor, got none; open a file first');
    await this.openDocument(uri);
  }

  async openDocument(uri: vscode.Uri): Promise<void> {
    refuseSecrets(uri.path);
    const document = uri.toString();
    const known = [...this.#opened].find(({ view }) => view.document === document);
    if (known) known.panel.reveal();
    else this.#show({ document, a: '', b: '' });
  }

  /** What the editor kept over a reload. */
  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const { remembered } = readKept(state);
    if (remembered) this.#show(remembered, panel);
    else panel.dispose();
  }

  dispose(): void {
    this.#listeners.dispose();
    for (const { view, panel } of [...this.#opened]) {
      view.dispose();
      panel.dispose();
    }
  }

  #show(remembered: Remembered, restored?: vscode.WebviewPanel): void {
    const { extensionUri, log, scorer, models } = this.#deps;
    const send = (message: ToLikelihoodView) => {
      // A page that is hidden is none: it asks for everything when it is made again.
      if (opened.panel.visible) opened.panel.send(message);
    };
    const view = new LikelihoodView({ scorer, models, read: readDocument, nameOf: namesOf, send }, remembered);
    const exports = new ExportedFile();
    const panel = new ViewPanel<FromLikelihoodView, ToLikelihoodView>(
      {
        extensionUri,
        viewType: likelihoodViewType,
        page: 'likelihoodPage',
        title: titleOf(remembered.document),
        log,
        read: readFromLikelihoodView,
        receive: (message) => void showErrors(log, () => receive(message, view, exports)),
        closed: () => {
          this.#opened.delete(opened);
          opened.watcher.dispose();
          view.dispose();
        },
      },
      restored,
    );
    const opened: Opened = { view, panel, watcher: watch(remembered.document, view) };
    this.#opened.add(opened);
    void view.score();
  }

  #tell(uri: vscode.Uri, tell: (view: LikelihoodView) => void): void {
    if (this.#opened.size === 0) return;
    const document = uri.toString();
    for (const { view } of this.#opened) if (view.document === document) tell(view);
  }

  /** A folder that goes takes what is in it along. */
  #tellBelow(uri: vscode.Uri, tell: (view: LikelihoodView) => void): void {
    const gone = uri.toString();
    for (const { view } of this.#opened) {
      if (view.document === gone || view.document.startsWith(`${gone}/`)) tell(view);
    }
  }

  #moved(from: vscode.Uri, to: vscode.Uri): void {
    const [before, now] = [from.toString(), to.toString()];
    for (const opened of this.#opened) {
      const { view, panel } = opened;
      if (view.document !== before && !view.document.startsWith(`${before}/`)) continue;
      view.documentMoved(now + view.document.slice(before.length));
      panel.title = titleOf(view.document);
      opened.watcher.dispose();
      opened.watcher = watch(view.document, view);
    }
  }
}

async function receive(message: FromLikelihoodView, view: LikelihoodView, exports: ExportedFile): Promise<void> {
  if (message.kind === 'goTo') await goTo(view.document, message.from, message.to);
  else if (message.kind === 'exportPart') await exports.add(message, namesOf(view.document).name);
  else await view.receive(message);
}

/** Also of a tab whose editor shows no text, such as a preview. */
function activeDocument(): vscode.Uri | undefined {
  const { activeTextEditor, tabGroups } = vscode.window;
  if (activeTextEditor) return activeTextEditor.document.uri;
  const input = tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) return input.uri;
  return undefined;
}

/** @throws UserError where nothing may be scored. */
function refuseSecrets(name: string, languageId = ''): void {
  if (!mayHoldSecrets({ path: name, languageId })) return;
  throw new UserError(`${path.posix.basename(name)}: ${secretReason}; open another file`);
}

/** @throws Error when there is none, UserError when it may hold secrets. */
async function readDocument(document: string): Promise<ViewedDocument> {
  const uri = vscode.Uri.parse(document, true);
  refuseSecrets(uri.path);
  const found = await vscode.workspace.openTextDocument(uri);
  refuseSecrets(uri.path, found.languageId);
  checkLength(found.offsetAt(found.lineAt(found.lineCount - 1).range.end));
  const text = found.getText();
  return { text, note: found.isDirty || uri.scheme !== 'file' ? '' : await differenceFromDisk(uri, text) };
}

/** What is scored is the text as the editor has it; the disk may hold other bytes for it. */
async function differenceFromDisk(uri: vscode.Uri, text: string): Promise<string> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostCompared) return '';
    const onDisk = Buffer.from(await vscode.workspace.fs.readFile(uri));
    const own = Buffer.from(text);
    const withoutMark = onDisk.subarray(0, 3).equals(Buffer.from('\ufeff')) ? onDisk.subarray(3) : onDisk;
    if (own.equals(onDisk) || own.equals(withoutMark)) return '';
    return 'The file holds other bytes than its text in UTF-8 (another encoding, bytes that are no text, or mixed line ends): what the editor shows was scored.';
  } catch {
    return '';
  }
}

/** What others write or delete. All names of the folder are watched, since a name may hold what means something in a pattern. */
function watch(document: string, view: LikelihoodView): Disposable {
  const uri = vscode.Uri.parse(document, true);
  if (uri.scheme !== 'file' || isSecretPath(uri.path)) return { dispose: () => undefined };
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const changed = async (one: vscode.Uri) => {
    if (one.toString() !== uri.toString()) return;
    try {
      // What is open outlives its file.
      await vscode.workspace.fs.stat(uri);
    } catch {
      view.documentDeleted();
      return;
    }
    try {
      const found = await vscode.workspace.openTextDocument(uri);
      // At once: what was read a moment ago may be of before the editor took over what was written.
      view.documentIs(found.getText());
    } catch {
      // Gone again, no text any more, or not to be read: the next event tells.
    }
  };
  watcher.onDidCreate(changed);
  watcher.onDidChange(changed);
  watcher.onDidDelete(changed);
  return watcher;
}

/** Where the document is open, or beside the view. */
async function goTo(document: string, from: number, to: number): Promise<void> {
  const found = await vscode.workspace.openTextDocument(vscode.Uri.parse(document, true));
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === found);
  const selection = new vscode.Range(found.positionAt(from), found.positionAt(to));
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
  const editor = await vscode.window.showTextDocument(found, { viewColumn, selection });
  editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function namesOf(document: string): { name: string; place: string } {
  const uri = vscode.Uri.parse(document);
  const whole = vscode.workspace.asRelativePath(uri);
  const name = path.posix.basename(uri.path) || document;
  return { name, place: whole === name || !whole.endsWith(name) ? '' : whole.slice(0, -name.length - 1) };
}

/** Of a tab, where what cannot be seen would turn its neighbors around. */
function titleOf(document: string): string {
  return `Likelihood: ${namesOf(document).name.replace(/\p{Cc}|\p{Cf}/gu, '\ufffd')}`;
}

/** A file that a page hands over in parts. */
class ExportedFile {
  #parts: Uint8Array[] = [];
  #length = 0;

  async add({ subject, format, first, last, bytes }: ExportPart, name: string): Promise<void> {
    if (first) [this.#parts, this.#length] = [[], 0];
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length > likelihoodViewLimits.exportBytes) {
      [this.#parts, this.#length] = [[], 0];
      const most = likelihoodViewLimits.exportBytes / 2 ** 20;
      throw new UserError(`expected at most ${most} MB to save, got more; export fewer at once`);
    }
    if (!last) return;
    const data = Buffer.concat(this.#parts);
    [this.#parts, this.#length] = [[], 0];
    await saveFile({ name: `${fileNameOf(name)}-${subject}.${format}`, contents: data });
  }
}

function fileNameOf(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'text';
}
