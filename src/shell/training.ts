// The one training of a window, from the choices to the finished model: which process runs, what was told, what is remembered.
// Pausing ends the process, resuming starts another from the checkpoint; so a crash, a reload and a pause are the same thing.
// Knows no editor.
//
//   none -> setup -> running <-> paused -> ended          any -> none when it is put away
//                       |  process died  ^
//                       +----------------+
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { ArchitectureRow } from '../protocol/trainerMessages.ts';
import type { ToTrainingView, TrainingChoices } from '../protocol/webviewMessages.ts';
import type { Log } from './hostProcess.ts';
import type { TrainedModels } from './trainedModels.ts';
import type { OpenTrainer, Trainer, TrainingEvent } from './trainerClient.ts';
import type { TrainingMemory, UnfinishedRun } from './trainingMemory.ts';
import type { TrainingPlace, WorkspaceIdentity } from './trainingPlace.ts';
import { TrainingRun } from './trainingRun.ts';
import { TrainingSetup } from './trainingSetup.ts';

export type TrainingPhase = 'none' | 'setup' | 'running' | 'paused' | 'ended';

export interface TrainingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly openTrainer: OpenTrainer;
  readonly memory: TrainingMemory;
  readonly models: Pick<TrainedModels, 'newPath' | 'prepare' | 'remove' | 'freeCheckpoints'>;
  readonly threads: () => number;
  /** Tells one training from another, in the name of its folder. */
  readonly stamp: () => string;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** What a person should be told, also one who does not look at the view. */
  readonly told: (event: { kind: 'done' | 'failed' | 'interrupted' | 'warning'; text: string }) => void;
}

type AllowedPlace = Extract<TrainingPlace, { kind: 'allowed' }>;

export interface TrainingWish {
  readonly place: AllowedPlace;
  readonly workspace: WorkspaceIdentity;
}

/** How long a process may take from the wish to pause until its checkpoint is written; a step may last seconds. */
const longestPauseMs = 60_000;
const redrawMs = 250;

export class Training implements Disposable {
  readonly #deps: TrainingDeps;
  #phase: TrainingPhase = 'none';
  #trainer: Trainer | undefined;
  #setup: { readonly setup: TrainingSetup; readonly wish: TrainingWish; readonly row: ArchitectureRow } | undefined;
  #run: TrainingRun | undefined;
  #unfinished: UnfinishedRun | undefined;
  #toOffer: UnfinishedRun | undefined;
  #modelPath: string | undefined;
  /** Whether there may be one to go on from; what was remembered can be older than the folder. */
  #hasCheckpoint = false;
  #cancelPauseWatch: (() => void) | undefined;
  #cancelRedraw: (() => void) | undefined;

  constructor(deps: TrainingDeps) {
    this.#deps = deps;
    const interrupted = deps.memory.unfinished;
    if (interrupted === undefined) return;
    this.#restore(interrupted);
    if (!interrupted.offered) this.#toOffer = interrupted;
  }

  get phase(): TrainingPhase {
    return this.#phase;
  }

  get run(): TrainingRun | undefined {
    return this.#run;
  }

  /** The folder of the model that was trained last in this window. */
  get finishedModelPath(): string | undefined {
    return this.#phase === 'ended' && this.#run?.state === 'done' ? this.#modelPath : undefined;
  }

  /** The folder that a training writes to or will go on with: not to be deleted by hand. */
  get busyFolder(): string | undefined {
    return this.#phase === 'running' ? this.#modelPath : undefined;
  }

  /** The folder of the run that `resume` goes on with. */
  get resumableFolder(): string | undefined {
    return this.#resumable?.modelPath;
  }

  /** What can be trained, asked of a process that the setup will then use. */
  async architectures(): Promise<readonly ArchitectureRow[]> {
    return this.#anyTrainer().architectures();
  }

