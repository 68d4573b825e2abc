// The numbers behind a line chart: what of a long line is drawn in so many pixels, where a scale begins and ends, which point lies
// nearest. Knows no page, so that it is tested as numbers.

/** Numbers in a row; arrays of either kind. */
export type Numbers = ArrayLike<number>;

/** Two lists of one length; xs ascend. */
export interface Line {
  readonly xs: Numbers;
  readonly ys: Numbers;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The first index whose x is not below `x`; the length when there is none. */
export function indexFrom(xs: Numbers, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** -1 when there is no point. */
export function nearestIndex(xs: Numbers, x: number): number {
  const after = indexFrom(xs, x);
  if (after === 0) return xs.length === 0 ? -1 : 0;
  if (after === xs.length) return after - 1;
  return x - xs[after - 1]! <= xs[after]! - x ? after - 1 : after;
}

/**
 * The points of a line that show in `columns` from `range.min` to `range.max`: of each column the least and the greatest in their order, so
 * that no peak is lost, and one point beyond each edge for the line to run out to.
 */
export function thinned({ xs, ys }: Line, { min, max }: Range, columns: number): { xs: number[]; ys: number[] } {
  const first = Math.max(0, indexFrom(xs, min) - 1);
  let end = indexFrom(xs, max);
  while (end < xs.length && xs[end] === max) end++;
  end = Math.min(xs.length, end + 1);
  const kept: { xs: number[]; ys: number[] } = { xs: [], ys: [] };
  const keep = (index: number) => {
    kept.xs.push(xs[index]!);
    kept.ys.push(ys[index]!);
  };
  if (end - first <= 2 * columns) {
    for (let i = first; i < end; i++) keep(i);
    return kept;
  }
  const width = (max - min) / columns;
  for (let i = first; i < end; ) {
    // Where its column ends; one comparison for a point.
    const column = Math.floor((xs[i]! - min) / width);
    const until = min + (column + 1) * width;
    let least = i;
    let most = i;
    for (i++; i < end && xs[i]! < until; i++) {
      const y = ys[i]!;
      if (y < ys[least]!) least = i;
      else if (y > ys[most]!) most = i;
    }
    keep(Math.min(least, most));
    if (least !== most) keep(Math.max(least, most));
  }
  return kept;
}

export type Column = (number | null)[];

/** One ascending list of xs for all lines; null where a line has no point. Points of one line at the same x stay apart. */
export function joined(lines: readonly { readonly xs: readonly number[]; readonly ys: readonly number[] }[]) {
  const xs: number[] = [];
  const columns: Column[] = lines.map(() => []);
  const next = lines.map(() => 0);
  for (;;) {
    let x = Number.POSITIVE_INFINITY;
    for (let k = 0; k < lines.length; k++) x = Math.min(x, lines[k]!.xs[next[k]!] ?? Number.POSITIVE_INFINITY);
    if (x === Number.POSITIVE_INFINITY) return { xs, columns };
    xs.push(x);
    for (let k = 0; k < lines.length; k++) {
      const has = lines[k]!.xs[next[k]!] === x;
      columns[k]!.push(has ? lines[k]!.ys[next[k]!]! : null);
      if (has) next[k] = next[k]! + 1;
    }
  }
}

/** Every x of any line in the range, once, ascending. */
export function placesOf(lines: readonly Line[], { min, max }: Range): Float64Array {
  const next = lines.map(({ xs }) => indexFrom(xs, min));
  const places = new Float64Array(lines.reduce((sum, { xs }) => sum + xs.length, 0));
  for (let count = 0; ; count++) {
    let x = Number.POSITIVE_INFINITY;
    for (let k = 0; k < lines.length; k++) x = Math.min(x, lines[k]!.xs[next[k]!] ?? Number.POSITIVE_INFINITY);
    if (x > max || x === Number.POSITIVE_INFINITY) return places.subarray(0, count);
    places[count] = x;
    for (let k = 0; k < lines.length; k++) while (lines[k]!.xs[next[k]!] === x) next[k] = next[k]! + 1;
  }
}

export interface ScaleWish {
  readonly log: boolean;
  /** What must be seen, such as levels. */
  readonly always: readonly number[];
  /** Of the values this share fits in, and higher ones may be cut off: 1 shows all. */
  readonly shown: number;
}

const headroom = 0.05;

/** From a little below the least value to a little above the greatest; never empty, and above 0 on a logarithmic scale. */
export function valueRange(lines: readonly { readonly ys: readonly number[] }[], wish: ScaleWish): Range {
  const fits = (value: number) => Number.isFinite(value) && (!wish.log || value > 0);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const values = new Float64Array(lines.reduce((sum, { ys }) => sum + ys.length, 0));
  let count = 0;
  for (const { ys } of lines) {
    for (const y of ys) {
      if (!fits(y)) continue;
      values[count++] = y;
      least = Math.min(least, y);
      most = Math.max(most, y);
    }
  }
  if (wish.shown < 1 && count > 0) most = values.subarray(0, count).sort()[Math.ceil(wish.shown * (count - 1))]!;
  for (const value of wish.always.filter(fits)) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return wish.log ? { min: 1, max: 10 } : { min: 0, max: 1 };
  if (wish.log) {
    const factor = least === most ? 1.5 : (most / least) ** headroom;
    return { min: least / factor, max: most * factor };
  }
  const room = least === most ? Math.max(Math.abs(least) * 0.1, 1e-6) : (most - least) * headroom;
  // A line that only touches zero from above needs no room below it.
  return { min: least >= 0 && least - room < 0 ? 0 : least - room, max: most + room };
}

/**
 * Where a logarithmic scale has its labels: at 1, 2 and 5 of each power where there are several, and otherwise, where a power is too coarse,
 * at round numbers.
 */
export function logTicks({ min, max }: Range): number[] {
  const inside = (ticks: readonly number[]) => ticks.filter((tick) => tick >= min && tick <= max);
  const powers = Array.from(
    { length: Math.ceil(Math.log10(max / min)) + 2 },
    (_, i) => 10 ** (Math.floor(Math.log10(min)) + i),
  );
  if (max / min > 1000) return inside(powers);
  if (max / min > 10) return inside(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  const rough = (max - min) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** The widest range of x that lines cover; never empty. */
export function wholeRange(lines: readonly Line[]): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const { xs } of lines) {
    if (xs.length === 0) continue;
    min = Math.min(min, xs[0]!);
    max = Math.max(max, xs[xs.length - 1]!);
  }
  if (min > max) return { min: 0, max: 1 };
  return min === max ? { min: min - 0.5, max: max + 0.5 } : { min, max };
}

/** A range of that width or moved by that much, no wider than `whole` and inside it. */
export function within({ min, max }: Range, whole: Range): Range {
  const width = Math.min(max - min, whole.max - whole.min);
  const from = Math.min(Math.max(min, whole.min), whole.max - width);
  return { min: from, max: from + width };
}

/** 1500 is `1.5k`. */
export function shortCount(count: number): string {
  const size = Math.abs(count);
  if (size < 1000) return String(Number(count.toPrecision(3)));
  const [unit, name] = size < 1e6 ? [1e3, 'k'] : size < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  return `${Number((count / unit).toPrecision(4))}${name}`;
}
