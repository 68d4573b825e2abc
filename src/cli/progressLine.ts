// What a person sees of a run on stderr: a line that is redrawn at each step, and lasting lines for validation and checkpoints.
import type { RunProgress, TrainEvent } from '../train/loop.ts';
import { remainingMs } from '../train/schedule.ts';
import type { TrainingData } from '../train/trainingData.ts';
import type { TrainBudget } from '../train/trainOptions.ts';

export interface Shown {
  /** Replaces the status line. */
  readonly status?: string;
  /** Stays. */
  readonly lasting?: string;
}

/** A lasting line every so many steps, for logs that are no terminal. */
const lastingEverySteps = 50;

export function progressLine(
  budget: TrainBudget,
  event: TrainEvent,
  progress: RunProgress,
  unit: TrainingData['unit'] = 'byte',
): Shown {
  switch (event.kind) {
    case 'step': {
      const status =
        `step ${event.step}  loss ${event.lossNats.toFixed(3)} nats  ${event.symbolsPerSecond} symbols/s  ` +
        `rate ${event.learningRate.toPrecision(3)}${left(budget, event.step, progress)}`;
      return event.step % lastingEverySteps === 0 ? { status, lasting: status } : { status };
    }
    case 'validation':
      return {
        lasting: `step ${event.step}  validation ${event.lossNats.toFixed(4)} nats  ${event.bits.toFixed(4)} bits per ${unit}`,
      };
    case 'checkpoint':
      return { lasting: `step ${event.step}  checkpoint ${event.path}` };
    case 'done':
      return {
        lasting:
          `${event.reason} after step ${event.step}, ${duration(event.elapsedMs)}; best at step ${event.bestStep}` +
          (event.reason === 'completed' ? again(event) : ''),
      };
  }
}

function left(budget: TrainBudget, step: number, progress: RunProgress): string {
  const ms = remainingMs(budget, step, progress);
  return ms === undefined ? '' : `  ${duration(ms)} left`;
}

function again({ step, decayStart }: Extract<TrainEvent, { kind: 'done' }>): string {
  return decayStart === null ? '' : `; --steps ${step} --decay-start ${decayStart} makes the same run`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
