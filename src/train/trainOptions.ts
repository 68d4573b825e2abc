// What a run is made of.
import type { TextCodec } from '../codecs/text.ts';
import type { AnyArchitecture } from '../models/registry.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Corpus } from './corpus.ts';
import type { RowMix } from './rowSampler.ts';
import type { Schedule } from './schedule.ts';

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
