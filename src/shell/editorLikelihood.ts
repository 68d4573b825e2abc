// Likelihoods in the editors of a window: which documents show them, what is seen of these, and what is painted where. Shown per document, so
// that all of its editors show the same; never by itself.
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { documentLimits, type TextRange } from '../protocol/documentScoringMessages.ts';
import type { ThemeKind } from '../protocol/surprisalScale.ts';
import { documentFacts, keyOf, textEdits } from './editorDocument.ts';
import { offeredSchemes, whyOff } from './eligibility.ts';
import { FollowedDocument } from './followedDocument.ts';
import type { Log } from './hostProcess.ts';
import { HoveredPlaces, menuCommand } from './hoveredPlaces.ts';
import type { LikelihoodModel } from './likelihoodModel.ts';
import { currentTheme, LikelihoodPaint } from './likelihoodPaint.ts';
import { LikelihoodStatus } from './likelihoodStatus.ts';
import { statusTexts } from './likelihoodTexts.ts';
import type { ScorerClient } from './scorerClient.ts';
import { type LinedDocument, seenRanges } from './seenRanges.ts';
import type { Settings } from './settings.ts';

export interface EditorLikelihoodDeps {
  readonly scorer: ScorerClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly chosen: LikelihoodModel;
  readonly settings: () => Settings;
}

/** One document that shows its likelihood. */
export interface ShownDocument {
  readonly document: vscode.TextDocument;
  readonly followed: FollowedDocument;
  modelPath: string;
  modelName: string;
  isCut: boolean;
}

const mostDocuments = 8;
/** Ranges of one editor that are painted at a time. */
const mostRanges = 4000;
const [paintAfterMs, lookAfterMs] = [16, 40];
/** How long a document that was closed may take to come back: with another language, or under another name. */
const comesBackMs = 5000;

export class EditorLikelihood implements Disposable {
  readonly #deps: EditorLikelihoodDeps;
  /** By the document's key, the one shown first first. */
  readonly #shown = new Map<string, ShownDocument>();
  /** Documents that show it as soon as they are opened: the part of them. */
  readonly #expected = new Map<string, TextRange | undefined>();
  readonly #places: HoveredPlaces;
  /** What is there only while something is shown. */
  #active: DisposableStore | undefined;
  #paint: LikelihoodPaint | undefined;
  #status: LikelihoodStatus | undefined;
  #theme: ThemeKind = 'dark';
  #lastDocument = 0;
  readonly #toPaint = new Set<ShownDocument>();
  #cancelPaint: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;
  readonly #cancelExpected = new Set<() => void>();
  /** Documents that were opened a moment ago. */
  readonly #opened = new Set<vscode.TextDocument>();
  /** By the key of a draft: the file that got its text, and the part that was shown then. */
  readonly #savedAs = new Map<
    string,
    { readonly document: vscode.TextDocument; readonly part: TextRange | undefined }
  >();

  constructor(deps: EditorLikelihoodDeps) {
    this.#deps = deps;
    const shownOf = (document: vscode.TextDocument) => this.#shown.get(keyOf(document));
    this.#places = new HoveredPlaces({ ...deps, shownOf, hide: (document) => this.#hide(keyOf(document)) });
  }

