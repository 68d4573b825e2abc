// What the status bar says while the likelihood of the file in front is shown: its bits per byte, and beside that the key of the colors, one
// small item for each step.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { surprisalSteps, type ThemeKind } from '../protocol/surprisalScale.ts';
import type { StatusTexts } from './likelihoodTexts.ts';

/** Left of the extension's own item. */
const priority = 101;

export class LikelihoodStatus implements Disposable {
  readonly #figure: vscode.StatusBarItem;
  readonly #key: readonly vscode.StatusBarItem[];

  constructor(menuCommand: string) {
    const item = (id: string, place: number, name: string) => {
      const made = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Right, priority - place / 100);
      made.name = name;
      made.command = menuCommand;
      return made;
    };
    this.#figure = item('chainrule.likelihood', 0, 'Chainrule: Likelihood');
    this.#key = surprisalSteps.map(({ from, label, chance, word }, step) => {
      const one = item(`chainrule.likelihood.key${step}`, step + 1, `Chainrule: Key of Likelihood, ${label}`);
      one.text = `\u25a0 ${step === 0 ? '0' : step === surprisalSteps.length - 1 ? `${from}+ bits` : from}`;
      one.tooltip = `${label} (${chance}): ${word}`;
      one.accessibilityInformation = { label: `Color ${step + 1} of 7: ${label}, ${word}`, role: 'button' };
      return one;
    });
  }

  show({ text, label, tooltip }: StatusTexts, theme: ThemeKind, withKey: boolean): void {
    this.#figure.text = text;
    this.#figure.tooltip = new vscode.MarkdownString(tooltip);
    this.#figure.accessibilityInformation = { label, role: 'button' };
    this.#figure.show();
    for (const [step, item] of this.#key.entries()) {
      item.color = surprisalSteps[step]!.signs[theme];
      if (withKey) item.show();
      else item.hide();
    }
  }

  hide(): void {
    for (const item of [this.#figure, ...this.#key]) item.hide();
  }

  dispose(): void {
    for (const item of [this.#figure, ...this.#key]) item.dispose();
  }
}
