// The training commands, and everything that shows a training: its view, the progress item, the contexts of the commands, and
// the few messages that a person who looks elsewhere should see.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import {
  type FromTrainingView,
  readFromTrainingView,
  type ToTrainingView,
  type TrainingAction,
} from '../protocol/webviewMessages.ts';
import type { CommandActions } from './commands.ts';
import type { CurrentRunDeps, TrainingWish } from './currentRun.ts';
import { CurveFeed } from './curveFeed.ts';
import type { Log } from './hostProcess.ts';
import { trainingViewType } from './lateLearning.ts';
import { showErrors } from './showErrors.ts';
import type { Training } from './training.ts';
import { trainingPlace } from './trainingPlace.ts';
import { TrainingProgress } from './trainingProgress.ts';
import { ViewPanel } from './viewPanel.ts';
import { currentWorkspace, folderFacts, offerRepair } from './workspacePlace.ts';

export interface TrainingCommandDeps {
  readonly training: Training;
  readonly extensionUri: vscode.Uri;
  readonly channel: vscode.LogOutputChannel;
  readonly log: Log;
  readonly use: (modelPath: string) => Promise<void>;
  readonly draw: (modelPath: string) => Promise<void>;
}

type TrainingActions = Pick<
  CommandActions,
  | 'trainCharRnn'
  | 'trainPixelCnn'
  | 'trainModel'
  | 'showTraining'
  | 'pauseTraining'
  | 'resumeTraining'
  | 'stopTraining'
  | 'discardTraining'
>;

const phaseContext = 'chainrule.training';
const eatLabels = { text: 'learns from text files', image: 'learns from images' } as const;

export class TrainingCommands implements Disposable {
  readonly #deps: TrainingCommandDeps;
  #panel: ViewPanel<FromTrainingView, ToTrainingView> | undefined;
  /** Of the page that is shown; undefined until it is ready. */
  #feed: CurveFeed | undefined;
  #feeding = false;
  #context: string | undefined;
  /** The view comes up as soon as there is something to choose, long before all of the workspace was looked at. */
  #showChoices = false;
  #disposed = false;
  readonly #progress: TrainingProgress;
  readonly actions: TrainingActions = {
    trainCharRnn: () => this.#told(() => this.#prepare('charRnn')),
    trainPixelCnn: () => this.#told(() => this.#prepare('pixelCnn')),
    trainModel: () => this.#told(() => this.#pickArchitecture()),
    showTraining: () => this.#show(),
    pauseTraining: () => this.#deps.training.pause(),
    resumeTraining: () => this.#told(() => this.#resume()),
    stopTraining: () => this.#told(() => this.#stop()),
    discardTraining: () => this.#told(() => this.#discard()),
  };

  constructor(deps: TrainingCommandDeps) {
    this.#deps = deps;
    this.#progress = new TrainingProgress(() => deps.training.pause());
  }

  /** Whatever shows the training shows it as it is now. */
  changed(): void {
    if (this.#disposed) return;
    const { training } = this.#deps;
    const context = training.phase === 'none' ? undefined : training.phase;
    if (context !== this.#context) {
      this.#context = context;
      void vscode.commands.executeCommand('setContext', phaseContext, context);
    }
    if (this.#showChoices && training.phase === 'setup') {
      this.#showChoices = false;
      this.#show();
    } else if (this.#panel?.visible) this.#send();
    if (training.phase === 'none') this.#panel?.dispose();
    // Who looks at the view needs no second progress bar over it.
    if (training.phase !== 'running') this.#progress.end();
    else if (training.run && (this.#progress.isShown || !this.#panel?.visible)) this.#progress.show(training.run);
  }

  /** For a person who looks elsewhere; the view says the same. */
  readonly told: CurrentRunDeps['told'] = ({ kind, text }) => {
    const level = { done: 'info', warning: 'warning', failed: 'error', interrupted: 'error' } as const;
    this.#deps.log(level[kind], text);
    if (this.#panel?.visible) return;
    const show = 'Show';
    const { finishedModelPath: finished, run } = this.#deps.training;
    const use = 'Use Here';
    const buttons = finished !== undefined && run?.description.eats === 'text' ? [use, show] : [show];
    const tell = kind === 'done' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    void tell(`Chainrule: ${text}`, ...buttons).then((chosen) => {
      if (chosen === show) this.#show();
      if (chosen === use && finished !== undefined) void this.#told(() => this.#deps.use(finished));
    });
  };

  /** Goes on with the training in that folder. */
  async resume(folder: string): Promise<void> {
    await this.#told(() => this.#resume(folder));
  }

  /** Says once, quietly, that a training was interrupted. */
  async offer(): Promise<void> {
    const unfinished = await this.#deps.training.takeOffer();
    this.changed();
    if (unfinished === undefined) return;
    const resume = 'Resume';
    const show = 'Show';
    const reached = unfinished.step > 0 ? ` at step ${unfinished.step}` : '';
    const message = `Chainrule: the training of ${unfinished.title} was interrupted${reached}`;
    const chosen = await vscode.window.showInformationMessage(message, resume, show);
    if (chosen === resume) await this.#told(() => this.#resume());
    if (chosen === show) this.#show();
  }

  /** A view that the editor kept over a reload; without anything to show it goes away. */
  restore(panel: vscode.WebviewPanel): void {
    if (this.#deps.training.phase === 'none' || this.#panel) panel.dispose();
    else this.#open(panel);
  }

  dispose(): void {
    this.#disposed = true;
    this.#panel?.dispose();
    this.#progress.dispose();
  }

  async #prepare(architecture: string): Promise<void> {
    const { training } = this.#deps;
    if (training.phase === 'running') {
      this.#show();
      void vscode.window.showInformationMessage('Chainrule: a training runs already. Pause it or stop it first');
      return;
    }
    const wish = await this.#wish();
    if (wish === undefined) return;
    this.#showChoices = true;
    try {
      await training.prepare(architecture, wish);
    } finally {
      this.#showChoices = false;
    }
  }

  async #pickArchitecture(): Promise<void> {
    if ((await this.#wish()) === undefined) return;
    const rows = await this.#deps.training.architectures();
    const items = rows.map(({ name, title, eats }) => ({
      label: title,
      description: eatLabels[eats],
      detail: name,
      name,
    }));
    items.sort((a, b) => a.description.localeCompare(b.description) || a.label.localeCompare(b.label));
    const picked = await vscode.window.showQuickPick(items, { title: 'Chainrule: Train a Model' });
    if (picked) await this.#prepare(picked.name);
    else this.#deps.training.dropIdleProcess();
  }

  async #resume(folder?: string): Promise<void> {
    const wish = await this.#wish();
    if (wish === undefined) return;
    await this.#deps.training.resume(wish, folder);
    this.#show();
  }

  async #stop(): Promise<void> {
    const wish = await this.#wish();
    if (wish) await this.#deps.training.stop(wish);
  }

  async #discard(): Promise<void> {
    const { training } = this.#deps;
    if (!training.run) return;
    const yes = 'Discard';
    const message = `Discard the training of ${training.run.description.title}?`;
    const detail = 'What it has learnt is deleted. It cannot be undone.';
    if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, yes)) === yes)
      await training.discard();
  }

