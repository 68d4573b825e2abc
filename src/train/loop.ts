// One training run: steps, validation on held-out documents, checkpoints, until the steps or the minutes are over, the loss is no
// number any more, or someone asks it to stop. Same options, data, seed and threads: same bits, also across interruptions.
import { DisposableStore } from '../base/disposable.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import type { Runtime } from '../runtime/session.ts';
import type { CheckpointStore, RunState, ValidationRecord } from './checkpoint.ts';
import { Muon } from './muon.ts';
import { AdamW } from './optimizer.ts';
import { ParameterMemory } from './parameterMemory.ts';
import { firstState } from './resumption.ts';
import { RowSampler } from './rowSampler.ts';
import { learningRateAt, planByClock, type SchedulePlan } from './schedule.ts';
import type { TrainOptions } from './trainOptions.ts';
import { TrainSession } from './trainSession.ts';
import { validationLoss, validationWindows } from './validation.ts';

export type TrainEvent =
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly lossNats: number;
      readonly gradientNorm: number;
      readonly learningRate: number;
      readonly symbolsPerSecond: number;
    }
  | { readonly kind: 'validation'; readonly step: number; readonly lossNats: number; readonly bitsPerByte: number }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string }
  | ({ readonly kind: 'done' } & TrainSummary);

export interface TrainSummary {
  /** Stopped: by the signal; the checkpoint continues it. */
  readonly reason: 'completed' | 'stopped';
  readonly step: number;
  readonly symbolsSeen: number;
  readonly elapsedMs: number;
  /** The last step at the full learning rate, once it is known: `steps` and this reproduce a run by minutes. */
  readonly decayStart: number | null;
  readonly bestStep: number;
  readonly bitsPerByte: number | null;
}

/** Interruptions do not count. */
export interface RunProgress {
  readonly elapsedMs: number;
  /** Null: the clock has not made it yet. */
  readonly plan: SchedulePlan | null;
}

export interface TrainResult extends TrainSummary {
  /** Holds the parameters of `bestStep` when the run is completed. */
  readonly memory: ParameterMemory;
}

export interface TrainDependencies {
  readonly runtime: Runtime;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onEvent: (event: TrainEvent, progress: RunProgress) => void;
  /** What a person should know and cannot be an event: a full disk, a damaged checkpoint, changed data. */
  readonly onWarning: (message: string) => void;
  readonly signal?: AbortSignal;
}

const adam = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 };
/** How much of the smoothed time per step is the newest step. */
const newestShare = 0.1;

/** @throws UserError when the loss is no number, when nothing fits to be resumed, and when the last checkpoint cannot be written. */
export async function train(options: TrainOptions, dependencies: TrainDependencies): Promise<TrainResult> {
  const memory = new ParameterMemory(options.architecture.parameters(options.config));
  const store = new DisposableStore();
  try {
    const session = store.add(await TrainSession.create(dependencies.runtime, options, memory));
    const settings = { ...adam, weightDecay: options.weightDecay, clipNorm: options.clipNorm };
    const optimizer =
      options.optimizer === 'muon'
        ? store.add(await Muon.create(dependencies.runtime, memory, settings, options.threads))
        : new AdamW(memory, settings);
    return await run(options, dependencies, memory, session, optimizer);
  } finally {
    store.dispose();
  }
}

