// Amounts as the pages of likelihoods write them.

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const [unit, name] = bytes < 1e6 ? ([1e3, 'KB'] as const) : ([1e6, 'MB'] as const);
  const value = bytes / unit;
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)} ${name}`;
}

/** Of bits per byte; without a byte there is none. */
export function densityText(bitsPerByte: number): string {
  return Number.isNaN(bitsPerByte) ? '-' : bitsPerByte.toFixed(2);
}

export function percentText(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '-';
}
