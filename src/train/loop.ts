// One training run: steps, validation on what is held out, checkpoints, until the steps or the minutes are over, validation no longer
// improves, the loss is no number any more, or someone asks it to stop. Same options, data, seed, threads and
// runtime: same bits, also across interruptions.
import { DisposableStore } from '../base/disposable.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Runtime } from '../runtime/session.ts';
import type { CarriedStates } from './carriedStates.ts';
import { type RunState, savedFloats, type ValidationRecord } from './checkpoint.ts';
import type { Muon } from './muon.ts';
import type { AdamW } from './optimizer.ts';
import { createOptimizer } from './optimizers.ts';
import type { ParameterMemory } from './parameterMemory.ts';
import { begin } from './resumption.ts';
import { learningRateAt, planAtPlateau, planByClock, type SchedulePlan } from './schedule.ts';
import type { HeldOutRows, RowSource } from './trainingData.ts';
import type { TrainOptions } from './trainOptions.ts';
import { TrainSession } from './trainSession.ts';
import { validationLoss } from './validation.ts';

export type TrainEvent =
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly lossNats: number;
      readonly gradientNorm: number;
      readonly learningRate: number;
      readonly symbolsPerSecond: number;
    }
  /** Bits for each byte or channel value, as the data counts. */
  | { readonly kind: 'validation'; readonly step: number; readonly lossNats: number; readonly bits: number }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string }
  | ({ readonly kind: 'done' } & TrainSummary);

export interface TrainSummary {
  /**
   * Converged: validation no longer improved. Kept: it was asked to finish early. Stopped: by the signal; the checkpoint continues it.
   */
  readonly reason: 'completed' | 'converged' | 'kept' | 'stopped';
  readonly step: number;
  readonly symbolsSeen: number;
  readonly elapsedMs: number;
  /** The last step at the full learning rate: `steps` and this reproduce a run by minutes. Null: not known, or it went back to its best. */
  readonly decayStart: number | null;
  readonly bestStep: number;
  /** Of the best validation, for each byte or channel value. */
  readonly bits: number | null;
}

/** Interruptions do not count. */
export interface RunProgress {
  readonly elapsedMs: number;
  readonly symbolsSeen: number;
  /** Null: the clock has not made it yet. */
  readonly plan: SchedulePlan | null;
}

export interface TrainResult extends TrainSummary {
  /** Holds the parameters of `bestStep`, unless the run was stopped. */
  readonly memory: ParameterMemory;
}

export interface TrainDependencies {
  readonly runtime: Runtime;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onEvent: (event: TrainEvent, progress: RunProgress) => void;
  /** What a person should know and cannot be an event: a full disk, a damaged checkpoint, changed data. */
  readonly onWarning: (message: string) => void;
  /** Before the first step: where it begins. */
  readonly onBegin?: (start: { readonly step: number; readonly memory: ParameterMemory }) => void;
  /** Between two steps, such as to let messages in or to draw a sample from the parameters as they are. */
  readonly betweenSteps?: (step: number) => Promise<void>;
  /** Writes a checkpoint and ends; the run can be resumed. */
  readonly signal?: AbortSignal;
  /** Ends the run as if it were completed: measured, and the best recalled. */
  readonly finish?: AbortSignal;
}

/** The loss, or its gradient, is no number any more. */
export class DivergenceError extends UserError {
  readonly step: number;

  constructor(step: number, message: string) {
    super(message);
    this.step = step;
  }
}

/** How much of the smoothed time per step is the newest step. */
const newestShare = 0.1;

/** @throws DivergenceError when the loss is no number, and UserError when nothing fits to be resumed, and when the last checkpoint cannot be written. */
export async function train(options: TrainOptions, dependencies: TrainDependencies): Promise<TrainResult> {
  const memory = TrainSession.memoryFor(dependencies.runtime, options);
  const store = new DisposableStore();
  try {
    const session = store.add(await TrainSession.create(dependencies.runtime, options, memory));
    const optimizer = await createOptimizer(dependencies.runtime, memory, options, store);
    await options.checkpoints.removeUnfinished();
    const states = session.newStates(options.batch * options.accumulation);
    const beginning = await begin(options, memory, states, dependencies.onWarning);
    dependencies.onBegin?.({ step: beginning.state.step, memory });
    return await new Run(options, dependencies, { ...beginning, memory, session, optimizer, states }).toItsEnd();
  } finally {
    store.dispose();
  }
}

interface RunParts {
  readonly state: RunState;
  readonly random: Random;
  readonly rows: RowSource;
  readonly memory: ParameterMemory;
  readonly session: TrainSession;
  readonly optimizer: AdamW | Muon;
  readonly states: CarriedStates;
  readonly dataChanged: boolean;
}

