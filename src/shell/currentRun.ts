// The training that a window shows: it runs, is paused, or has come to its end. What its process tells goes to the view, and what must
// outlive the window into what is remembered. Pausing ends the process, resuming starts another from the checkpoint; so a crash, a
// reload and a pause are the same thing.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { TrainingEvent } from '../protocol/trainerMessages.ts';
import type { Log } from './hostProcess.ts';
import { countText } from './quantities.ts';
import type { TrainedModels } from './trainedModels.ts';
import type { OpenTrainer } from './trainerClient.ts';
import type { UnfinishedRun } from './trainingMemory.ts';
import type { TrainingPlace, WorkspaceIdentity } from './trainingPlace.ts';
import { TrainingProcess } from './trainingProcess.ts';
import { TrainingRun } from './trainingRun.ts';
import type { UnfinishedRuns } from './unfinishedRuns.ts';

export interface CurrentRunDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly openTrainer: OpenTrainer;
  readonly models: Pick<TrainedModels, 'remove'>;
  readonly threads: () => number;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** What a person should be told, also one who does not look at the view. */
  readonly told: (event: { kind: 'done' | 'failed' | 'interrupted' | 'warning'; text: string }) => void;
}

export type AllowedPlace = Extract<TrainingPlace, { kind: 'allowed' }>;

export interface TrainingWish {
  readonly place: AllowedPlace;
  readonly workspace: WorkspaceIdentity;
}

const redrawMs = 250;

export class CurrentRun implements Disposable {
  readonly process: TrainingProcess;
  readonly #deps: CurrentRunDeps;
  readonly #unfinished: UnfinishedRuns;
  #phase: 'none' | 'running' | 'paused' | 'ended' = 'none';
  #run: TrainingRun | undefined;
  /** As it is remembered until it is finished. */
  #known: UnfinishedRun | undefined;
  /** It goes on from nothing that was there before. */
  #isNew = false;
  #cancelRedraw: (() => void) | undefined;

  constructor(deps: CurrentRunDeps, unfinished: UnfinishedRuns) {
    this.#deps = deps;
    this.#unfinished = unfinished;
    this.process = new TrainingProcess(deps, {
      event: (event) => this.#received(event),
      ended: (reason) => this.#processEnded(reason),
    });
    this.showPaused();
  }

  get phase() {
    return this.#phase;
  }

  get run(): TrainingRun | undefined {
    return this.#run;
  }

  get known(): UnfinishedRun | undefined {
    return this.#known;
  }

  /** Of what is paused the one that was trained last; nothing when there is none. */
  showPaused(): void {
    const [last] = this.#unfinished.all;
    this.#phase = last ? 'paused' : 'none';
    if (last) this.#show(last);
    else {
      this.#run = undefined;
      this.#known = undefined;
    }
  }

  train(run: UnfinishedRun, { place, workspace }: TrainingWish, how: 'start' | 'resume' | 'keep'): void {
    const { modelPath, architecture, eats, choices, step, title } = run;
    // The process that was asked about the choices takes them; one that goes on is fresh.
    if (how !== 'start') this.close();
    this.#isNew = how === 'start';
    const shown = this.#show(run);
    shown.state = how === 'keep' ? 'stopping' : 'starting';
    this.#phase = 'running';
    this.#remember(run);
    this.#deps.log('info', `${how === 'start' ? 'Training' : `Resuming at step ${step}`}: ${title} in ${modelPath}`);
    const { trainer } = this.process;
    // Heard before the first step.
    if (how === 'keep') trainer.stop();
    trainer.train({
      eats,
      roots: place.roots,
      architecture,
      preset: choices.preset,
      minutes: choices.minutes,
      threads: this.#deps.threads(),
      image: choices.image,
      seed: choices.seed,
      modelPath,
      resume: how !== 'start',
      workspace,
    });
    this.#deps.changed();
  }

