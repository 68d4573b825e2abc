// How likelihoods are painted in editors: a decoration for each step of the scale, marks in the overview ruler, and words after unusual lines.
// They are made for a theme and made anew for another.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { TextRange } from '../protocol/documentScoringMessages.ts';
import { surprisalSteps, type ThemeKind } from '../protocol/surprisalScale.ts';
import type { DocumentSummary } from './followedDocument.ts';
import { unusualText } from './likelihoodTexts.ts';
import type { Painting } from './shownSpans.ts';

export function currentTheme(): ThemeKind {
  const { ColorThemeKind } = vscode;
  const kinds: Readonly<Record<vscode.ColorThemeKind, ThemeKind>> = {
    [ColorThemeKind.Light]: 'light',
    [ColorThemeKind.Dark]: 'dark',
    [ColorThemeKind.HighContrast]: 'contrastDark',
    [ColorThemeKind.HighContrastLight]: 'contrastLight',
  };
  return kinds[vscode.window.activeColorTheme.kind];
}

export class LikelihoodPaint implements Disposable {
  readonly #steps: readonly vscode.TextEditorDecorationType[];
  readonly #mark: vscode.TextEditorDecorationType;
  /**
   * Words after the line rather than diagnostics: those do not move with the text while somebody types, and the file's own problems should
   * not be counted together with what is only unusual.
   */
  readonly #unusual: vscode.TextEditorDecorationType;
  /** What of summaries stands in an editor, which moves it along with edits. */
  readonly #summaries = new WeakMap<vscode.TextEditor, { summary: DocumentSummary; withUnusual: boolean }>();

  constructor(theme: ThemeKind) {
    const { ClosedClosed } = vscode.DecorationRangeBehavior;
    this.#steps = surprisalSteps.map(({ looks }) => {
      const { background, underline } = looks[theme];
      return vscode.window.createTextEditorDecorationType({
        backgroundColor: background,
        rangeBehavior: ClosedClosed,
        ...(underline && {
          borderColor: underline.color,
          borderStyle: underline.style,
          borderWidth: `0 0 ${underline.widthPx}px 0`,
        }),
      });
    });
    this.#mark = vscode.window.createTextEditorDecorationType({
      overviewRulerColor: surprisalSteps.at(-1)!.signs[theme],
      overviewRulerLane: vscode.OverviewRulerLane.Center,
      rangeBehavior: ClosedClosed,
    });
    this.#unusual = vscode.window.createTextEditorDecorationType({ rangeBehavior: ClosedClosed });
  }

  paint(editor: vscode.TextEditor, { ranges }: Painting): void {
    for (const [step, type] of this.#steps.entries()) {
      editor.setDecorations(type, rangesOf(editor.document, ranges[step]!));
    }
  }

  /** What holds for the whole, of the text as it is. */
  paintSummary(editor: vscode.TextEditor, summary: DocumentSummary, withUnusual: boolean): void {
    const before = this.#summaries.get(editor);
    if (before?.summary === summary && before.withUnusual === withUnusual) return;
    this.#summaries.set(editor, { summary, withUnusual });
    const { marks, unusual } = summary;
    const { document } = editor;
    editor.setDecorations(this.#mark, rangesOf(document, marks));
    const words = withUnusual ? unusual : [];
    editor.setDecorations(
      this.#unusual,
      words.map(({ end, bitsPerSymbol, usual }) => ({
        range: document.lineAt(document.positionAt(end)).range,
        renderOptions: {
          after: {
            contentText: unusualText(bitsPerSymbol, usual),
            color: new vscode.ThemeColor('editorCodeLens.foreground'),
            fontStyle: 'italic',
            margin: '0 0 0 2em',
          },
        },
      })),
    );
  }

  clear(editor: vscode.TextEditor): void {
    this.#summaries.delete(editor);
    for (const type of [...this.#steps, this.#mark, this.#unusual]) editor.setDecorations(type, []);
  }

  /** What they painted is gone with them. */
  dispose(): void {
    for (const type of [...this.#steps, this.#mark, this.#unusual]) type.dispose();
  }
}

function rangesOf(document: vscode.TextDocument, ranges: readonly TextRange[]): vscode.Range[] {
  return ranges.map(({ start, end }) => new vscode.Range(document.positionAt(start), document.positionAt(end)));
}