  /** Shows the choices for an architecture. @throws UserError when a training runs, or there is no such architecture. */
  async prepare(architecture: string, wish: TrainingWish): Promise<void> {
    if (this.#phase === 'running') throw new UserError('A training runs already; pause it or stop it first');
    const trainer = this.#anyTrainer();
    const rows = await trainer.architectures();
    const row = rows.find(({ name }) => name === architecture);
    if (row === undefined) {
      const known = rows.map(({ name }) => name).join(', ');
      throw new UserError(`Expected an architecture that can be trained (${known}), got ${architecture}`);
    }
    const left = wish.place.left.join(', ');
    const setup = new TrainingSetup({
      title: `Train ${runTitle(row, wish.workspace)}`,
      architecture: row,
      source: { eats: row.eats, roots: wish.place.roots },
      threads: this.#deps.threads(),
      remark: left === '' ? '' : `Not read, since they are on no disk: ${left}.`,
      trainer,
      changed: () => this.#deps.changed(),
    });
    this.#setup = { setup, wish, row };
    this.#phase = 'setup';
    this.#deps.changed();
    await setup.begin();
  }

  async choose(choices: TrainingChoices): Promise<void> {
    await this.#setup?.setup.choose(choices);
  }

  /** Begins what was prepared. */
  async start(): Promise<void> {
    const prepared = this.#setup;
    if (this.#phase !== 'setup' || !prepared?.setup.canStart) return;
    const { row, wish, setup } = prepared;
    const { models, stamp } = this.#deps;
    this.#setup = undefined;
    await models.prepare();
    const modelPath = models.newPath(row.name, stamp());
    const title = runTitle(row, wish.workspace);
    const { choices } = setup;
    const unfinished = { architecture: row.name, title, eats: row.eats, modelPath, choices, offered: false, step: 0 };
    await this.#train(unfinished, wish, false);
  }

  /** Goes on with what was paused, or with what a reload or a crash interrupted. */
  async resume(wish: TrainingWish): Promise<void> {
    if (this.#phase === 'running') return;
    const unfinished = this.#resumable;
    if (unfinished === undefined) throw new UserError('There is no training to go on with; start one first');
    if (this.#phase === 'setup') this.#closeTrainer();
    this.#setup = undefined;
    await this.#train({ ...unfinished, offered: false }, wish, true);
  }

  pause(): void {
    if (this.#phase !== 'running' || !this.#run || this.#run.state === 'stopping') return;
    this.#run.state = 'pausing';
    this.#trainer?.pause();
    this.#cancelPauseWatch ??= this.#deps.clock.after(longestPauseMs, () => {
      this.#deps.log('warning', `The training process has not paused in ${longestPauseMs} ms; killing it`);
      this.#trainer?.kill();
    });
    this.#deps.changed();
  }

  /** Ends it and keeps the best; a paused one is taken up again for that. */
  async stop(wish: TrainingWish): Promise<void> {
    if (this.#phase === 'paused') await this.resume(wish);
    if (this.#phase !== 'running' || !this.#run) return;
    this.#run.state = 'stopping';
    this.#trainer?.stop();
    this.#deps.changed();
  }

  /** Puts the choices away. */
  cancel(): void {
    if (this.#phase !== 'setup') return;
    this.#closeTrainer();
    this.#setup = undefined;
    this.#phase = 'none';
    if (this.#resumable) this.#restore(this.#resumable);
    this.#deps.changed();
  }

  /** A process that was started to be asked, and then not used. */
  dropIdleProcess(): void {
    if (this.#phase !== 'running' && this.#phase !== 'setup') this.#closeTrainer();
  }

  /** What was interrupted before this window opened, to be offered once; undefined when there is none, or it was offered. */
  takeOffer(): UnfinishedRun | undefined {
    const offer = this.#phase === 'paused' ? this.#toOffer : undefined;
    this.#toOffer = undefined;
    if (offer) this.#remember({ ...offer, offered: true });
    return offer;
  }

  /** That folder is gone: what was to be resumed there is forgotten. */
  async forget(folder: string): Promise<void> {
    const unfinished = this.#resumable;
    if (unfinished?.modelPath !== folder || this.#phase === 'running') return;
    this.#unfinished = undefined;
    await this.#deps.memory.rememberUnfinished(undefined);
    if (this.#phase === 'paused') {
      this.#phase = 'none';
      this.#run = undefined;
    }
    this.#deps.changed();
  }

  /** All that the view has to be told, also one that was hidden or made anew. */
  messages(): ToTrainingView[] {
    if (this.#setup) return [this.#setup.setup.view()];
    return this.#run ? [this.#run.view(), this.#run.samplesView()] : [];
  }

  /** Ends the process; what it has not finished is remembered and can be resumed. */
  dispose(): void {
    this.#closeTrainer();
    this.#phase = 'none';
  }

  get #resumable(): UnfinishedRun | undefined {
    return this.#unfinished ?? this.#deps.memory.unfinished;
  }

  async #train(unfinished: UnfinishedRun, { place, workspace }: TrainingWish, resume: boolean): Promise<void> {
    const { modelPath, architecture, eats, choices, step } = unfinished;
    this.#restore(unfinished, 'running');
    this.#run!.state = 'starting';
    this.#remember(unfinished);
    this.#hasCheckpoint = resume;
    this.#deps.changed();
    await this.#deps.models.freeCheckpoints(modelPath);
    this.#deps.log('info', `${resume ? `Resuming at step ${step}` : 'Training'}: ${unfinished.title} in ${modelPath}`);
    this.#anyTrainer().train({
      eats,
      roots: place.roots,
      architecture,
      preset: choices.preset,
      minutes: choices.minutes,
      threads: this.#deps.threads(),
      image: choices.image,
      seed: choices.seed,
      modelPath,
      resume,
      workspace,
    });
  }

  #restore(unfinished: UnfinishedRun, phase: 'running' | 'paused' = 'paused'): void {
    // Curves are kept over a pause; after a reload they begin where it goes on.
    if (this.#modelPath !== unfinished.modelPath || !this.#run) {
      const channels = unfinished.choices.image?.channels ?? 1;
      this.#run = new TrainingRun({ title: unfinished.title, eats: unfinished.eats, channels }, unfinished.step);
    }
    this.#unfinished = unfinished;
    this.#modelPath = unfinished.modelPath;
    this.#run.state = phase === 'paused' ? 'paused' : 'starting';
    this.#run.note = '';
    this.#phase = phase;
  }

  #remember(unfinished: UnfinishedRun | undefined): void {
    this.#unfinished = unfinished;
    void this.#deps.memory.rememberUnfinished(unfinished);
  }

  #anyTrainer(): Trainer {
    if (this.#trainer) return this.#trainer;
    const trainer: Trainer = this.#deps.openTrainer({
      event: (event) => this.#trainer === trainer && this.#received(event),
      ended: (reason) => this.#trainer === trainer && this.#processEnded(reason),
    });
    this.#trainer = trainer;
    return trainer;
  }

  /** From here on nothing of that process is heard; whoever calls this tells of the change. */
  #closeTrainer(): void {
    this.#trainer?.dispose();
    this.#trainer = undefined;
    this.#cancelPauseWatch?.();
    this.#cancelPauseWatch = undefined;
    this.#cancelRedraw?.();
    this.#cancelRedraw = undefined;
  }

  #received(event: TrainingEvent): void {
    if (event.kind === 'reading') this.#setup?.setup.reading(event);
    const run = this.#run;
    if (!run || this.#phase !== 'running') return;
    switch (event.kind) {
      case 'reading':
        run.reading = event;
        this.#changedSoon();
        return;
      case 'started':
        run.started(event);
        if (run.state === 'starting') run.state = 'running';
        this.#hasCheckpoint = event.resumedStep > 0;
        break;
      case 'step':
        if (run.state === 'starting') run.state = 'running';
        run.stepped(event);
        this.#changedSoon();
        return;
      case 'validation':
        run.measured(event);
        break;
      case 'baseline':
        run.compared(event);
        break;
      case 'checkpoint':
        if (this.#unfinished) this.#remember({ ...this.#unfinished, step: event.step });
        this.#hasCheckpoint = true;
        run.note = ''; // What stood in its way is over.
        return;
      case 'textSample':
        run.sampled({ step: event.step, type: 'text', text: event.text });
        break;
      case 'imageSample':
        run.sampled({ step: event.step, type: 'image', png: event.png });
        break;
      case 'warning':
        this.#warned(run, event.text);
        break;
      case 'paused':
        this.#paused('');
        return;
      case 'done':
        this.#done(event);
        return;
      case 'failed':
        this.#failed(event.reason);
        return;
      default:
        event satisfies never;
    }
    this.#deps.changed();
  }

  /** Told once: one that comes again with each checkpoint is seen in the view. */
  #warned(run: TrainingRun, text: string): void {
    const isFirst = run.note === '';
    run.note = text;
    if (isFirst) this.#deps.told({ kind: 'warning', text: `${run.description.title}: ${text}` });
    else this.#deps.log('warning', text);
  }

  #paused(note: string): void {
    this.#closeTrainer();
    this.#phase = 'paused';
    if (this.#run) {
      this.#run.state = 'paused';
      this.#run.note = note;
    }
    // Who paused it knows: it is not offered again after a reload.
    if (this.#unfinished) this.#remember({ ...this.#unfinished, offered: note === '' });
    this.#deps.changed();
  }

  #done({ reason, bits, bestStep, modelPath }: Extract<TrainingEvent, { kind: 'done' }>): void {
    this.#closeTrainer();
    this.#run?.ended({ reason, bits, bestStep });
    this.#modelPath = modelPath;
    this.#phase = 'ended';
    this.#remember(undefined);
    this.#deps.changed();
    this.#deps.told({ kind: 'done', text: `${this.#run?.description.title}: ${this.#run?.view().headline}` });
  }