class Run {
  readonly #options: TrainOptions;
  readonly #dependencies: TrainDependencies;
  readonly #parts: RunParts;
  readonly #heldOut: HeldOutRows | undefined;
  readonly #row: Int32Array;
  /** When a run without interruptions would have begun. */
  readonly #startMs: number;
  #state: RunState;
  #msPerStep: number | undefined;
  #savedStep: number;

  constructor(options: TrainOptions, dependencies: TrainDependencies, parts: RunParts) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#parts = parts;
    this.#heldOut = options.data.heldOut(options.batch, options.time);
    this.#row = new Int32Array(options.time + 1);
    this.#state = parts.state;
    this.#startMs = dependencies.now() - parts.state.elapsedMs;
    this.#savedStep = options.resume ? parts.state.step : -1;
  }

  async toItsEnd(): Promise<TrainResult> {
    const { signal, finish, betweenSteps } = this.#dependencies;
    const { validateEverySteps, checkpointEverySteps } = this.#options;
    if (this.#parts.dataChanged) {
      // Numbers on other data are no mark for those to come.
      this.#state = { ...this.#state, lastValidation: null, bestValidation: null, staleValidations: 0 };
      await this.#validate();
    }
    while (!this.#isOver && !signal?.aborted && !finish?.aborted) {
      this.#planByClock();
      await this.#takeStep();
      const { step } = this.#state;
      if (this.#isOver || step % validateEverySteps === 0) await this.#validate();
      const improved = this.#state.bestValidation?.step === step;
      if (!this.#isOver && (improved || step % checkpointEverySteps === 0)) {
        await this.#saveOrWarn();
      }
      await betweenSteps?.(step);
    }
    const isKept = !this.#isOver && finish?.aborted === true;
    if (isKept && this.#state.step > 0 && this.#state.lastValidation?.step !== this.#state.step) await this.#validate();
    if (this.#savedStep !== this.#state.step || isKept) await this.#saveLast();
    return this.#end(this.#isOver ? (this.#hasConverged ? 'converged' : 'completed') : isKept ? 'kept' : 'stopped');
  }

  get #isOver(): boolean {
    const { plan, step } = this.#state;
    return (plan !== null && step >= plan.totalSteps) || this.#isOutOfPatience;
  }

  /** While it is, the next thing to happen is its end: a rate that begins to fall is given new patience. */
  get #isOutOfPatience(): boolean {
    const { patience } = this.#options;
    return patience !== undefined && this.#state.staleValidations >= patience;
  }

  get #hasConverged(): boolean {
    return this.#isOutOfPatience || this.#state.plateauStep !== null;
  }

  get #elapsedMs(): number {
    return this.#dependencies.now() - this.#startMs;
  }

  #planByClock(): void {
    const { budget, schedule } = this.#options;
    if (!('minutes' in budget) || this.#state.plan) return;
    const plan = planByClock(schedule, this.#state.step, this.#elapsedMs, budget.minutes * 60_000);
    if (plan) this.#state = { ...this.#state, plan, staleValidations: 0 };
  }

  async #takeStep(): Promise<void> {
    const { batch, time, accumulation, schedule } = this.#options;
    const { session, states, rows, random, optimizer } = this.#parts;
    const stepStartMs = this.#dependencies.now();
    const step = this.#state.step + 1;
    let lossNats = 0;
    for (let part = 0; part < accumulation; part++) {
      const firstSlot = part * batch;
      for (let i = 0; i < batch; i++) {
        if (!rows.fill(firstSlot + i, this.#row)) states.reset(firstSlot + i);
        session.setRow(i, this.#row);
      }
      lossNats += (await session.run({ accumulate: part > 0, from: { states, firstSlot } })) / accumulation;
    }
    const learningRate = learningRateAt(schedule, this.#state.plan ?? undefined, step);
    const gradientNorm = Number.isFinite(lossNats)
      ? await optimizer.update(step, learningRate, 1 / accumulation)
      : Number.NaN;
    if (!Number.isFinite(gradientNorm)) throw await this.#divergence(step, lossNats);
    const stepEndMs = this.#dependencies.now();
    const stepMs = stepEndMs - stepStartMs;
    this.#msPerStep =
      this.#msPerStep === undefined ? stepMs : this.#msPerStep + newestShare * (stepMs - this.#msPerStep);
    const symbolsPerStep = batch * time * accumulation;
    const symbolsPerSecond = Math.round(symbolsPerStep / (Math.max(this.#msPerStep, 1e-3) / 1000));
    this.#state = {
      ...this.#state,
      step,
      random: random.state,
      rowPosition: rows.position,
      symbolsSeen: this.#state.symbolsSeen + symbolsPerStep,
      elapsedMs: stepEndMs - this.#startMs,
    };
    this.#tell({ kind: 'step', step, lossNats, gradientNorm, learningRate, symbolsPerSecond });
  }

  async #validate(): Promise<void> {
    if (!this.#heldOut) return;
    const { step, bestValidation: best } = this.#state;
    const { lossNats, bits } = await validationLoss(this.#parts.session, this.#options.batch, this.#heldOut);
    const lastValidation = { step, lossNats, bits };
    const better = !best || bits < best.bits;
    this.#state = {
      ...this.#state,
      lastValidation,
      bestValidation: better ? lastValidation : best,
      staleValidations: better ? 0 : this.#state.staleValidations + 1,
    };
    this.#tell({ kind: 'validation', ...lastValidation });
    if (this.#isOutOfPatience && this.#state.plan === null) await this.#beginToFall();
  }

  /** From the best on: what came after it was learnt by heart. */
  async #beginToFall(): Promise<void> {
    const { budget, schedule } = this.#options;
    const { step, bestValidation } = this.#state;
    const msLeft = 'minutes' in budget ? Math.max(0, budget.minutes * 60_000 - this.#elapsedMs) : Infinity;
    const mostSteps = msLeft / (Math.max(1, this.#elapsedMs) / step);
    const plan = planAtPlateau(schedule, step, { bestStep: bestValidation?.step ?? step, mostSteps });
    this.#state = { ...this.#state, plan, plateauStep: step, staleValidations: 0 };
    if (bestValidation) await this.#goBackTo(bestValidation.step);
  }

  /** Parameters and the optimizer's memory are those of an earlier step again; steps and rows go on. */
  async #goBackTo(step: number): Promise<void> {
    const { memory, states } = this.#parts;
    const floats = [...savedFloats(memory), ...states.buffers];
    const present = floats.map((values) => values.slice());
    try {
      await this.#options.checkpoints.load(step, memory, states.buffers);
    } catch (error) {
      for (const [index, values] of floats.entries()) values.set(present[index]!);
      this.#dependencies.onWarning(`${messageOf(error)}; the learning rate falls from step ${this.#state.step} on`);
    }
  }

  async #save(): Promise<void> {
    this.#state = { ...this.#state, elapsedMs: this.#elapsedMs };
    const { memory, states } = this.#parts;
    const path = await this.#options.checkpoints.save(this.#state, memory, states.buffers);
    this.#savedStep = this.#state.step;
    this.#tell({ kind: 'checkpoint', step: this.#state.step, path });
  }

  /** A run of hours does not end because the disk is full for a while. */
  async #saveOrWarn(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      const kept = await this.#lastGood();
      this.#dependencies.onWarning(`${messageOf(error)}; the training goes on and will try again, ${kept}`);
    }
  }

  async #saveLast(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const kept = await this.#lastGood();
      throw new UserError(`${error.message}; ended at step ${this.#state.step}, ${kept}`, { cause: error });
    }
  }

  async #end(reason: TrainSummary['reason']): Promise<TrainResult> {
    const best = reason === 'stopped' ? this.#state.bestValidation : await this.#recallBest();
    const summary: TrainSummary = {
      reason,
      step: this.#state.step,
      symbolsSeen: this.#state.symbolsSeen,
      elapsedMs: Math.round(this.#elapsedMs),
      decayStart: this.#state.plateauStep === null ? (this.#state.plan?.decayStart ?? null) : null,
      bestStep: best?.step ?? this.#state.step,
      bits: best?.bits ?? null,
    };
    this.#tell({ kind: 'done', ...summary });
    return { ...summary, memory: this.#parts.memory };
  }

  /** Fills the memory with the parameters of the best validation; with the last when those were lost to a full disk. */
  async #recallBest(): Promise<ValidationRecord | null> {
    const { checkpoints } = this.#options;
    const { memory, states } = this.#parts;
    const best = this.#state.bestValidation;
    if (!best || best.step === this.#state.step) return best;
    try {
      await checkpoints.load(best.step, memory, states.buffers);
      return best;
    } catch (error) {
      this.#dependencies.onWarning(`${messageOf(error)}; the last parameters take the place of the best`);
      await checkpoints.load(this.#state.step, memory, states.buffers);
      return this.#state.lastValidation;
    }
  }

  async #divergence(step: number, lossNats: number): Promise<DivergenceError> {
    const { learningRate } = this.#options.schedule;
    return new DivergenceError(
      step,
      `step ${step}: the loss is ${lossNats} and its gradient is not finite; stopped, ${await this.#lastGood()}; ` +
        `use a learning rate below ${learningRate}`,
    );
  }

  async #lastGood(): Promise<string> {
    const { checkpoints } = this.#options;
    const [last] = await checkpoints.steps();
    return last === undefined ? 'there is no earlier checkpoint' : `the last good state is ${checkpoints.fileOf(last)}`;
  }

  #tell(event: TrainEvent): void {
    const { elapsedMs, symbolsSeen, plan } = this.#state;
    this.#dependencies.onEvent(event, { elapsedMs, symbolsSeen, plan });
  }
}
