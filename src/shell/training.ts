// The trainings of a window: the choices for the next one, the one that is shown, and any number that are paused. One runs at a time.
// Knows no editor.
//
//   none -> setup -> running <-> paused -> ended          any -> none when it is put away
//                       |  process died  ^
//                       +----------------+
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import { type ArchitectureRow, checkpointQuotaBytes } from '../protocol/trainerMessages.ts';
import type { ToTrainingView, TrainingChoices } from '../protocol/webviewMessages.ts';
import { type AllowedPlace, CurrentRun, type CurrentRunDeps, type TrainingWish } from './currentRun.ts';
import type { Curves } from './curveFeed.ts';
import { sizeText } from './quantities.ts';
import type { TrainedModels } from './trainedModels.ts';
import type { TrainingMemory, UnfinishedRun } from './trainingMemory.ts';
import type { WorkspaceIdentity } from './trainingPlace.ts';
import type { TrainingRun } from './trainingRun.ts';
import { TrainingSetup } from './trainingSetup.ts';
import { UnfinishedRuns } from './unfinishedRuns.ts';

export type TrainingPhase = 'none' | 'setup' | 'running' | 'paused' | 'ended';

export interface TrainingDeps extends CurrentRunDeps {
  readonly memory: TrainingMemory;
  readonly models: Pick<TrainedModels, 'newPath' | 'remove' | 'reachedStep' | 'unfinishedBytes'>;
  /** Tells one training from another, in the name of its folder. */
  readonly stamp: () => string;
}

export class Training implements Disposable {
  readonly #deps: TrainingDeps;
  readonly #unfinished: UnfinishedRuns;
  readonly #current: CurrentRun;
  #setup: { readonly setup: TrainingSetup; readonly wish: TrainingWish; readonly row: ArchitectureRow } | undefined;

  constructor(deps: TrainingDeps) {
    this.#deps = deps;
    this.#unfinished = new UnfinishedRuns(deps.memory, deps.models, deps.log);
    this.#current = new CurrentRun(deps, this.#unfinished);
  }

  get phase(): TrainingPhase {
    return this.#setup ? 'setup' : this.#current.phase;
  }

  get run(): TrainingRun | undefined {
    return this.#current.run;
  }

  /** The folder of the model that was trained last in this window. */
  get finishedModelPath(): string | undefined {
    const { phase, run, known } = this.#current;
    return phase === 'ended' && run?.state === 'done' ? known?.modelPath : undefined;
  }

  /** The folder that the training of this window writes to. */
  get busyFolder(): string | undefined {
    return this.#isRunning ? this.#current.known?.modelPath : undefined;
  }

  /** What can be resumed here, the one that was trained last first. */
  get paused(): readonly UnfinishedRun[] {
    return this.#unfinished.all.filter(({ modelPath }) => modelPath !== this.busyFolder);
  }

  /** What can be trained, asked of a process that the setup will then use. */
  async architectures(): Promise<readonly ArchitectureRow[]> {
    return this.#current.process.trainer.architectures();
  }

