// What a run is made of.
import type { AnyArchitecture } from '../models/registry.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Schedule } from './schedule.ts';
import type { TrainingData } from './trainingData.ts';

/** Steps in all, or minutes in all, where interruptions do not count; or until someone or the patience ends it. */
export type TrainBudget =
  | { readonly steps: number; readonly decayStart?: number }
  | { readonly minutes: number }
  | { readonly untilStopped: true };

export const optimizerNames = ['adamw', 'muon'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export interface TrainOptions {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  /** When it holds nothing out there is no validation, and the last parameters are the best. */
  readonly data: TrainingData;
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
  readonly seed: number;
  readonly validateEverySteps: number;
  /**
   * After so many validations that are no better than the best the rate falls, and after as many again the run ends by itself.
   * Undefined: it goes on.
   */
  readonly patience?: number;
  readonly checkpointEverySteps: number;
  readonly threads: number;
}
