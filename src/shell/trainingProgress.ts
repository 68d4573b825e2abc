// The progress item of a training, for who does not look at its view: one for a run, so that it does not come back to who hid it. Its
// cancel button pauses: nothing is lost by it.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { TrainingRun } from './trainingRun.ts';

export class TrainingProgress implements Disposable {
  readonly #pause: () => void;
  #end: (() => void) | undefined;
  #report: ((text: string, fraction: number | null) => void) | undefined;

  constructor(pause: () => void) {
    this.#pause = pause;
  }

  get isShown(): boolean {
    return this.#end !== undefined;
  }

  show(run: TrainingRun): void {
    if (!this.isShown) this.#begin(run.description.title);
    this.#report?.(run.progressText(), run.progress());
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
    this.#report = undefined;
  }

  dispose(): void {
    this.end();
  }

  #begin(title: string): void {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `Training ${title} (Cancel pauses it)`,
      cancellable: true,
    };
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    void vscode.window.withProgress(options, (progress, token) => {
      let shown = 0;
      token.onCancellationRequested(() => this.#pause());
      this.#report = (message, fraction) => {
        const percent = fraction === null ? 0 : Math.floor(fraction * 100);
        progress.report({ message, ...(percent > shown && { increment: percent - shown }) });
        shown = Math.max(shown, percent);
      };
      return ended;
    });
  }
}