  /** Shows it in the editor in front, on its selection where there is one, or hides it there. */
  toggle(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage('Chainrule: open a text file first, to show how likely it is');
      return;
    }
    const { document, selection } = editor;
    if (this.#shown.has(keyOf(document))) {
      this.#hide(keyOf(document));
      return;
    }
    const problem = whyNot(document);
    if (problem !== undefined) {
      void vscode.window.showWarningMessage(`Chainrule: no likelihood is shown here: ${problem}`);
      return;
    }
    const part = { start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) };
    this.#show(document, selection.isEmpty ? undefined : part);
  }

  dispose(): void {
    for (const key of [...this.#shown.keys()]) this.#hide(key);
    for (const cancel of this.#cancelExpected) cancel();
  }

  #show(document: vscode.TextDocument, part: TextRange | undefined): void {
    const [oldest] = this.#shown.keys();
    if (this.#shown.size >= mostDocuments && oldest !== undefined) this.#hide(oldest);
    this.#activate();
    const { scorer, clock, chosen } = this.#deps;
    const followed = new FollowedDocument(
      {
        document: ++this.#lastDocument,
        send: (message) => scorer.send(message),
        clock,
        modelPath: chosen.path,
        length: () => lengthOf(document),
        text: () => document.getText(),
        // The first of them come while it is made.
        changed: (what) => {
          const shown = this.#shown.get(keyOf(document));
          if (shown && what === 'colors') this.#paintSoon(shown);
          if (shown && what === 'state') this.#tell();
        },
      },
      part,
    );
    const shown: ShownDocument = { document, followed, modelPath: '', modelName: '', isCut: false };
    this.#shown.set(keyOf(document), shown);
    this.#nameModel(shown);
    this.#look();
    this.#tell();
  }

  #hide(key: string): void {
    const shown = this.#shown.get(key);
    if (shown === undefined) return;
    this.#shown.delete(key);
    this.#savedAs.delete(key);
    this.#toPaint.delete(shown);
    shown.followed.dispose();
    for (const editor of editorsOf(shown.document)) this.#paint?.clear(editor);
    if (this.#shown.size === 0) this.#deactivate();
    else this.#tell();
  }

  #activate(): void {
    if (this.#active) return;
    const store = new DisposableStore();
    this.#active = store;
    const { scorer, chosen, settings } = this.#deps;
    this.#theme = currentTheme();
    this.#paint = new LikelihoodPaint(this.#theme);
    this.#status = store.add(new LikelihoodStatus(menuCommand));
    const each = (act: (shown: ShownDocument) => void) => {
      for (const shown of [...this.#shown.values()]) act(shown);
    };
    store.add(
      scorer.listen(
        (message) => each(({ followed }) => followed.receive(message)),
        () => each(({ followed }) => followed.lost()),
      ),
    );
    const otherModel = () =>
      each((shown) => {
        if (shown.modelPath === chosen.path() && shown.followed.state.kind !== 'failed') return;
        this.#nameModel(shown);
        shown.followed.restart();
      });
    store.add(chosen.onChange(otherModel));
    store.add(this.#places.register());
    const { window, workspace } = vscode;
    for (const listening of [
      window.onDidChangeTextEditorVisibleRanges(() => this.#lookSoon()),
      window.onDidChangeVisibleTextEditors(() => this.#lookSoon()),
      window.onDidChangeActiveTextEditor(() => {
        // Another model may complete by now.
        each((shown) => shown.modelPath !== chosen.path() && otherModel());
        this.#tell();
      }),
      window.onDidChangeActiveColorTheme(() => this.#changeTheme()),
      workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('chainrule')) return;
        settings();
        otherModel();
        each((shown) => this.#paintSoon(shown));
      }),
    ]) {
      store.add(listening);
    }
  }

  #deactivate(): void {
    this.#cancelPaint?.();
    this.#cancelLook?.();
    this.#cancelPaint = undefined;
    this.#cancelLook = undefined;
    this.#paint?.dispose();
    this.#paint = undefined;
    this.#status = undefined;
    this.#active?.dispose();
    this.#active = undefined;
  }

  #edited(event: vscode.TextDocumentChangeEvent): void {
    const shown = this.#shown.get(keyOf(event.document));
    if (shown === undefined) {
      if (this.#opened.has(event.document)) this.#rememberDraftOf(event.document);
      return;
    }
    const { followed, document } = shown;
    followed.edited(textEdits(event));
    // Other line ends come without edits.
    if (followed.state.kind === 'following' && followed.length !== lengthOf(document)) followed.reopen();
    this.#lookSoon();
  }

  #closed(document: vscode.TextDocument): void {
    const key = keyOf(document);
    const shown = this.#shown.get(key);
    if (shown === undefined) return;
    // Another language closes a document and opens it again.
    const { part } = shown.followed;
    const saved = this.#savedAs.get(key);
    this.#expect(key, part);
    this.#hide(key);
    if (saved === undefined || saved.document.isClosed || this.#shown.has(keyOf(saved.document))) return;
    if (whyNot(saved.document) === undefined) this.#show(saved.document, saved.part);
  }

  /** A draft that is saved is emptied and closed after its file was opened and filled; nothing but the text tells that it is the same. */
  #rememberDraftOf(document: vscode.TextDocument): void {
    const length = lengthOf(document);
    if (length === 0) return;
    for (const [key, { document: draft, followed }] of this.#shown) {
      if (!draft.isUntitled || lengthOf(draft) !== length || draft.getText() !== document.getText()) continue;
      this.#savedAs.set(key, { document, part: followed.part });
    }
  }

  /** Files are about to be renamed: what showed it under the old name is to show it under the new one. */
  renaming(files: readonly { readonly oldUri: vscode.Uri; readonly newUri: vscode.Uri }[]): void {
    for (const { oldUri, newUri } of files) {
      for (const [key, { followed }] of this.#shown) {
        const below = key === oldUri.toString() || key.startsWith(`${oldUri.toString()}/`);
        if (below) this.#expect(newUri.toString() + key.slice(oldUri.toString().length), followed.part);
      }
    }
  }

  opened(document: vscode.TextDocument): void {
    const key = keyOf(document);
    if (!document.isUntitled && this.#shown.size > 0) this.#rememberOpened(document);
    if (!this.#expected.has(key)) return;
    const part = this.#expected.get(key);
    this.#expected.delete(key);
    if (!this.#shown.has(key) && whyNot(document) === undefined) this.#show(document, part);
  }

  #rememberOpened(document: vscode.TextDocument): void {
    this.#opened.add(document);
    this.#forgetLater(() => this.#opened.delete(document));
    this.#rememberDraftOf(document);
  }

  #expect(key: string, part: TextRange | undefined): void {
    this.#expected.set(key, part);
    this.#forgetLater(() => this.#expected.delete(key));
  }

  #forgetLater(forget: () => void): void {
    const cancel = this.#deps.clock.after(comesBackMs, () => {
      this.#cancelExpected.delete(cancel);
      forget();
    });
    this.#cancelExpected.add(cancel);
  }

  #nameModel(shown: ShownDocument): void {
    const { chosen, log } = this.#deps;
    shown.modelPath = chosen.path();
    const { modelPath } = shown;
    chosen.nameOf(modelPath).then(
      (name) => {
        if (shown.modelPath !== modelPath) return;
        shown.modelName = name;
        this.#tell();
      },
      (error: unknown) => log('warning', String(error)),
    );
  }

  #changeTheme(): void {
    this.#theme = currentTheme();
    this.#paint?.dispose();
    this.#paint = new LikelihoodPaint(this.#theme);
    for (const shown of this.#shown.values()) this.#paintSoon(shown);
    this.#tell();
  }

  #lookSoon(): void {
    this.#cancelLook ??= this.#deps.clock.after(lookAfterMs, () => this.#look());
  }

  /** Tells what is seen of each document, and paints what is known of it. */
  #look(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    for (const shown of this.#shown.values()) {
      const { seen, around, isCut } = seenOf(shown);
      shown.isCut = isCut;
      shown.followed.watch([...seen, ...around]);
      this.#paintSoon(shown);
    }
  }

  #paintSoon(shown: ShownDocument): void {
    this.#toPaint.add(shown);
    this.#cancelPaint ??= this.#deps.clock.after(paintAfterMs, () => {
      this.#cancelPaint = undefined;
      for (const one of [...this.#toPaint]) this.#paintNow(one);
      this.#toPaint.clear();
    });
  }

  #paintNow(shown: ShownDocument): void {
    const { document, followed } = shown;
    if (document.isClosed) return;
    const { state, part } = followed;
    let { isCut } = seenOf(shown);
    for (const editor of editorsOf(document)) {
      const { seen, around } = seenRanges(lined(document), editor.visibleRanges, part);
      const painting = followed.spans.painting([...seen, ...around], mostRanges);
      this.#paint?.paint(editor, painting);
      isCut ||= painting.isCut;
      if (state.kind === 'following' && state.isCurrent && state.summary) {
        this.#paint?.paintSummary(editor, state.summary, this.#deps.settings().unusualLines);
      }
      if (state.kind === 'failed') this.#paint?.clear(editor);
    }
    if (isCut === shown.isCut) return;
    shown.isCut = isCut;
    this.#tell();
  }

  /** The status item, of the document in front. */
  #tell(): void {
    const document = vscode.window.activeTextEditor?.document;
    const shown = document && this.#shown.get(keyOf(document));
    if (shown === undefined) {
      this.#status?.hide();
      return;
    }
    const { followed, modelName, isCut } = shown;
    const { state, part } = followed;
    const texts = statusTexts({ state, modelName, isPart: part !== undefined, isCut }, this.#theme);
    this.#status?.show(texts, this.#theme, state.kind === 'following');
  }
}

