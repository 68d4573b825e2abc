// What a finished model says of its run: the options that make the same run again.
import type { Provenance } from '../formats/modelFolder.ts';
import type { TrainSummary } from './loop.ts';
import type { TrainOptions } from './trainOptions.ts';

export function trainingRecord(
  options: TrainOptions,
  { step, decayStart, bestStep }: Pick<TrainSummary, 'step' | 'decayStart' | 'bestStep'>,
): Omit<Provenance, 'data' | 'validation'> {
  const { binarization } = options.data.settings;
  const { batch, accumulation, time, schedule, optimizer, weightDecay, clipNorm } = options;
  return {
    steps: bestStep,
    symbols: bestStep * batch * time * accumulation,
    seed: options.seed,
    totalSteps: step,
    ...(decayStart === null ? {} : { decayStart }),
    warmupSteps: schedule.warmupSteps,
    batch,
    accumulation,
    time,
    schedule: schedule.kind,
    learningRate: schedule.learningRate,
    optimizer,
    weightDecay,
    clipNorm,
    validateEverySteps: options.validateEverySteps,
    threads: options.threads,
    ...(typeof binarization === 'string' && binarization !== 'none' && { binarization }),
  };
}