  /** Undefined when nothing may be learnt from here; then it was said why. */
  async #wish(): Promise<TrainingWish | undefined> {
    const place = trainingPlace(vscode.workspace.isTrusted, folderFacts());
    if (place.kind === 'allowed') return { place, workspace: currentWorkspace() };
    await offerRepair(`Chainrule cannot train here: ${place.reason}`, place.repair);
    return undefined;
  }

  #show(): void {
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    this.#send();
  }

  #open(restored?: vscode.WebviewPanel): void {
    const { extensionUri, log, training } = this.#deps;
    const options = {
      extensionUri,
      viewType: trainingViewType,
      page: 'trainingPage',
      title: 'Training',
      log,
      read: readFromTrainingView,
      receive: (message: FromTrainingView) => this.#receive(message),
      hiddenOrShown: () => this.changed(),
      closed: () => {
        this.#panel = undefined;
        this.#feed = undefined;
        // Closed choices are put away; a training goes on without its view.
        training.cancel();
        this.changed();
      },
    };
    this.#panel = new ViewPanel<FromTrainingView, ToTrainingView>(options, restored);
  }

  #send(): void {
    for (const message of this.#deps.training.messages()) this.#panel?.send(message);
    void this.#feedCurves();
  }

  /** A piece to a turn: a long curve holds up nothing else. */
  async #feedCurves(): Promise<void> {
    if (this.#feeding) return;
    this.#feeding = true;
    try {
      for (;;) {
        const { curves } = this.#deps.training;
        const message = curves && this.#panel?.visible ? this.#feed?.next(curves) : undefined;
        if (message === undefined) return;
        this.#panel?.send(message);
        await new Promise(setImmediate);
      }
    } finally {
      this.#feeding = false;
    }
  }

  #receive(message: FromTrainingView): void {
    if (message.kind === 'ready') {
      // A page that was hidden has ended, and this is another.
      this.#feed = new CurveFeed();
      this.#send();
    } else if (message.kind === 'choose') void this.#told(() => this.#deps.training.choose(message.choices));
    else void this.#told(() => this.#act(message.action));
  }

  async #act(action: TrainingAction): Promise<void> {
    const { training, channel, use, draw } = this.#deps;
    const finished = training.finishedModelPath;
    switch (action) {
      case 'start':
        return training.start();
      case 'cancel':
        this.#panel?.dispose();
        return;
      case 'pause':
        return training.pause();
      case 'resume':
        return this.#resume();
      case 'stop':
        return this.#stop();
      case 'discard':
        return this.#discard();
      case 'use':
        return finished === undefined ? undefined : use(finished);
      case 'sample':
        return finished === undefined ? undefined : draw(finished);
      case 'manage':
        await vscode.commands.executeCommand('chainrule.manageModels');
        return;
      case 'showLog':
        channel.show(true);
        return;
    }
  }

  async #told(action: () => Promise<void> | void): Promise<void> {
    await showErrors(this.#deps.log, action);
  }
}
