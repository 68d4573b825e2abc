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
