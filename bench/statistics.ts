// What a handful of noisy timings say. Medians, because a busy machine makes outliers in one direction only.

/** Between the two nearest values by their distance, so that 0.5 is the median. @throws RangeError without values. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('percentile: expected at least one value, got none');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('mean: expected at least one value, got none');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** The share of the variance that the line explains: 1 when every point is on it. */
  readonly explained: number;
}

/** Least squares. @throws RangeError without two different places. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (xx === 0) throw new RangeError('fitLine: expected points at two different places at least');
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, explained: yy === 0 ? 1 : (slope * xy) / yy };
}