  #failed(reason: string): void {
    const hasCheckpoint = this.#hasCheckpoint;
    this.#closeTrainer();
    this.#run?.failed(reason, hasCheckpoint);
    // With a checkpoint it can be gone on with, such as when the disk has room again; it is not offered by itself.
    this.#phase = hasCheckpoint ? 'paused' : 'ended';
    const folder = this.#unfinished?.modelPath;
    if (hasCheckpoint && this.#unfinished) this.#remember({ ...this.#unfinished, offered: true });
    else {
      this.#remember(undefined);
      if (folder !== undefined) void this.#deps.models.remove(folder).catch(() => undefined);
    }
    this.#deps.changed();
    this.#deps.told({ kind: 'failed', text: `${this.#run?.description.title}: ${reason}` });
  }

  #processEnded(reason: string): void {
    const wanted = this.#run?.state === 'pausing';
    if (this.#phase === 'running') {
      const note = wanted ? '' : `The training process ended (${reason})`;
      this.#paused(note);
      if (!wanted) this.#deps.told({ kind: 'interrupted', text: `${this.#run?.description.title}: ${note}` });
      return;
    }
    this.#closeTrainer();
    this.#deps.changed();
  }

  /** Steps come often; the view is told of them a few times a second. */
  #changedSoon(): void {
    this.#cancelRedraw ??= this.#deps.clock.after(redrawMs, () => {
      this.#cancelRedraw = undefined;
      this.#deps.changed();
    });
  }
}

function runTitle({ title, eats }: ArchitectureRow, { name }: WorkspaceIdentity): string {
  return eats === 'text' ? `${title} on "${name}"` : `${title} on the images of "${name}"`;
}
