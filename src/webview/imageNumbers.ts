// The numbers of an image as its page has them: filled piece by piece, and what of them is drawn: a color for each pixel, bits for each row,
// how many values have how many bits. Knows no page.
import { intensityOf } from '../base/pixels.ts';
import type { ImagePiece } from '../protocol/imageScoringMessages.ts';
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';

export interface ImageShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly numLevels: number;
}

/** What a pixel's place in the map tells of it. */
export type MapLayer = 'bits' | 'entropy';
/** All channels of a pixel, or one of them. */
export type MapChannel = 'all' | 0 | 1 | 2;

/** Of one value of one pixel. */
export interface ValueFacts {
  readonly channel: string;
  readonly value: number;
  readonly bits: number;
  readonly probability: number;
  /** From 1. */
  readonly rank: number;
  readonly entropy: number;
  readonly likeliest: number;
  readonly likeliestProbability: number;
}

const channelNames = { 1: ['Grey'], 3: ['Red', 'Green', 'Blue'] } as const;

export class ImageNumbers {
  readonly shape: ImageShape;
  readonly levels: Uint8Array;
  readonly bits: Float32Array;
  readonly ranks: Uint8Array;
  readonly entropies: Float32Array;
  readonly likeliest: Uint8Array;
  readonly likeliestBits: Float32Array;
  #numKnown = 0;

  constructor(shape: ImageShape) {
    const size = shape.width * shape.height * shape.channels;
    this.shape = shape;
    this.levels = new Uint8Array(size);
    this.bits = new Float32Array(size);
    this.ranks = new Uint8Array(size);
    this.entropies = new Float32Array(size);
    this.likeliest = new Uint8Array(size);
    this.likeliestBits = new Float32Array(size);
  }

  /** How many values are known, from the first on. */
  get numKnown(): number {
    return this.#numKnown;
  }

  get isWhole(): boolean {
    return this.#numKnown === this.levels.length;
  }