async function run(
  options: TrainOptions,
  { now, onEvent: tell, onWarning, signal }: TrainDependencies,
  memory: ParameterMemory,
  session: TrainSession,
  optimizer: AdamW | Muon,
): Promise<TrainResult> {
  const { batch, time, codec, schedule, budget, checkpoints } = options;
  await checkpoints.removeUnfinished();
  let state = await firstState(options, memory, onWarning);
  const random = new Random(state.random);
  const sampler = new RowSampler(options.training, codec, options.mix, random);
  const windows = options.validation && validationWindows(options.validation, codec, batch, time);
  const row = new Int32Array(time + 1);
  const symbolsPerStep = batch * time * options.accumulation;
  // When a run without interruptions would have begun.
  const startMs = now() - state.elapsedMs;
  let msPerStep: number | undefined;
  const onEvent = (event: TrainEvent) => tell(event, { elapsedMs: state.elapsedMs, plan: state.plan });
  let savedStep = options.resume ? state.step : -1;

  const takeStep = async () => {
    const stepStartMs = now();
    const step = state.step + 1;
    let lossNats = 0;
    for (let part = 0; part < options.accumulation; part++) {
      for (let i = 0; i < batch; i++) {
        sampler.fill(row);
        session.setRow(i, row);
      }
      lossNats += (await session.run({ accumulate: part > 0 })) / options.accumulation;
    }
    const learningRate = learningRateAt(schedule, state.plan ?? undefined, step);
    const gradientNorm = Number.isFinite(lossNats)
      ? await optimizer.update(step, learningRate, 1 / options.accumulation)
      : Number.NaN;
    if (!Number.isFinite(gradientNorm)) throw await divergence(checkpoints, step, lossNats, schedule.learningRate);
    const stepEndMs = now();
    const stepMs = stepEndMs - stepStartMs;
    msPerStep = msPerStep === undefined ? stepMs : msPerStep + newestShare * (stepMs - msPerStep);
    const symbolsPerSecond = Math.round(symbolsPerStep / (Math.max(msPerStep, 1e-3) / 1000));
    const symbolsSeen = state.symbolsSeen + symbolsPerStep;
    state = { ...state, step, random: random.state, symbolsSeen, elapsedMs: stepEndMs - startMs };
    onEvent({ kind: 'step', step, lossNats, gradientNorm, learningRate, symbolsPerSecond });
  };
  const validate = async () => {
    if (!windows) return;
    const lastValidation = { step: state.step, ...(await validationLoss(session, windows)) };
    const best = state.bestValidation;
    const better = !best || lastValidation.bitsPerByte < best.bitsPerByte;
    state = { ...state, lastValidation, bestValidation: better ? lastValidation : best };
    onEvent({ kind: 'validation', ...lastValidation });
  };
  const save = async () => {
    state = { ...state, elapsedMs: now() - startMs };
    const path = await checkpoints.save(state, memory);
    savedStep = state.step;
    onEvent({ kind: 'checkpoint', step: state.step, path });
  };
  const isOver = () => state.plan !== null && state.step >= state.plan.totalSteps;

  while (!isOver() && !signal?.aborted) {
    if ('minutes' in budget && !state.plan) {
      const plan = planByClock(schedule, state.step, now() - startMs, budget.minutes * 60_000);
      if (plan) state = { ...state, plan };
    }
    await takeStep();
    if (isOver() || state.step % options.validateEverySteps === 0) await validate();
    const improved = state.bestValidation?.step === state.step;
    if (!isOver() && (improved || state.step % options.checkpointEverySteps === 0)) {
      await save().catch((error: unknown) => onWarning(messageOf(error)));
    }
  }
  if (savedStep !== state.step) await save();

  const reason = isOver() ? 'completed' : 'stopped';
  const best = reason === 'completed' ? await recallBest(checkpoints, state, memory, onWarning) : state.bestValidation;
  const summary: TrainSummary = {
    reason,
    step: state.step,
    symbolsSeen: state.symbolsSeen,
    elapsedMs: Math.round(now() - startMs),
    decayStart: state.plan?.decayStart ?? null,
    bestStep: best?.step ?? state.step,
    bitsPerByte: best?.bitsPerByte ?? null,
  };
  onEvent({ kind: 'done', ...summary });
  return { ...summary, memory };
}

/** Fills the memory with the parameters of the best validation; with the last when those were lost to a full disk. */
async function recallBest(
  checkpoints: CheckpointStore,
  state: RunState,
  memory: ParameterMemory,
  onWarning: (message: string) => void,
): Promise<ValidationRecord | null> {
  const best = state.bestValidation;
  if (!best || best.step === state.step) return best;
  try {
    await checkpoints.load(best.step, memory);
    return best;
  } catch (error) {
    onWarning(`${messageOf(error)}; the last parameters take the place of the best`);
    await checkpoints.load(state.step, memory);
    return state.lastValidation;
  }
}

async function divergence(
  checkpoints: CheckpointStore,
  step: number,
  lossNats: number,
  learningRate: number,
): Promise<UserError> {
  const [last] = await checkpoints.steps();
  const kept =
    last === undefined ? 'there is no earlier checkpoint' : `the last good state is ${checkpoints.fileOf(last)}`;
  return new UserError(
    `step ${step}: the loss is ${lossNats} and its gradient is not finite; stopped, ${kept}; ` +
      `use a learning rate below ${learningRate}`,
  );
}