/** Undefined: it may be shown. */
function whyNot(document: vscode.TextDocument): string | undefined {
  const facts = documentFacts(document);
  // The other side of a comparison may be read as well. Whether completions are on has nothing to do with it.
  const scheme = facts.scheme === 'git' ? 'file' : facts.scheme;
  if (!offeredSchemes.some((offered) => offered === scheme)) return 'this is neither a file nor a draft';
  const off = whyOff({ ...facts, scheme, enabled: true });
  if (off !== undefined) return off;
  const length = lengthOf(document);
  return length > documentLimits.length
    ? `it has ${(length / 2 ** 20).toFixed(1)} million characters, and at most ${documentLimits.length / 2 ** 20} million are colored`
    : undefined;
}

function seenOf({ document, followed }: ShownDocument) {
  const ranges = editorsOf(document).flatMap(({ visibleRanges }) => visibleRanges);
  return seenRanges(lined(document), ranges, followed.part);
}

/** The editor takes places for its own only. */
function lined(document: vscode.TextDocument): LinedDocument {
  return {
    lineCount: document.lineCount,
    lineAt: (line) => document.lineAt(line),
    offsetAt: ({ line, character }) => document.offsetAt(new vscode.Position(line, character)),
  };
}

function editorsOf(document: vscode.TextDocument): vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
}

function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}
