// What the likelihood view draws, as numbers: which tokens stand at a place, the bits of characters and lines, bins of a histogram, smoothed
// curves, the profile. Two models cut a text into different tokens, so what is compared is bits spread over bytes. Knows no page.
import { lastAtMost } from './likelihoodText.ts';

/** Of one model: a token begins at `starts[i]` and ends at `starts[i + 1]`; the last is the end of the text, which is empty. */
export interface Scores {
  readonly starts: Int32Array; // [tokens + 1], UTF-16
  readonly bits: Float32Array; // [tokens]
  readonly entropy: Float32Array; // [tokens], in bits
  readonly rank: Int32Array; // [tokens], how many symbols were likelier
}

/** Tokens that begin at one place: more than one where a token is only a part of a character. */
export interface TokenGroup {
  readonly first: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  readonly bits: number;
}

export function numTokens({ bits }: Scores): number {
  return bits.length;
}

/** Those that cover an offset; of an offset at the very end, the end of the text. */
export function groupAt(scores: Scores, offset: number): TokenGroup {
  const { starts } = scores;
  const count = numTokens(scores);
  const token = lastAtMost(starts, offset, count);
  return groupOf(scores, token);
}

/** The group that holds a token. */
export function groupOf(scores: Scores, token: number): TokenGroup {
  const { starts, bits } = scores;
  const count = numTokens(scores);
  let [first, end] = [token, token + 1];
  while (first > 0 && starts[first - 1] === starts[token]) first--;
  while (end < count && starts[end] === starts[token]) end++;
  let sum = 0;
  for (let i = first; i < end; i++) sum += bits[i]!;
  return { first, end, from: starts[token]!, to: starts[end]!, bits: sum };
}

export function totalBits({ bits }: Scores): number {
  let sum = 0;
  for (const one of bits) sum += one;
  return sum;
}

/** Of a character's UTF-8. */
function byteLength(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

export function utf8Length(text: string, from = 0, to = text.length): number {
  let bytes = 0;
  for (let at = from; at < to; ) {
    const code = text.codePointAt(at)!;
    bytes += byteLength(code);
    at += code > 0xffff ? 2 : 1;
  }
  return bytes;
}

/** The bits of a text spread over its bytes, by UTF-16 unit; a character's stand at its first. The end symbol's are left out. */
export function characterBits(text: string, scores: Scores): Float32Array {
  const spread = new Float32Array(text.length);
  const count = numTokens(scores);
  const { starts } = scores;
  let bits = 0;
  for (let token = 0; token < count; token++) {
    bits += scores.bits[token]!;
    const [from, to] = [starts[token]!, starts[token + 1]!];
    if (from === to) continue; // The next one ends the character, or nothing follows.
    const perByte = bits / utf8Length(text, from, to);
    for (let at = from; at < to; ) {
      const code = text.codePointAt(at)!;
      spread[at] = perByte * byteLength(code);
      at += code > 0xffff ? 2 : 1;
    }
    bits = 0;
  }
  return spread;
}

/** Sums over [lines[i], lines[i + 1]). */
export function sumsByLine(lines: Int32Array, values: Float32Array): Float64Array {
  const sums = new Float64Array(lines.length - 1);
  for (let line = 0; line < sums.length; line++) {
    let sum = 0;
    for (let at = lines[line]!; at < lines[line + 1]!; at++) sum += values[at]!;
    sums[line] = sum;
  }
  return sums;
}

/** a - b, unit by unit: above 0 where the second model needs fewer bits. */
export function differences(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - b[i]!);
}

export interface Bin {
  readonly from: number;
  /** Infinity for the last. */
  readonly to: number;
  readonly count: number;
  readonly bits: number;
}

/** Bins of `width` bits up to `most`, and one for all above; what is no number is left out. */
export function histogram(bits: Float32Array, width: number, most: number): Bin[] {
  const numBins = Math.round(most / width) + 1;
  const counts = new Float64Array(numBins);
  const sums = new Float64Array(numBins);
  for (const value of bits) {
    if (Number.isNaN(value)) continue;
    const bin = Math.min(numBins - 1, Math.max(0, Math.floor(value / width)));
    counts[bin]! += 1;
    sums[bin]! += value;
  }
  return Array.from(counts, (count, i) => ({
    from: i * width,
    to: i === numBins - 1 ? Number.POSITIVE_INFINITY : (i + 1) * width,
    count,
    bits: sums[i]!,
  }));
}

/** The mean over a window of `width` values around each, cut off at the ends. */
export function smoothed(values: Float32Array, width: number): Float32Array {
  if (width <= 1) return values;
  const half = Math.floor(width / 2);
  const result = new Float32Array(values.length);
  let sum = 0;
  let [from, to] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    for (; to < Math.min(values.length, i + half + 1); to++) sum += finite(values[to]!);
    for (; from < i - half; from++) sum -= finite(values[from]!);
    result[i] = sum / (to - from);
  }
  return result;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** One bar of the profile: lines [from, to), the bits of the fullest of them, and the mean bits per byte. */
export interface ProfileBar {
  readonly from: number;
  readonly to: number;
  readonly bits: number;
  readonly perByte: number;
}

/** At most `most` bars over all lines. */
export function profileBars(bitsOfLine: Float64Array, bytesOfLine: Float64Array, most: number): ProfileBar[] {
  const numLines = bitsOfLine.length;
  const numBars = Math.max(1, Math.min(numLines, Math.floor(most)));
  return Array.from({ length: numBars }, (_, bar) => {
    const from = Math.floor((bar * numLines) / numBars);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * numLines) / numBars));
    let [bits, sum, bytes] = [0, 0, 0];
    for (let line = from; line < to; line++) {
      bits = Math.max(bits, bitsOfLine[line]!);
      sum += bitsOfLine[line]!;
      bytes += bytesOfLine[line]!;
    }
    return { from, to, bits, perByte: bytes > 0 ? sum / bytes : 0 };
  });
}

/** The value that a share of all stay at or under; 0 for none. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/**
 * Where a scroll bar of bounded height stands, and which row is on top: an element higher than some 33 million pixels is cut off by the
 * browser, so of a very long text the bar moves more than one row a pixel.
 */
export class ScrollMap {
  readonly height: number;
  readonly #rows: number;
  readonly #rowHeight: number;
  readonly #view: number;

  constructor(rows: number, rowHeight: number, viewHeight: number, most = 8_000_000) {
    this.#rows = rows;
    this.#rowHeight = rowHeight;
    this.#view = viewHeight;
    this.height = Math.min(rows * rowHeight, most);
  }

  /** Pixels of the whole text above the window. */
  pixelsAt(scrollTop: number): number {
    const whole = this.#rows * this.#rowHeight;
    if (whole === this.height) return scrollTop;
    const room = Math.max(1, this.height - this.#view);
    return Math.min(1, scrollTop / room) * Math.max(0, whole - this.#view);
  }

  scrollTopOf(pixels: number): number {
    const whole = this.#rows * this.#rowHeight;
    if (whole === this.height) return pixels;
    return (pixels / Math.max(1, whole - this.#view)) * Math.max(1, this.height - this.#view);
  }
}

/** Steps of a difference in bits per byte, from far below 0 to far above. */
export const differenceBounds = [-4, -2, -1, -0.25, 0.25, 1, 2, 4] as const;

/** 0 to 8; 4 is as good as no difference. */
export function differenceStep(perByte: number): number {
  let step = 0;
  while (step < differenceBounds.length && perByte >= differenceBounds[step]!) step++;
  return step;
}
