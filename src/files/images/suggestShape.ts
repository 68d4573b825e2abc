// Which shape suits the images of a workspace: what the person is offered first, before choosing another.
import type { Pixels, ResizeRule } from '../../base/pixels.ts';

export interface SuggestedShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Values that a channel can have. */
  readonly levels: number;
  readonly rule: ResizeRule;
}

/** A model of pixels takes a step for each value: 28 x 28 in grey are 784 of them, 24 x 24 in color 1,728. */
const largestSide = { 1: 28, 3: 24 } as const;
const sides = [8, 12, 16, 20, 24, 28];
/** Images all of one size are left as they are up to this. */
const largestKept = 32;
const greyShare = 0.9;

export class ShapeTally {
  readonly #shorterSides: number[] = [];
  readonly #sizes = new Set<string>();
  #width = 0;
  #height = 0;
  #numGrey = 0;
  #numSquare = 0;

  add({ width, height, channels }: Pixels): void {
    this.#shorterSides.push(Math.min(width, height));
    if (this.#sizes.size < 2) this.#sizes.add(`${width} x ${height}`);
    [this.#width, this.#height] = [width, height];
    if (channels === 1) this.#numGrey += 1;
    if (Math.max(width, height) <= 1.25 * Math.min(width, height)) this.#numSquare += 1;
  }

  /** Null when there were none. */
  suggest(): SuggestedShape | null {
    const count = this.#shorterSides.length;
    if (count === 0) return null;
    const channels = this.#numGrey >= greyShare * count ? 1 : 3;
    const median = this.#shorterSides.toSorted((a, b) => a - b)[count >> 1]!;
    const side = sides.findLast((one) => one <= Math.min(median, largestSide[channels])) ?? sides[0]!;
    // Of long pictures the middle alone would say little.
    const rule = this.#numSquare >= count / 2 ? 'crop' : 'fit';
    if (this.#sizes.size === 1 && Math.max(this.#width, this.#height) <= largestKept) {
      return { width: this.#width, height: this.#height, channels, levels: 256, rule };
    }
    return { width: side, height: side, channels, levels: 256, rule };
  }
}
