// Pictures that are the same, and those that hardly differ: another format, another size, another quality of one and the same.
//   The same: equal pixels, by a hash. Nearly the same, all three of:
//   - at most 3 of the 64 bits of the difference hash differ (is a ninth of a line brighter than the next? Krawetz 2013, dHash;
//     here only when it is so by more than 2 levels, lest flat areas give bits of noise),
//   - reduced to 16 x 16 colors they differ by 2 of 255 levels in the mean, and by 24 at most,
//   - width to height differs by at most 5 %.
// The second keeps apart what the first finds alike: icons of one outline, digits, flat pictures.
import { createHash } from 'node:crypto';
import type { Pixels } from '../../base/pixels.ts';
import type { Duplicate } from '../duplicates.ts';
import { resizeImage, withChannels } from './resizeImage.ts';

const side = 16;
const mostBits = 3;
const mostMeanLevels = 2;
const mostLevels = 24;
const mostRatio = 1.05;
const brighterBy = 2;
/** With at most three different bits, one of four parts is equal. */
const numParts = 4;
const mostCompared = 64;

interface Remembered {
  readonly path: string;
  readonly ratio: number;
  readonly bits: Uint16Array;
  readonly small: Uint8Array;
}

export const defaultMaxRemembered = 50_000;

/** About 1 KB for each picture that is remembered. */
export class SimilarImages {
  readonly #maxRemembered: number;
  readonly #exact = new Map<string, string>();
  readonly #byPart = Array.from({ length: numParts }, () => new Map<number, Remembered[]>());
  #count = 0;

  constructor(maxRemembered = defaultMaxRemembered) {
    this.#maxRemembered = maxRemembered;
  }

  /** What came before and is the same; undefined when it is new, and then it is remembered. */
  earlier(path: string, pixels: Pixels): Duplicate | undefined {
    const hash = pixelHash(pixels);
    const same = this.#exact.get(hash);
    if (same !== undefined) return { kind: 'duplicate', path: same };
    const image = remembered(path, pixels);
    const near = this.#near(image);
    if (near !== undefined) return { kind: 'nearDuplicate', path: near.path };
    if (this.#count < this.#maxRemembered) {
      this.#count += 1;
      this.#exact.set(hash, path);
      for (const [part, images] of this.#byPart.entries()) {
        const key = image.bits[part]!;
        const list = images.get(key) ?? [];
        images.set(key, list);
        // Of thousands of flat pictures the first ones are compared with.
        if (list.length < mostCompared) list.push(image);
      }
    }
    return undefined;
  }

  #near(image: Remembered): Remembered | undefined {
    for (const [part, images] of this.#byPart.entries()) {
      const found = images.get(image.bits[part]!)?.find((other) => isNear(image, other));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function pixelHash({ width, height, channels, data }: Pixels): string {
  return createHash('sha256').update(`${width} ${height} ${channels} `).update(data).digest('base64url');
}

function remembered(path: string, pixels: Pixels): Remembered {
  const small = withChannels(resizeImage(pixels, { width: side, height: side, rule: 'stretch' }), 3);
  return { path, ratio: pixels.width / pixels.height, bits: differenceHash(small), small: small.data };
}

/** 8 rows of 8 comparisons, in four parts of 16 bits. */
function differenceHash(small: Pixels): Uint16Array {
  const { data } = resizeImage(withChannels(small, 1), { width: 9, height: 8, rule: 'stretch' });
  const bits = new Uint16Array(numParts);
  for (let i = 0; i < 64; i++) {
    const at = Math.floor(i / 8) * 9 + (i % 8);
    if (data[at]! > data[at + 1]! + brighterBy) bits[i >> 4]! |= 1 << (i & 15);
  }
  return bits;
}

function isNear(a: Remembered, b: Remembered): boolean {
  if (Math.max(a.ratio / b.ratio, b.ratio / a.ratio) > mostRatio) return false;
  let numBits = 0;
  for (let part = 0; part < numParts; part++) numBits += bitCount(a.bits[part]! ^ b.bits[part]!);
  if (numBits > mostBits) return false;
  let sum = 0;
  for (let i = 0; i < a.small.length; i++) {
    const difference = Math.abs(a.small[i]! - b.small[i]!);
    if (difference > mostLevels) return false;
    sum += difference;
  }
  return sum <= mostMeanLevels * a.small.length;
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