  pause(): void {
    if (this.#phase !== 'running' || !this.#run || this.#run.state === 'stopping') return;
    this.#run.state = 'pausing';
    this.process.pause();
    this.#deps.changed();
  }

  /** Ends it and keeps the best. */
  stop(): void {
    if (this.#phase !== 'running' || !this.#run) return;
    this.#run.state = 'stopping';
    this.process.stop();
    this.#deps.changed();
  }

  /** Throws away what runs or is paused, with all that it has learnt. */
  async discard(): Promise<void> {
    const [run, known] = [this.#run, this.#known];
    if (!run || !known || (this.#phase !== 'running' && this.#phase !== 'paused')) return;
    if (this.#phase === 'running') {
      this.#phase = 'paused';
      run.state = 'paused';
      await this.process.kill();
    }
    await this.#deps.models.remove(known.modelPath);
    await this.forget(known.modelPath);
  }

  /** That folder is gone. */
  async forget(folder: string): Promise<void> {
    const isThis = this.#known?.modelPath === folder;
    if (isThis && this.#phase === 'running') return;
    await this.#unfinished.forget(folder);
    if (isThis && this.#phase === 'paused') this.showPaused();
    this.#deps.changed();
  }

  /** From here on nothing of the process is heard; whoever calls this tells of the change. */
  close(): void {
    this.process.close();
    this.#cancelRedraw?.();
    this.#cancelRedraw = undefined;
  }

  dispose(): void {
    this.close();
    this.#phase = 'none';
  }

  /** As paused. Curves are kept over a pause; after a reload they begin where it goes on. */
  #show(known: UnfinishedRun): TrainingRun {
    const same = this.#known?.modelPath === known.modelPath ? this.#run : undefined;
    const { title, eats, choices, step, diverged } = known;
    const run = same ?? new TrainingRun({ title, eats, channels: choices.image?.channels ?? 1 });
    run.checkpointStep = step;
    run.note = '';
    if (diverged) run.failed('the loss was no number any more', 'keep');
    else run.state = 'paused';
    this.#run = run;
    this.#known = known;
    return run;
  }

  #remember(known: UnfinishedRun): void {
    this.#known = known;
    this.#unfinished.remember(known);
  }

  #received(event: TrainingEvent): void {
    const [run, known] = [this.#run, this.#known];
    if (!run || !known || this.#phase !== 'running') return;
    if (event.kind === 'paused') this.#paused(run, { ...known, step: event.step, offered: true });
    else if (event.kind === 'done') this.#done(run, known, event);
    else if (event.kind === 'failed') this.#failed(run, known, event);
    else {
      if (event.kind === 'warning') this.#warned(run, event.text);
      run.receive(event);
      if (event.kind === 'checkpoint') this.#remember({ ...known, step: event.step });
      if (event.kind === 'started' && event.resumedStep < known.step) {
        run.note = `Its last checkpoint is gone or damaged, so it goes on from step ${countText(event.resumedStep)}`;
        this.#remember({ ...known, step: event.resumedStep });
      }
      if (event.kind === 'step' || event.kind === 'reading') this.#changedSoon();
      else this.#deps.changed();
    }
  }

  /** Told once: one that comes again with each checkpoint is seen in the view. */
  #warned(run: TrainingRun, text: string): void {
    if (run.note === '') this.#deps.told({ kind: 'warning', text: `${run.description.title}: ${text}` });
    else this.#deps.log('warning', text);
  }

  /** Who paused it knows, and is not offered it after a reload. */
  #paused(run: TrainingRun, known: UnfinishedRun): void {
    this.close();
    this.#phase = 'paused';
    run.state = 'paused';
    run.checkpointStep = known.step;
    this.#remember(known);
    this.#deps.changed();
  }

  #done(run: TrainingRun, known: UnfinishedRun, ending: Extract<TrainingEvent, { kind: 'done' }>): void {
    this.close();
    run.ended(ending);
    this.#phase = 'ended';
    void this.#unfinished.forget(known.modelPath);
    this.#deps.changed();
    this.#deps.told({ kind: 'done', text: `${known.title}: ${run.view().headline}` });
  }

  #failed(run: TrainingRun, known: UnfinishedRun, failure: Extract<TrainingEvent, { kind: 'failed' }>): void {
    const { models, log, changed, told } = this.#deps;
    const { reason, diverged } = failure;
    this.close();
    // Nothing was there before it, and nothing has come of it.
    const isNothing = this.#isNew && known.step === 0;
    run.failed(reason, isNothing ? 'nothing' : diverged ? 'keep' : 'resume');
    this.#phase = isNothing ? 'ended' : 'paused';
    if (isNothing) {
      void this.#unfinished.forget(known.modelPath);
      models.remove(known.modelPath).catch((error: unknown) => log('warning', messageOf(error)));
    } else this.#remember({ ...known, offered: true, diverged });
    changed();
    told({ kind: 'failed', text: `${known.title}: ${reason}` });
  }

  #processEnded(reason: string): void {
    const [run, known] = [this.#run, this.#known];
    if (this.#phase !== 'running' || !run || !known) {
      this.close();
      this.#deps.changed();
      return;
    }
    const asked = run.state === 'pausing';
    if (!asked) run.note = `The training process ended (${reason})`;
    this.#paused(run, { ...known, offered: asked });
    if (!asked) this.#deps.told({ kind: 'interrupted', text: `${known.title}: ${run.note}` });
  }

  /** Steps come often; the view is told of them a few times a second. */
  #changedSoon(): void {
    this.#cancelRedraw ??= this.#deps.clock.after(redrawMs, () => {
      this.#cancelRedraw = undefined;
      this.#deps.changed();
    });
  }
}