  /** False for a piece that does not follow what is known. */
  add(piece: ImagePiece): boolean {
    const { first } = piece;
    if (first !== this.#numKnown || first + piece.levels.length > this.levels.length) return false;
    this.levels.set(piece.levels, first);
    this.bits.set(piece.bits, first);
    this.ranks.set(piece.ranks, first);
    this.entropies.set(piece.entropies, first);
    this.likeliest.set(piece.likeliest, first);
    this.likeliestBits.set(piece.likeliestBits, first);
    this.#numKnown += piece.levels.length;
    return true;
  }

  /** One for each channel; none where nothing is known yet. */
  at(x: number, y: number): ValueFacts[] {
    const { width, channels, numLevels } = this.shape;
    const first = (y * width + x) * channels;
    if (first + channels > this.#numKnown) return [];
    return channelNames[channels].map((channel, c) => {
      const at = first + c;
      return {
        channel,
        value: intensityOf(this.levels[at]!, numLevels),
        bits: this.bits[at]!,
        probability: 2 ** -this.bits[at]!,
        rank: this.ranks[at]! + 1,
        entropy: this.entropies[at]!,
        likeliest: intensityOf(this.likeliest[at]!, numLevels),
        likeliestProbability: 2 ** -this.likeliestBits[at]!,
      };
    });
  }

  /** Bits of each pixel: of one channel, or the mean over all; NaN where nothing is known yet. */
  perPixel(layer: MapLayer, channel: MapChannel): Float32Array {
    const { width, height, channels } = this.shape;
    const values = layer === 'bits' ? this.bits : this.entropies;
    const out = new Float32Array(width * height).fill(Number.NaN);
    const numPixels = Math.floor(this.#numKnown / channels);
    for (let i = 0; i < numPixels; i++) {
      if (channel !== 'all') {
        out[i] = values[i * channels + Math.min(channel, channels - 1)]!;
        continue;
      }
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += values[i * channels + c]!;
      out[i] = sum / channels;
    }
    return out;
  }

  /** The sum of each row. */
  perRow(): Float64Array {
    const { width, height, channels } = this.shape;
    const length = width * channels;
    const out = new Float64Array(height);
    for (let y = 0; y < height; y++) for (let i = 0; i < length; i++) out[y]! += this.bits[y * length + i]!;
    return out;
  }

  /** Red, green, blue, alpha of what the model holds likeliest, each value given all before it. */
  likeliestPixels(): Uint8ClampedArray<ArrayBuffer> {
    const { width, height, channels, numLevels } = this.shape;
    const out = new Uint8ClampedArray(width * height * 4);
    const numPixels = Math.floor(this.#numKnown / channels);
    for (let i = 0; i < numPixels; i++) {
      for (let c = 0; c < 3; c++) {
        out[4 * i + c] = intensityOf(this.likeliest[i * channels + Math.min(c, channels - 1)]!, numLevels);
      }
      out[4 * i + 3] = 255;
    }
    return out;
  }
}

/** Where each step of the colors begins, in bits. */
export type StepBounds = readonly number[];

export const fixedBounds: StepBounds = surprisalSteps.map(({ from }) => from);

const shownShare = 0.99;

/** The same colors spread over what this image has: the last begins where all but one in a hundred pixels are below. */
export function ownBounds(pixels: Float32Array): StepBounds {
  const known = pixels.filter((one) => !Number.isNaN(one)).sort();
  const high = known[Math.floor(shownShare * (known.length - 1))] ?? 0;
  const last = fixedBounds.at(-1)!;
  return high > 0 ? fixedBounds.map((bound) => (bound * high) / last) : fixedBounds;
}

/** Such as `0.5 to 1`. */
export function boundLabels(bounds: StepBounds): string[] {
  const text = (bits: number) => String(Number(bits.toPrecision(bits < 1 ? 2 : 3)));
  return bounds.map((from, i) =>
    i + 1 < bounds.length ? `${text(from)} to ${text(bounds[i + 1]!)}` : `${text(from)} or more`,
  );
}

/** Red, green, blue, alpha; nothing where nothing is known. */
export function mapPixels(pixels: Float32Array, bounds: StepBounds): Uint8ClampedArray<ArrayBuffer> {
  const colors = surprisalSteps.map(({ solid }) => [1, 3, 5].map((at) => Number.parseInt(solid.slice(at, at + 2), 16)));
  const out = new Uint8ClampedArray(pixels.length * 4);
  const scale = bounds.at(-1)! / fixedBounds.at(-1)!;
  for (let i = 0; i < pixels.length; i++) {
    if (Number.isNaN(pixels[i]!)) continue;
    out.set(colors[stepOf(pixels[i]! / scale)]!, 4 * i);
    out[4 * i + 3] = 255;
  }
  return out;
}

export interface HistogramBin {
  readonly from: number;
  /** Infinity: this one has all that is above. */
  readonly to: number;
  readonly count: number;
}

const mostBins = 32;

/** How many values have so many bits, in equal parts of a width that is easy to read; a few far above all others share the last, open one. */
export function histogram(bits: Float32Array): HistogramBin[] {
  const sorted = bits.toSorted();
  const most = sorted.at(-1) ?? 0;
  const usual = sorted[Math.floor(shownShare * (sorted.length - 1))] ?? 0;
  const isOpen = most > 2 * usual && usual > 0;
  const shown = isOpen ? 1.25 * usual : most;
  const width = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5].find((one) => shown / one < mostBins) ?? shown / mostBins;
  const numBins = Math.max(1, Math.min(mostBins, Math.floor(shown / width) + 1));
  const counts = new Array<number>(numBins).fill(0);
  for (const one of bits) counts[Math.min(numBins - 1, Math.floor(one / width))]! += 1;
  return counts.map((count, i) => ({
    from: i * width,
    to: isOpen && i === numBins - 1 ? Number.POSITIVE_INFINITY : (i + 1) * width,
    count,
  }));
}
