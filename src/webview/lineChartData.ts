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
 * The points of a line that show in `pixels` columns from `range.min` to `range.max`: of each column the first, the least, the greatest
 * and the last in their order, so that no peak is lost, and one point beyond each edge for the line to run out to.
 */
export function thinned({ xs, ys }: Line, { min, max }: Range, pixels: number): { xs: number[]; ys: number[] } {
  const first = Math.max(0, indexFrom(xs, min) - 1);
  let end = indexFrom(xs, max);
  while (end < xs.length && xs[end] === max) end++;
  end = Math.min(xs.length, end + 1);
  const kept: { xs: number[]; ys: number[] } = { xs: [], ys: [] };
  const keep = (index: number) => {
    kept.xs.push(xs[index]!);
    kept.ys.push(ys[index]!);
  };
  if (end - first <= 4 * pixels) {
    for (let i = first; i < end; i++) keep(i);
    return kept;
  }
  const perX = pixels / (max - min);
  const columnOf = (index: number) => Math.floor((xs[index]! - min) * perX);
  for (let i = first; i < end; ) {
    const column = columnOf(i);
    const from = i;
    let least = i;
    let most = i;
    for (i++; i < end && columnOf(i) === column; i++) {
      if (ys[i]! < ys[least]!) least = i;
      else if (ys[i]! > ys[most]!) most = i;
    }
    let last = -1;
    for (const index of [from, Math.min(least, most), Math.max(least, most), i - 1]) {
      if (index > last) keep(index);
      last = Math.max(last, index);
    }
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
  const values = lines.flatMap(({ ys }) => ys.filter(fits)).sort((a, b) => a - b);
  const always = wish.always.filter(fits);
  const least = Math.min(values[0] ?? Number.POSITIVE_INFINITY, ...always);
  const top = values[Math.ceil(wish.shown * (values.length - 1))] ?? Number.NEGATIVE_INFINITY;
  const most = Math.max(top, ...always);
  if (least > most) return wish.log ? { min: 1, max: 10 } : { min: 0, max: 1 };
  if (wish.log) {
    const factor = least === most ? 1.5 : (most / least) ** headroom;
    return { min: least / factor, max: most * factor };
  }
  const room = least === most ? Math.max(Math.abs(least) * 0.1, 1e-6) : (most - least) * headroom;
  // A line that only touches zero from above needs no room below it.
  return { min: least >= 0 && least - room < 0 ? 0 : least - room, max: most + room };
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
