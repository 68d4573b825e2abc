// Pictures of any size -> pictures of one size. Each new pixel is the mean over the area that it covers, parts of pixels counted by
// their part: nothing aliases when a photograph becomes 28 x 28, and an enlarged picture stays what it was. Means are taken of the
// numbers as they are stored (gamma coded), as browsers and most tools do.
import type { Pixels, ResizeRule } from '../../base/pixels.ts';

export interface ResizeTo {
  readonly width: number;
  readonly height: number;
  readonly rule: ResizeRule;
}

/** Of borders and behind transparent pixels alike. */
const white = 255;

export function resizeImage(pixels: Pixels, { width, height, rule }: ResizeTo): Pixels {
  const whole = { x: 0, y: 0, width: pixels.width, height: pixels.height };
  if (rule === 'stretch') return averaged(pixels, whole, width, height);
  const byWidth = width / pixels.width;
  const byHeight = height / pixels.height;
  if (rule === 'crop') {
    const scale = Math.max(byWidth, byHeight);
    const middle = { width: width / scale, height: height / scale };
    const x = (pixels.width - middle.width) / 2;
    const y = (pixels.height - middle.height) / 2;
    return averaged(pixels, { x, y, ...middle }, width, height);
  }
  const scale = Math.min(byWidth, byHeight);
  const inner = averaged(
    pixels,
    whole,
    Math.max(1, Math.round(pixels.width * scale)),
    Math.max(1, Math.round(pixels.height * scale)),
  );
  return laid(inner, width, height);
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** First along the rows, then along the columns: the area's weights are products. */
function averaged(pixels: Pixels, from: Rectangle, width: number, height: number): Pixels {
  const { channels } = pixels;
  const isWhole = from.width === pixels.width && from.height === pixels.height;
  if (isWhole && width === pixels.width && height === pixels.height) return pixels;
  const columns = spans(from.x, from.width, width, pixels.width);
  const rows = spans(from.y, from.height, height, pixels.height);
  const data = new Uint8Array(width * height * channels);
  const sums = new Float64Array(width * channels);
  const line = new Float64Array(width * channels);
  // A source row is shared by the span that it ends and the one that it begins: it is averaged once.
  let lineRow = -1;
  for (const [y, { begin, weights }] of rows.entries()) {
    sums.fill(0);
    for (const [i, weight] of weights.entries()) {
      if (lineRow !== begin + i) averageLine(pixels, begin + i, columns, line);
      lineRow = begin + i;
      for (let j = 0; j < sums.length; j++) sums[j]! += weight * line[j]!;
    }
    for (let j = 0; j < sums.length; j++) data[y * sums.length + j] = Math.round(sums[j]!);
  }
  return { width, height, channels, data };
}

function averageLine(
  { width, channels, data }: Pixels,
  row: number,
  columns: readonly Span[],
  line: Float64Array,
): void {
  const start = row * width * channels;
  for (let x = 0; x < columns.length; x++) {
    const { begin, weights } = columns[x]!;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * data[start + (begin + i) * channels + c]!;
      line[x * channels + c] = sum;
    }
  }
}

/** The old pixels that a new one covers, with their shares, which add up to 1. */
interface Span {
  readonly begin: number;
  readonly weights: Float64Array;
}

/** Cuts `length` from `from` on into `count` equal parts. */
function spans(from: number, length: number, count: number, limit: number): Span[] {
  const part = length / count;
  return Array.from({ length: count }, (_, i) => {
    const low = Math.max(0, from + i * part);
    const high = Math.min(limit, from + (i + 1) * part);
    // Rounding must not make a sliver of a pixel out of nothing, nor leave none.
    const begin = Math.min(limit - 1, Math.floor(low + 1e-9));
    const end = Math.max(begin + 1, Math.ceil(high - 1e-9));
    const weights = Float64Array.from({ length: end - begin }, (_, j) =>
      Math.max(0, Math.min(high, begin + j + 1) - Math.max(low, begin + j)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { begin, weights: weights.map((weight) => weight / sum) };
  });
}

/** In the middle of a white picture. */
function laid(inner: Pixels, width: number, height: number): Pixels {
  const { channels } = inner;
  if (inner.width === width && inner.height === height) return inner;
  const data = new Uint8Array(width * height * channels).fill(white);
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  paste(inner, data, width, left, top);
  return { width, height, channels, data };
}

/** Copies a picture into a larger one of as many channels, whose rows are `width` long. */
export function paste(inner: Pixels, data: Uint8Array, width: number, left: number, top: number): void {
  const lineLength = inner.width * inner.channels;
  for (let y = 0; y < inner.height; y++) {
    const line = inner.data.subarray(y * lineLength, (y + 1) * lineLength);
    data.set(line, ((top + y) * width + left) * inner.channels);
  }
}

/** Brightness as television weighs the colors: Y' = 0.299 R' + 0.587 G' + 0.114 B' (ITU-R BT.601-7, 2.5.1). */
const luma = [0.299, 0.587, 0.114] as const;

/** Color to grey, or grey to three equal channels. */
export function withChannels(pixels: Pixels, channels: 1 | 3): Pixels {
  if (pixels.channels === channels) return pixels;
  const { width, height, data } = pixels;
  const out = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    if (channels === 3) out.fill(data[i]!, 3 * i, 3 * i + 3);
    else out[i] = Math.round(luma[0] * data[3 * i]! + luma[1] * data[3 * i + 1]! + luma[2] * data[3 * i + 2]!);
  }
  return { width, height, channels, data: out };
}
