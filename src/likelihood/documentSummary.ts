// What holds for a text as a whole, from the surprisals of its symbols: the sum, the most surprising places, and the lines that are far
// above the text's own norm. That norm is robust, the median of the lines' bits per symbol and the median absolute deviation from it, so
// that what is unusual does not shift what is usual.

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface UnusualLine extends Range {
  readonly bitsPerSymbol: number;
  /** The median over the lines. */
  readonly usual: number;
}

/** A part of a text: symbols [begin, end), of which symbol i is text.slice(starts[i], starts[i + 1]). */
export interface SymbolBits {
  readonly starts: Int32Array;
  readonly nats: Float32Array;
  readonly begin: number;
  readonly end: number;
}

/** Over what is known, in double precision, in order. */
export function sumBits({ nats, begin, end }: SymbolBits): number {
  let sum = 0;
  for (let i = begin; i < end; i++) if (!Number.isNaN(nats[i]!)) sum += nats[i]!;
  return sum / Math.LN2;
}

/** Those of at least `leastBits`, the `most` most surprising of them, in order of place. */
export function surprisingPlaces(part: SymbolBits, leastBits: number, most: number): Range[] {
  const { starts, nats, begin, end } = part;
  const found: number[] = [];
  for (let i = begin; i < end; i++) {
    if (nats[i]! >= leastBits * Math.LN2 && starts[i + 1]! > starts[i]!) found.push(i);
  }
  const chosen = found.sort((a, b) => nats[b]! - nats[a]! || a - b).slice(0, most);
  return chosen.sort((a, b) => a - b).map((i) => ({ start: starts[i]!, end: starts[i + 1]! }));
}

/** Fewer symbols say nothing about a line, and fewer lines nothing about a file. */
const [leastSymbols, leastLines] = [3, 8];
/** A deviation of that many, in the measure in which the median absolute deviation of normal values is one: 1.4826 of it. */
const farAbove = 3.5;
/** In bits per symbol: what is less above the norm is not worth a word, however even the lines are. */
const leastAbove = 1;

/** The `most` furthest above the norm, in order of place. A line counts with what begins in it, its line end not. */
export function unusualLines(text: string, part: SymbolBits, most: number): UnusualLine[] {
  const lines = linesOf(text, part).filter(({ count }) => count >= leastSymbols);
  if (lines.length < leastLines) return [];
  const usual = median(Float64Array.from(lines, ({ bitsPerSymbol }) => bitsPerSymbol));
  const spread = 1.4826 * median(Float64Array.from(lines, ({ bitsPerSymbol }) => Math.abs(bitsPerSymbol - usual)));
  const least = usual + Math.max(leastAbove, farAbove * spread);
  return lines
    .filter(({ bitsPerSymbol }) => bitsPerSymbol > least)
    .sort((a, b) => b.bitsPerSymbol - a.bitsPerSymbol)
    .slice(0, most)
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, bitsPerSymbol }) => ({ start, end, bitsPerSymbol, usual }));
}

interface Line extends Range {
  readonly count: number;
  readonly bitsPerSymbol: number;
}

function linesOf(text: string, { starts, nats, begin, end }: SymbolBits): Line[] {
  const lines: Line[] = [];
  for (let i = begin; i < end; ) {
    const start = i === 0 ? 0 : text.lastIndexOf('\n', starts[i]! - 1) + 1;
    const found = text.indexOf('\n', starts[i]!);
    const lineEnd = found < 0 ? text.length : found;
    let [sum, count] = [0, 0];
    for (; i < end && starts[i]! < lineEnd; i++) {
      // A symbol of blanks and a line end tells nothing of the line's content.
      if (starts[i + 1]! > lineEnd || Number.isNaN(nats[i]!)) continue;
      sum += nats[i]!;
      count++;
    }
    if (count > 0) lines.push({ start, end: lineEnd, count, bitsPerSymbol: sum / Math.LN2 / count });
    while (i < end && starts[i]! <= lineEnd) i++;
  }
  return lines;
}

/** Sorts its argument. */
function median(values: Float64Array): number {
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}