  /** Shows the choices for an architecture. @throws UserError when a training runs, or there is no such architecture. */
  async prepare(architecture: string, wish: TrainingWish): Promise<void> {
    if (this.#isRunning) throw new UserError('A training runs already; pause it or stop it first');
    const { models, threads, changed } = this.#deps;
    const [rows, heldBytes] = await Promise.all([this.architectures(), models.unfinishedBytes()]);
    const row = rows.find(({ name }) => name === architecture);
    if (row === undefined) {
      const known = rows.map(({ name }) => name).join(', ');
      throw new UserError(`Expected an architecture that can be trained (${known}), got ${architecture}`);
    }
    const source = { eats: row.eats, roots: wish.place.roots };
    const setup = new TrainingSetup({
      title: `Train ${runTitle(row, wish.workspace)}`,
      architecture: row,
      source,
      threads: threads(),
      remark: remarkOf(wish.place, this.paused[0], heldBytes),
      trainer: this.#current.process.questions(source),
      changed,
    });
    this.#setup = { setup, wish, row };
    changed();
    await setup.begin();
  }

  async choose(choices: TrainingChoices): Promise<void> {
    await this.#setup?.setup.choose(choices);
  }

  /** Begins what was prepared; what was paused before stays as it is. */
  start(): void {
    const prepared = this.#setup;
    if (!prepared?.setup.canStart) return;
    const { row, wish, setup } = prepared;
    this.#setup = undefined;
    const run: UnfinishedRun = {
      ...{ architecture: row.name, title: runTitle(row, wish.workspace), eats: row.eats, choices: setup.choices },
      modelPath: this.#deps.models.newPath(row.name, this.#deps.stamp()),
      ...{ offered: false, step: 0, diverged: false },
    };
    this.#current.train(run, wish, 'start');
  }

  /** Goes on with what was paused, or with what a reload or a crash interrupted: in that folder, or the last one. */
  async resume(wish: TrainingWish, folder?: string): Promise<void> {
    const run = await this.#goingOn(folder);
    if (run?.diverged) {
      throw new UserError('Its loss would be no number again; keep the best so far, or train anew');
    }
    if (run) this.#goOn(run, wish, 'resume');
  }

  pause(): void {
    this.#current.pause();
  }

  /** Ends it and keeps the best; a paused one is taken up again for that. */
  async stop(wish: TrainingWish): Promise<void> {
    if (this.#isRunning) return this.#current.stop();
    if (this.phase !== 'paused') return;
    const run = await this.#goingOn();
    if (run?.step === 0) throw new UserError('It has learnt nothing yet that could be kept; resume it, or discard it');
    if (run) this.#goOn(run, wish, 'keep');
  }

  /** Throws away what runs or is paused, with all that it has learnt. */
  async discard(): Promise<void> {
    await this.#current.discard();
  }

  /** Puts the choices away. */
  cancel(): void {
    if (!this.#setup) return;
    this.#setup = undefined;
    this.#current.close();
    this.#deps.changed();
  }

  /** A process that was started to be asked, and then not used. */
  dropIdleProcess(): void {
    if (!this.#isRunning && !this.#setup) this.#current.close();
  }

  /** What was interrupted before this window opened, to be offered once; undefined when there is none, or it was offered. */
  async takeOffer(): Promise<UnfinishedRun | undefined> {
    await this.#unfinished.checkAll();
    if (this.phase !== 'paused') return undefined;
    this.#current.showPaused();
    const { known } = this.#current;
    if (known === undefined || known.offered) return undefined;
    this.#unfinished.remember({ ...known, offered: true });
    return known;
  }

  /** That folder is gone: what was to be resumed there is forgotten. */
  async forget(folder: string): Promise<void> {
    await this.#current.forget(folder);
  }

  /** What the view draws beside that; undefined while it shows choices. */
  get curves(): Curves | undefined {
    return this.#setup ? undefined : this.#current.run?.curves;
  }

  /** All that the view has to be told but for the curves, also one that was hidden or made anew. */
  messages(): ToTrainingView[] {
    if (this.#setup) return [this.#setup.setup.view()];
    const { run } = this.#current;
    return run ? [run.view(), run.samplesView()] : [];
  }

  /** Ends the process; what it has not finished is remembered and can be resumed. */
  dispose(): void {
    this.#setup = undefined;
    this.#current.dispose();
  }

  get #isRunning(): boolean {
    return this.#current.phase === 'running';
  }

  /** The run that is to be taken up, where none runs. @throws UserError when there is nothing to go on from. */
  async #goingOn(folder?: string): Promise<UnfinishedRun | undefined> {
    if (this.#isRunning) return undefined;
    const run = folder === undefined ? this.paused[0] : this.paused.find(({ modelPath }) => modelPath === folder);
    if (run === undefined) throw new UserError('There is no training to go on with; start one first');
    const there = await this.#unfinished.asOnDisk(run);
    if (there === undefined) {
      await this.forget(run.modelPath);
      throw new UserError(`The checkpoints of ${run.title} are gone; train it anew`);
    }
    // Another wish may have come first.
    return this.#isRunning ? undefined : { ...there, offered: false };
  }

  #goOn(run: UnfinishedRun, wish: TrainingWish, how: 'resume' | 'keep'): void {
    this.#setup = undefined;
    this.#current.train(run, wish, how);
  }
}

function runTitle({ title, eats }: ArchitectureRow, { name }: WorkspaceIdentity): string {
  return eats === 'text' ? `${title} on "${name}"` : `${title} on the images of "${name}"`;
}

/** What is worth knowing before another training begins. */
function remarkOf({ left }: AllowedPlace, paused: UnfinishedRun | undefined, heldBytes: number): string {
  const remarks = [
    left.length > 0 && `Not read: ${left.join(', ')}.`,
    paused && `${paused.title} stays paused: Manage Models... resumes it.`,
    heldBytes > checkpointQuotaBytes &&
      `Trainings that are not finished hold ${sizeText(heldBytes)}; delete some in Manage Models.`,
  ];
  return remarks.filter((remark) => typeof remark === 'string').join(' ');
}
