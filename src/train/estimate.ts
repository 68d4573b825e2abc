// What a training will take, from a few steps of it: time for each step, memory, and what a budget buys. Symbols are drawn at random, since
// a step takes as long whatever it learns.
import { DisposableStore } from '../base/disposable.ts';
import { throwIfCancelled } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { sizeOf } from '../base/tensor.ts';
import type { Runtime } from '../runtime/session.ts';
import { createOptimizer } from './optimizers.ts';
import type { TrainBudget, TrainOptions } from './trainOptions.ts';
import { TrainSession } from './trainSession.ts';

export type TrialOptions = Pick<
  TrainOptions,
  'architecture' | 'config' | 'batch' | 'time' | 'optimizer' | 'weightDecay' | 'clipNorm' | 'threads'
>;

export interface Trial {
  readonly msPerStep: number;
  readonly numParameters: number;
  /** Of the whole process, with one batch under way. */
  readonly memoryBytes: number;
}

export interface TrialDependencies {
  readonly runtime: Runtime;
  readonly now: () => number;
  /** Of the process, now. */
  readonly memoryBytes: () => number;
  /** Lets messages in between two steps. */
  readonly nextTurn: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** The first step, in which memory is laid out, does not count. */
const fewestSteps = 4;
const mostSteps = 12;
const enoughMs = 1500;

/** The median, which a moment of something else on the machine does not move. @throws CancelledError */
export async function tryOut(options: TrialOptions, dependencies: TrialDependencies): Promise<Trial> {
  const { architecture, config, batch, time, threads } = options;
  const { runtime, now, nextTurn, signal } = dependencies;
  const specs = architecture.parameters(config);
  const memory = TrainSession.memoryFor(runtime, { architecture, config, batch, time, threads });
  const random = new Random(1);
  memory.initialize(random);
  const store = new DisposableStore();
  try {
    const session = store.add(
      await TrainSession.create(runtime, { architecture, config, batch, time, threads }, memory),
    );
    const optimizer = await createOptimizer(runtime, memory, options, store);
    const numSymbols = architecture.vocabularySize(config) - 1;
    const row = new Int32Array(time + 1);
    const durations: number[] = [];
    let memoryBytes = 0;
    for (let left = enoughMs; durations.length < fewestSteps || (left > 0 && durations.length < mostSteps); ) {
      await nextTurn();
      throwIfCancelled(signal);
      const startMs = now();
      for (let slot = 0; slot < batch; slot++) {
        for (let i = 0; i < row.length; i++) row[i] = random.nextInteger(numSymbols);
        session.setRow(slot, row);
      }
      await session.run({ accumulate: false });
      await optimizer.update(durations.length + 1, 1e-4, 1);
      const took = now() - startMs;
      durations.push(took);
      left -= took;
      memoryBytes = Math.max(memoryBytes, dependencies.memoryBytes());
    }
    const numParameters = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { msPerStep: medianOf(durations.slice(1)), numParameters, memoryBytes };
  } finally {
    store.dispose();
  }
}

/** Of the steps' time: what validation, samples and checkpoints take beside them. */
const overhead = 0.1;

export function stepsPerMinute(msPerStep: number): number {
  return 60_000 / (Math.max(msPerStep, 1e-3) * (1 + overhead));
}

export interface Cadence {
  readonly validateEverySteps: number;
  readonly checkpointEverySteps: number;
}

const validationsInAll = 40;
const [mostOftenMs, leastOftenMs] = [10_000, 60_000];

/** Some forty validations in a budget; not so often that they cost more than they tell. A checkpoint twice a minute at least. */
export function cadenceOf(budget: TrainBudget, msPerStep: number): Cadence {
  const wanted = 'minutes' in budget ? (budget.minutes * 60_000) / validationsInAll : leastOftenMs / 2;
  const everyMs = Math.min(leastOftenMs, Math.max(mostOftenMs, wanted));
  const steps = (ms: number) => Math.max(1, Math.round(ms / Math.max(msPerStep, 1e-3)));
  return { validateEverySteps: steps(everyMs), checkpointEverySteps: steps(Math.min(everyMs, 30_000)) };
}

/** A short run has no time for a long warm-up: at most a twentieth of it. */
export function warmupOf(budget: TrainBudget, msPerStep: number, mostSteps: number): number {
  if ('untilStopped' in budget) return mostSteps;
  const numSteps = 'steps' in budget ? budget.steps : budget.minutes * stepsPerMinute(msPerStep);
  return Math.max(1, Math.min(mostSteps, Math.round(numSteps / 20)));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
