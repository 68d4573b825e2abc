// How many threads a model is worth on this machine, by trying: fewer unless more are clearly faster, since every thread is a core that
// the editor and its language servers do not get, and a small model gains little from the second. Policy only: what a trial
// runs, when it may, and the clock are arguments. Numbers of threads double from trial to trial, and climbing ends where it no longer pays, so
// that hyper-threads, which share what a model needs most, are tried once and refused without being told apart from cores.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';

/** The same model in some number of threads. */
export interface ThreadTrial extends Disposable {
  readonly threads: number;
  /** What a request does, prefill and decoding. */
  sample(signal: AbortSignal): Promise<void>;
}

export interface ThreadClimb<T extends ThreadTrial> {
  /** Stays the caller's. */
  readonly first: T;
  /** Ascending; those above `first` are tried. */
  readonly candidates: readonly number[];
  open(threads: number): Promise<T>;
  /** Runs one piece of the work while nobody waits for an answer, and again from its beginning when it was aborted. @throws CancelledError */
  whenIdle<R>(piece: (signal: AbortSignal) => Promise<R>): Promise<R>;
  readonly clock: Pick<Clock, 'now'>;
}

export interface Comparison {
  readonly fewer: number;
  readonly more: number;
  /** How many times as fast the more threads are. */
  readonly speedup: number;
  /** Whether the samples agree: on a machine that is busy with something else they tell of that. */
  readonly steady: boolean;
}

/** Where several threads gain less, one is kept. */
export const leastSpeedup = 1.15;
/** More of them are no faster for models of the size that completes between two keystrokes. */
const mostThreads = 16;
/** Of all samples, in which a climb of two or three steps ends for the default model. */
const budgetMs = 150;
const [fewestRounds, mostRounds] = [3, 7];
/** The median of steady samples is not slower than their fastest by more. */
const unsteadiness = 1.3;

/** 1, 2, 4, ... and what there is. */
export function threadCandidates(numProcessors: number): number[] {
  const most = Math.min(mostThreads, Math.max(1, numProcessors));
  const candidates: number[] = [];
  for (let threads = 1; threads < most; threads *= 2) candidates.push(threads);
  return [...candidates, most];
}

/** Of samples that were taken in turns: the median of their own ratios, so that what slows the machine for a while counts for both. */
export function compare(
  fewer: { readonly threads: number; readonly ms: readonly number[] },
  more: { readonly threads: number; readonly ms: readonly number[] },
): Comparison {
  const speedup = median(fewer.ms.map((ms, i) => ms / more.ms[i]!));
  const steady = [fewer.ms, more.ms].every((ms) => median(ms) <= unsteadiness * Math.min(...ms));
  return { fewer: fewer.threads, more: more.threads, speedup, steady };
}

export function paysOff({ speedup }: Comparison): boolean {
  return speedup >= leastSpeedup;
}

/** The best trial, which is the caller's then; the others that were opened are disposed of. At most two are open at a time, `first` aside. */
export async function climbThreads<T extends ThreadTrial>(
  climb: ThreadClimb<T>,
): Promise<{ best: T; comparisons: Comparison[] }> {
  const { first, open, whenIdle } = climb;
  const candidates = climb.candidates.filter((threads) => threads > first.threads);
  const comparisons: Comparison[] = [];
  let best = first;
  const release = (trial: T) => {
    if (trial !== first) trial.dispose();
  };
  for (const threads of candidates) {
    let more: T;
    try {
      more = await whenIdle(() => open(threads));
    } catch (error) {
      release(best);
      throw error;
    }
    try {
      const comparison = await compareTrials(best, more, budgetMs / candidates.length, climb);
      comparisons.push(comparison);
      if (!paysOff(comparison)) {
        more.dispose();
        break;
      }
    } catch (error) {
      more.dispose();
      release(best);
      throw error;
    }
    release(best);
    best = more;
  }
  return { best, comparisons };
}

/** For the log. */
export function describeClimb(comparisons: readonly Comparison[]): string {
  const told = comparisons.map(({ fewer, more, speedup }) => `${more} ${speedup.toFixed(2)} times as fast as ${fewer}`);
  return `measured: ${told.join(', ')}; more are taken from ${leastSpeedup} times on`;
}

async function compareTrials(
  fewer: ThreadTrial,
  more: ThreadTrial,
  shareMs: number,
  { whenIdle, clock }: Pick<ThreadClimb<ThreadTrial>, 'whenIdle' | 'clock'>,
): Promise<Comparison> {
  const measure = (trial: ThreadTrial) =>
    whenIdle(async (signal) => {
      const startedAt = clock.now();
      await trial.sample(signal);
      return clock.now() - startedAt;
    });
  // The first run of a session finds its memory.
  await measure(more);
  await measure(fewer);
  const ms: [number[], number[]] = [[], []];
  let spentMs = 0;
  for (let round = 0; round < mostRounds && (round < fewestRounds || spentMs < shareMs); round++) {
    for (const [i, trial] of [fewer, more].entries()) {
      const sampleMs = await measure(trial);
      ms[i]!.push(sampleMs);
      spentMs += sampleMs;
    }
  }
  return compare({ threads: fewer.threads, ms: ms[0] }, { threads: more.threads, ms: ms[1] });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
