// The one status bar item. Thinking is shown only when it lasts, so that the item does not flicker while typing.
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { CommandId } from './commands.ts';
import type { EngineStatus } from './engineClient.ts';
import { type StatusView, statusView } from './statusView.ts';

const noticeableMs = 250;
const menuCommand: CommandId = 'chainrule.showMenu';

export class StatusBar implements Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #clock: Clock;
  #engine: EngineStatus = { state: 'stopped' };
  #off: string | undefined;
  #thinking = false;
  #cancelThinking: (() => void) | undefined;
  #view: StatusView | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#item = vscode.window.createStatusBarItem('chainrule.status', vscode.StatusBarAlignment.Right, 100);
    this.#item.name = 'Chainrule';
    this.#item.command = menuCommand;
    this.#show();
    this.#item.show();
  }

  get view(): StatusView | undefined {
    return this.#view;
  }

  setEngine(engine: EngineStatus): void {
    this.#engine = engine;
    this.#show();
  }

  setOff(reason: string | undefined): void {
    this.#off = reason;
    this.#show();
  }

  setThinking(thinking: boolean): void {
    if (thinking) {
      this.#cancelThinking ??= this.#clock.after(noticeableMs, () => {
        this.#thinking = true;
        this.#show();
      });
      return;
    }
    this.#cancelThinking?.();
    this.#cancelThinking = undefined;
    this.#thinking = false;
    this.#show();
  }

  dispose(): void {
    this.#cancelThinking?.();
    this.#item.dispose();
  }

  #show(): void {
    const view = statusView({ engine: this.#engine, thinking: this.#thinking, off: this.#off });
    if (view.text === this.#view?.text && view.label === this.#view.label) return;
    this.#view = view;
    this.#item.text = view.text;
    this.#item.tooltip = view.tooltip;
    this.#item.accessibilityInformation = { label: view.label, role: 'button' };
  }
}
