// One training run: steps, validation on held-out documents, checkpoints, until the steps or the minutes are over, the loss is no
// number any more, or someone asks it to stop. Same options, data, seed and threads: same bits, also across interruptions.
import { DisposableStore } from '../base/disposable.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import type { AnyArchitecture } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type { CheckpointStore, RunState } from './checkpoint.ts';
import { type Corpus, fingerprintOf } from './corpus.ts';
import { Muon } from './muon.ts';
import { AdamW } from './optimizer.ts';
import { ParameterMemory } from './parameterMemory.ts';
import { type RowMix, RowSampler } from './rowSampler.ts';
import { learningRateAt, planByClock, planBySteps, type Schedule } from './schedule.ts';
import { TrainSession } from './trainSession.ts';
import { validationLoss, validationWindows } from './validation.ts';

/** Steps in all, or minutes in all; interruptions do not count. */
export type TrainBudget = { readonly steps: number; readonly decayStart?: number } | { readonly minutes: number };

export const optimizerNames = ['adamw', 'muon'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export interface TrainOptions {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  readonly codec: TextCodec;
  readonly training: Corpus;
  /** Without: no validation, and the last parameters are the best. */
  readonly validation?: Corpus;
  readonly checkpoints: CheckpointStore;
  readonly resume: boolean;
  readonly budget: TrainBudget;
  readonly batch: number;
  /** Batches whose gradients are averaged for one update. */
  readonly accumulation: number;
  readonly time: number;
  readonly schedule: Schedule;
  /** `muon` for the hidden matrices of a model, with AdamW for the rest; or AdamW for all. */
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly mix: RowMix;
  readonly seed: number;
  readonly validateEverySteps: number;
  readonly checkpointEverySteps: number;
  readonly threads: number;
}

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

export interface TrainResult extends TrainSummary {
  /** Holds the parameters of `bestStep` when the run is completed. */
  readonly memory: ParameterMemory;
}

export interface TrainDependencies {
  readonly runtime: Runtime;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onEvent: (event: TrainEvent) => void;
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
  { now, onEvent, onWarning, signal }: TrainDependencies,
  memory: ParameterMemory,
  session: TrainSession,
  optimizer: AdamW | Muon,
): Promise<TrainResult> {
  const { batch, time, codec, schedule, budget, checkpoints } = options;
  let state = await firstState(options, memory, onWarning);
  const random = new Random(state.random);
  const sampler = new RowSampler(options.training, codec, options.mix, random);
  const windows = options.validation && validationWindows(options.validation, codec, batch, time);
  const row = new Int32Array(time + 1);
  const symbolsPerStep = batch * time * options.accumulation;
  // When a run without interruptions would have begun.
  const startMs = now() - state.elapsedMs;
  let msPerStep: number | undefined;
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
    const stepMs = now() - stepStartMs;
    msPerStep = msPerStep === undefined ? stepMs : msPerStep + newestShare * (stepMs - msPerStep);
    const symbolsPerSecond = Math.round(symbolsPerStep / (Math.max(msPerStep, 1e-3) / 1000));
    state = { ...state, step, random: random.state, symbolsSeen: state.symbolsSeen + symbolsPerStep };
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

  const summary: TrainSummary = {
    reason: isOver() ? 'completed' : 'stopped',
    step: state.step,
    symbolsSeen: state.symbolsSeen,
    elapsedMs: Math.round(now() - startMs),
    decayStart: state.plan?.decayStart ?? null,
    bestStep: state.bestValidation?.step ?? state.step,
    bitsPerByte: state.bestValidation?.bitsPerByte ?? null,
  };
  onEvent({ kind: 'done', ...summary });
  if (summary.reason === 'completed' && summary.bestStep !== state.step)
    await checkpoints.load(summary.bestStep, memory);
  return { ...summary, memory };
}

/** Of a new run, or of the newest usable checkpoint, which then also fills the memory. */
async function firstState(
  options: TrainOptions,
  memory: ParameterMemory,
  onWarning: (message: string) => void,
): Promise<RunState> {
  const { budget, schedule } = options;
  const identity = identityOf(options);
  const plan = 'steps' in budget ? planBySteps(schedule, budget.steps, budget.decayStart) : null;
  const loaded = options.resume ? await options.checkpoints.loadLatest(memory) : undefined;
  if (loaded) {
    for (const reason of loaded.passedOver) onWarning(`${reason}; going on from ${loaded.file}`);
    compareIdentity(loaded.state.identity, identity, loaded.file, onWarning);
    return { ...loaded.state, plan: plan ?? loaded.state.plan };
  }
  const random = new Random(options.seed);
  memory.initialize(random);
  return {
    step: 0,
    random: random.state,
    symbolsSeen: 0,
    elapsedMs: 0,
    plan,
    lastValidation: null,
    bestValidation: null,
    identity,
  };
}

function identityOf(options: TrainOptions): Readonly<Record<string, unknown>> {
  const {
    architecture,
    config,
    codec,
    batch,
    accumulation,
    time,
    schedule,
    optimizer,
    weightDecay,
    clipNorm,
    mix,
    seed,
  } = options;
  return {
    architecture: architecture.name,
    config,
    codec: codec.kind,
    batch,
    accumulation,
    time,
    schedule,
    optimizer,
    weightDecay,
    clipNorm,
    mix,
    seed,
    threads: options.threads,
    training: fingerprintOf(options.training),
    validation: options.validation ? fingerprintOf(options.validation) : null,
  };
}

/** These may change: the run goes on and is told that it is another one from here. */
const mayDiffer = ['threads', 'training', 'validation'];

function compareIdentity(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  file: string,
  onWarning: (message: string) => void,
): void {
  for (const [name, value] of Object.entries(now)) {
    const [then, here] = [JSON.stringify(before[name]), JSON.stringify(value)];
    if (then === here) continue;
    if (!mayDiffer.includes(name)) {
      throw new UserError(
        `${file}: ${name} was ${then}, now it is ${here}; resume with the same, or train into another folder`,
      );
    }
    onWarning(`${file}: ${name} was ${then}, now it is ${here}; from here on this is not the run it would have been`);
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
