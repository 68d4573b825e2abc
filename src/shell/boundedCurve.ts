// A curve of bounded size, however long a training lasts. While it fits, it is kept as it is; beyond that it is kept in buckets of equally
// many points, of which the least and the greatest stay, so that no peak is lost; when there are too many buckets, neighbors are merged
// and every bucket stands for twice as many points from then on. Whoever follows it is told from where on it is another.
import type { CurvePoints } from '../protocol/webviewMessages.ts';

interface Point {
  readonly step: number;
  readonly value: number;
}

interface Bucket {
  /** How many points it stands for. */
  count: number;
  least: Point;
  most: Point;
}

export class BoundedCurve {
  readonly #maxBuckets: number;
  /** The full ones, as points. */
  #steps: number[] = [];
  #values: number[] = [];
  #buckets: Bucket[] = [];
  /** Of how many points a bucket is full; two are both kept. */
  #perBucket = 2;
  #revision = 0;

  constructor(maxPoints: number) {
    if (maxPoints < 4) throw new RangeError(`boundedCurve: expected at least 4 points, got ${maxPoints}`);
    this.#maxBuckets = Math.floor(maxPoints / 2);
  }

  /** Another number when points that were settled are other ones now. */
  get revision(): number {
    return this.#revision;
  }

  /** How many points, from the first, stay as they are while the revision does. */
  get numSettled(): number {
    return this.#steps.length;
  }

  /** A value that is no number is left out: it has no place in a plot. */
  add(step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const point = { step, value };
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.count < this.#perBucket) {
      last.count += 1;
      if (value < last.least.value) last.least = point;
      // Of equal ones the last, so that two points stay two.
      else if (value >= last.most.value) last.most = point;
      if (last.count === this.#perBucket) this.#settle(last);
      return;
    }
    if (this.#buckets.length >= this.#maxBuckets) this.#merge();
    const open = this.#buckets.at(-1);
    if (open !== undefined && open.count < this.#perBucket) this.add(step, value);
    else this.#buckets.push({ count: 1, least: point, most: point });
  }

  /** What comes after that step will come again. */
  cutBack(step: number): void {
    const last = this.#buckets.at(-1);
    if (last === undefined || pointsOf(last).at(-1)!.step <= step) return;
    const kept = this.#buckets.flatMap((bucket) => {
      const points = pointsOf(bucket).filter((point) => point.step <= step);
      return points.length === 0 ? [] : [bucketOf(points, bucket.count)];
    });
    this.#replace(kept);
  }

  /** The points from that index on, at most so many. */
  points(from = 0, most = Number.POSITIVE_INFINITY): CurvePoints {
    const end = from + most;
    const steps = this.#steps.slice(from, end);
    const values = this.#values.slice(from, end);
    const last = this.#buckets.at(-1);
    const open = last !== undefined && last.count < this.#perBucket ? pointsOf(last) : [];
    for (const [i, { step, value }] of open.entries()) {
      const index = this.#steps.length + i;
      if (index < from || index >= end) continue;
      steps.push(step);
      values.push(value);
    }
    return { steps, values };
  }

  #merge(): void {
    this.#perBucket *= 2;
    const merged: Bucket[] = [];
    for (let i = 0; i < this.#buckets.length; i += 2) {
      const [a, b] = [this.#buckets[i]!, this.#buckets[i + 1]];
      merged.push(b ? bucketOf([...pointsOf(a), ...pointsOf(b)], a.count + b.count) : a);
    }
    this.#replace(merged);
  }

  #replace(buckets: Bucket[]): void {
    this.#revision += 1;
    this.#buckets = buckets;
    this.#steps = [];
    this.#values = [];
    for (const [i, bucket] of buckets.entries()) {
      // One that was cut short is full where others follow it.
      if (bucket.count >= this.#perBucket || i < buckets.length - 1) this.#settle(bucket);
    }
  }

  #settle(bucket: Bucket): void {
    for (const { step, value } of pointsOf(bucket)) {
      this.#steps.push(step);
      this.#values.push(value);
    }
  }
}

/** In their order; one when both are the same. */
function pointsOf({ least, most }: Bucket): Point[] {
  if (least.step === most.step) return [least];
  return least.step < most.step ? [least, most] : [most, least];
}

function bucketOf(points: readonly Point[], count: number): Bucket {
  let [least, most] = [points[0]!, points[0]!];
  for (const point of points) {
    if (point.value < least.value) least = point;
    else if (point.value >= most.value) most = point;
  }
  return { count, least, most };
}
