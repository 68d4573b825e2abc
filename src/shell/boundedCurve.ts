// A curve of bounded size, however long a training lasts: it is kept in buckets of equally many points, each shown as its mean;
// when there are too many buckets, neighbors are merged and every bucket holds twice as many points from then on.
import type { CurvePoints } from '../protocol/webviewMessages.ts';

interface Bucket {
  count: number;
  stepSum: number;
  valueSum: number;
}

export class BoundedCurve {
  readonly #maxPoints: number;
  #buckets: Bucket[] = [];
  #perBucket = 1;

  constructor(maxPoints: number) {
    if (maxPoints < 2) throw new RangeError(`boundedCurve: expected at least 2 points, got ${maxPoints}`);
    this.#maxPoints = maxPoints;
  }

  /** A value that is no number is left out: it has no place in a plot. */
  add(step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    let last = this.#buckets.at(-1);
    if (last === undefined || last.count >= this.#perBucket) {
      if (this.#buckets.length >= this.#maxPoints) this.#merge();
      last = this.#buckets.at(-1);
      if (last === undefined || last.count >= this.#perBucket) {
        last = { count: 0, stepSum: 0, valueSum: 0 };
        this.#buckets.push(last);
      }
    }
    last.count += 1;
    last.stepSum += step;
    last.valueSum += value;
  }

  /** What comes after that step will come again. */
  cutBack(step: number): void {
    this.#buckets = this.#buckets.filter(({ stepSum, count }) => stepSum / count <= step);
  }

  points(scale = 1): CurvePoints {
    return {
      steps: this.#buckets.map(({ stepSum, count }) => stepSum / count),
      values: this.#buckets.map(({ valueSum, count }) => (valueSum / count) * scale),
    };
  }

  #merge(): void {
    const merged: Bucket[] = [];
    for (let i = 0; i < this.#buckets.length; i += 2) {
      const [a, b] = [this.#buckets[i]!, this.#buckets[i + 1]];
      merged.push(
        b ? { count: a.count + b.count, stepSum: a.stepSum + b.stepSum, valueSum: a.valueSum + b.valueSum } : { ...a },
      );
    }
    this.#buckets = merged;
    this.#perBucket *= 2;
  }
}
