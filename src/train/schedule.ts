// Learning rates by step number: warm-up, then a cosine (Loshchilov & Hutter 2017, arXiv 1608.03983) or "stay, then decay linearly"
// (WSD: Hu et al. 2024, arXiv 2404.06395). The rate is a function of the step and the plan alone. With a budget of minutes the plan
// is completed by the clock once, on the way; a run by steps with the recorded plan then takes the same rates.

import type { TrainBudget } from './trainOptions.ts';

export type ScheduleKind = 'cosine' | 'wsd';

export interface Schedule {
  readonly kind: ScheduleKind;
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** WSD: the share of the run, at its end, in which the rate falls. */
  readonly decayFraction: number;
}

export interface SchedulePlan {
  /** The last step at the full rate. */
  readonly decayStart: number;
  /** The last step of the run. */
  readonly totalSteps: number;
}

/** The cosine ends at this share of the full rate. */
const cosineFloor = 0.1;

/** `decayStart` is given to reproduce a run whose plan the clock made. */
export function planBySteps(schedule: Schedule, totalSteps: number, decayStart?: number): SchedulePlan {
  const decaySteps = Math.round(totalSteps * schedule.decayFraction);
  const fallback = schedule.kind === 'cosine' ? schedule.warmupSteps : totalSteps - decaySteps;
  return { totalSteps, decayStart: Math.min(totalSteps, decayStart ?? fallback) };
}

/**
 * The plan of a run of `budgetMs`, made after `steps` steps took `elapsedMs`, when the time for it has come; until then undefined,
 * and the run stays at the full rate. The pace so far, validation and checkpoints included, says how many steps the rest holds.
 */
export function planByClock(
  schedule: Schedule,
  steps: number,
  elapsedMs: number,
  budgetMs: number,
): SchedulePlan | undefined {
  const wsdDue = elapsedMs >= budgetMs * (1 - schedule.decayFraction);
  const cosineDue = steps >= schedule.warmupSteps || elapsedMs >= budgetMs / 2;
  if (steps === 0 || !(schedule.kind === 'wsd' ? wsdDue : cosineDue)) return undefined;
  const remainingSteps = Math.max(0, budgetMs - elapsedMs) / (elapsedMs / steps);
  return { decayStart: steps, totalSteps: steps + Math.max(1, Math.round(remainingSteps)) };
}

/** The rate of step `step`; the first is 1. */
export function learningRateAt(schedule: Schedule, plan: SchedulePlan | undefined, step: number): number {
  const warmth = Math.min(1, step / Math.max(1, schedule.warmupSteps));
  if (!plan || step <= plan.decayStart) return schedule.learningRate * warmth;
  const { decayStart, totalSteps } = plan;
  // In (0, 1]: step totalSteps still moves.
  const remaining = Math.max(0, totalSteps + 1 - step) / (totalSteps + 1 - decayStart);
  if (schedule.kind === 'wsd') return schedule.learningRate * Math.min(warmth, remaining);
  const cosine = 0.5 - 0.5 * Math.cos(Math.PI * remaining);
  return schedule.learningRate * Math.min(warmth, cosineFloor + (1 - cosineFloor) * cosine);
}

/**
 * The plan of a run whose validation has not improved since `bestStep` at the full rate: from there the same share decays as of a
 * planned one, in at most `mostSteps` steps. Often there is more to be learnt at a lower rate.
 */
export function planAtPlateau(
  schedule: Schedule,
  step: number,
  { bestStep, mostSteps }: { readonly bestStep: number; readonly mostSteps: number },
): SchedulePlan {
  const share = Math.min(0.5, schedule.decayFraction);
  const decaySteps = Math.min(mostSteps, Math.round((bestStep * share) / (1 - share)));
  return { decayStart: step, totalSteps: step + Math.max(1, Math.ceil(decaySteps)) };
}

/** By the pace of the whole run, validation, checkpoints and what came before an interruption included. Undefined: until stopped. */
export function remainingMs(
  budget: TrainBudget,
  step: number,
  { elapsedMs, plan }: { readonly elapsedMs: number; readonly plan: SchedulePlan | null },
): number | undefined {
  const totalSteps = plan?.totalSteps ?? ('steps' in budget ? budget.steps : undefined);
  if (totalSteps !== undefined) return ((totalSteps - step) * elapsedMs) / Math.max(1, step);
  return 'minutes' in budget ? budget.minutes * 60_000 - elapsedMs : undefined;
}
