// Quantities in words, the same everywhere: sizes, times, counts, and how a measurement compares.

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as `: 1,200 of 5,000 files`; empty when nothing is known. */
export function doneText(progress: { readonly done: number; readonly total: number } | undefined): string {
  return progress ? `: ${countText(progress.done)} of ${counted(progress.total, 'file')}` : '';
}

export function sizeText(bytes: number): string {
  const [unit, name] = (
    [
      [1e9, 'GB'],
      [1e6, 'MB'],
      [1e3, 'KB'],
    ] as const
  ).find(([one]) => bytes >= one) ?? [1, 'bytes'];
  const value = bytes / unit;
  return `${value >= 10 || unit === 1 ? Math.round(value) : value.toFixed(1)} ${name}`;
}

/** Such as `about 5 minutes`; what is left of a run is never known better. */
export function aboutText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return 'a few seconds';
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `about ${minutes} minutes`;
  return `about ${Math.round(minutes / 60)} hours`;
}

/** Such as `2:05` or `1:02:05`. */
export function elapsedText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function secondsText(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

export function bitsText(bits: number): string {
  return bits.toFixed(bits < 1 ? 3 : 2);
}

/** Such as `18 % below gzip`. */
export function comparedText(bits: number, baseline: { readonly name: string; readonly bits: number }): string {
  const percent = Math.round((1 - bits / baseline.bits) * 100);
  if (percent === 0) return `as much as ${baseline.name}`;
  return percent > 0 ? `${percent} % below ${baseline.name}` : `${-percent} % above ${baseline.name}`;
}

/** What bits are counted per: of text a byte; of an image a value of a channel, which for grey is a pixel. */
export function unitText(unit: 'byte' | 'dimension', channels = 3): string {
  if (unit === 'byte') return 'bits per byte';
  return channels === 1 ? 'bits per pixel' : 'bits per channel value';
}
