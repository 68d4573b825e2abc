// How many symbols to guess, when guesses that hold save runs and a run over more symbols takes longer (Leviathan et al. 2023,
// arXiv 2211.17192; our guesses are copied, see promptLookup.ts, and what is learnt of them is by how long the copy agreed before):
//
//   p[m]        a guess after m symbols of agreement holds; the j-th of a draft has m + j of them, if those before it held
//   expected    1 + p[m] + p[m] p[m + 1] + ...                                  symbols of a run that verifies n
//   cost        1 + slope n, slope by the size of n                             in runs of one symbol
//
// The n with the most symbols in a time is taken, none when that gains next to nothing. Both sides are measured as it goes: guesses
// also while none is tried, since they can be compared with what came, and what is not tried drifts back to what was believed at first.
import type { Clock } from '../base/clock.ts';

/** With the symbol stepped no run is longer than 16, which is what the threads of a model can be blocked for. */
export const maxDraft = 15;
/** Below, what is lost by the guesses that fail is as much as what is won. */
const minGain = 1.04;

interface Level {
  /** The last match length, or draft, that belongs to it. */
  readonly upTo: number;
  readonly prior: number;
}

/** Measured with the default model on this repository's sources, the first 12 symbols at each of 60 places; later more hold. */
const acceptanceLevels: readonly Level[] = [
  { upTo: 1, prior: 0.22 },
  { upTo: 2, prior: 0.33 },
  { upTo: 3, prior: 0.35 },
  { upTo: 4, prior: 0.55 },
  { upTo: 7, prior: 0.8 },
  { upTo: 12, prior: 0.9 },
  { upTo: Infinity, prior: 0.97 },
];
/** In runs of one symbol, for each symbol more: fp32 measured 0.07 to 0.15, int4 0.3 to 0.4. */
const costLevels: readonly Level[] = [1, 2, 4, 8, Infinity].map((upTo) => ({ upTo, prior: 0.2 }));

/** Weight of a guess in the acceptance of its level: some 20 count. */
const guessWeight = 1 / 20;
/** Medians of so many: what else runs on the machine makes some times several times as long. */
const timesKept = 15;
/** The prior counts as so many times taken; the second time that says otherwise is believed. */
const priorTimes = 2;
/** What was not tried in so many runs is a little forgotten. */
const runsUntilForgotten = 256;

export class Speculation {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #acceptance = acceptanceLevels.map(({ prior }) => prior);
  readonly #slopes = costLevels.map(({ prior }) => new RunningMedian(timesKept, Array(priorTimes).fill(prior)));
  readonly #runsSinceTried = costLevels.map(() => 0);
  /** Of runs of one symbol. */
  readonly #oneMs = new RunningMedian(timesKept, []);

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Another text: it may repeat less than the last, so half of what was learnt of guesses is believed of it. */
  begin(): void {
    for (const [level, { prior }] of acceptanceLevels.entries()) {
      this.#acceptance[level]! += (prior - this.#acceptance[level]!) / 2;
    }
  }

  /** How many to guess after so many symbols of agreement, at most `most`. */
  draftLength(matchLength: number, most: number): number {
    // Nothing is known of a model's cost until one symbol was timed.
    if (this.#oneMs.value === undefined || matchLength === 0) return 0;
    let best = 0;
    let bestGain = minGain;
    let allHold = 1;
    let expected = 1;
    for (let n = 1; n <= Math.min(most, maxDraft); n++) {
      allHold *= this.acceptance(matchLength + n - 1);
      expected += allHold;
      const gain = expected / this.cost(n);
      if (gain <= bestGain) continue;
      best = n;
      bestGain = gain;
    }
    return best;
  }

  /** How probable it is that a guess after so many symbols of agreement holds. */
  acceptance(matchLength: number): number {
    return this.#acceptance[levelOf(acceptanceLevels, matchLength)]!;
  }

  /** Of a run that verifies so many guesses, in runs of none. */
  cost(numGuesses: number): number {
    return numGuesses === 0 ? 1 : 1 + this.#slopes[levelOf(costLevels, numGuesses)]!.value! * numGuesses;
  }

  /** A symbol came that had been guessed, tried or not. */
  learnGuess(matchLength: number, held: boolean): void {
    const level = levelOf(acceptanceLevels, matchLength);
    this.#acceptance[level]! += guessWeight * (Number(held) - this.#acceptance[level]!);
  }

  /** Runs what verifies so many guesses, and learns what it takes. */
  async timed<T>(numGuesses: number, run: () => Promise<T>): Promise<T> {
    const beganAt = this.#clock.now();
    const result = await run();
    this.#learnTime(numGuesses, this.#clock.now() - beganAt);
    return result;
  }

  #learnTime(numGuesses: number, elapsedMs: number): void {
    const tried = numGuesses === 0 ? -1 : levelOf(costLevels, numGuesses);
    for (const [level, { prior }] of costLevels.entries()) {
      this.#runsSinceTried[level]! += 1;
      if (level === tried || this.#runsSinceTried[level]! % runsUntilForgotten !== 0) continue;
      // Only the least is tried upon nothing but the prior: a long draft would be a dear way to ask.
      this.#slopes[level]!.add(level === 0 ? prior : this.#slopes[level - 1]!.value!);
    }
    const oneMs = this.#oneMs.value;
    if (tried < 0) this.#oneMs.add(elapsedMs);
    else if (oneMs !== undefined && oneMs > 0) {
      this.#runsSinceTried[tried] = 0;
      this.#slopes[tried]!.add(Math.max(0, (elapsedMs / oneMs - 1) / numGuesses));
    }
  }
}

/** Of the last few values. */
class RunningMedian {
  readonly #values: number[];
  readonly #count: number;
  /** Undefined while there is none. */
  value: number | undefined;

  constructor(count: number, values: readonly number[]) {
    this.#count = count;
    this.#values = [...values];
    this.#update();
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#count) this.#values.shift();
    this.#update();
  }

  #update(): void {
    const sorted = this.#values.toSorted((a, b) => a - b);
    this.value = sorted[sorted.length >> 1];
  }
}

function levelOf(levels: readonly Level[], value: number): number {
  return levels.findIndex(({ upTo }) => value <= upTo);
}
