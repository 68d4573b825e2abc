// Texts that hardly differ: a file and its copy with another license year, a vendored version and the next. Two texts are near
// duplicates when of the runs of five words that either has, at least 85 % are in both (Jaccard similarity of shingles; the
// threshold is the one BigCode used for code, Kocetkov et al. 2022, arXiv 2211.15533).
//   It is estimated by MinHash with a single hash per shingle and one bin per row (Li, Owen & Zhang 2012, arXiv 1208.1259), empty
// bins borrowing from the next (Shrivastava & Li 2014, arXiv 1406.4784); standard error at the threshold 0.03. Candidates are
// found by bands of rows (Broder 1997; Leskovec et al., Mining of Massive Datasets, 3.4). No randomness: the same files in the
// same order give the same answers.

const shingleWords = 5;
const numBins = 128;
const rowsPerBand = 8;
const numBands = numBins / rowsPerBand;
/** Of bins that must be equal. */
const threshold = 0.85;
/** Below, a few words make the difference: such texts count as near only when they are the same. */
const fewestShingles = 64;

export const defaultMaxRemembered = 100_000;

/** 256 bytes and 16 table entries, about 1 KB in all, for each text that is remembered. */
export class NearDuplicateTexts {
  readonly #maxRemembered: number;
  readonly #paths: string[] = [];
  readonly #sketches: Uint16Array[] = [];
  readonly #bands = Array.from({ length: numBands }, () => new Map<number, number>());

  constructor(maxRemembered = defaultMaxRemembered) {
    this.#maxRemembered = maxRemembered;
  }

  /** The path of an earlier text that is nearly the same; undefined when there is none, and then this one is remembered. */
  earlier(path: string, text: string): string | undefined {
    const sketch = sketchOf(text);
    if (sketch === undefined) return undefined;
    const keys = this.#bands.map((_, band) => bandKey(sketch, band));
    const compared = new Set<number>();
    for (const [band, key] of keys.entries()) {
      const candidate = this.#bands[band]!.get(key);
      if (candidate === undefined || compared.has(candidate)) continue;
      compared.add(candidate);
      if (similarity(sketch, this.#sketches[candidate]!) >= threshold) return this.#paths[candidate];
    }
    if (this.#paths.length < this.#maxRemembered) {
      // Of several with the same band the last is kept; the others are still found by their other bands.
      for (const [band, key] of keys.entries()) this.#bands[band]!.set(key, this.#paths.length);
      this.#paths.push(path);
      this.#sketches.push(sketch);
    }
    return undefined;
  }
}

/** The share of equal bins, which estimates the share of common shingles. */
export function similarity(a: Uint16Array, b: Uint16Array): number {
  let equal = 0;
  for (let i = 0; i < numBins; i++) if (a[i] === b[i]) equal += 1;
  return equal / numBins;
}

/** Undefined for a text of few words. */
export function sketchOf(text: string): Uint16Array | undefined {
  const least = new Uint32Array(numBins).fill(0xffffffff);
  const words = new Uint32Array(shingleWords);
  let numWords = 0;
  const add = (word: number) => {
    words[numWords % shingleWords] = word;
    numWords += 1;
    if (numWords < shingleWords) return;
    let hash = 0;
    for (let i = 0; i < shingleWords; i++)
      hash = Math.imul(hash ^ words[(numWords + i) % shingleWords]!, 0x85ebca6b) + i;
    hash = mixed(hash);
    const bin = hash >>> 25;
    const value = mixed(hash ^ 0x5bd1e995);
    if (value < least[bin]!) least[bin] = value;
  };
  eachWord(text, add);
  if (numWords - shingleWords + 1 < fewestShingles) return undefined;
  return Uint16Array.from(least, (_, bin) => borrowed(least, bin) & 0xffff);
}

/** A run of letters, digits and underscores; or any other character that is no blank. As a hash (FNV-1a). */
function eachWord(text: string, add: (hash: number) => void): void {
  let word = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isWordCode(code)) {
      word = Math.imul((word === 0 ? 0x811c9dc5 : word) ^ code, 0x01000193);
      continue;
    }
    if (word !== 0) add(word);
    word = 0;
    if (code > 0x20 && code !== 0xa0) add(Math.imul(0x811c9dc5 ^ code, 0x01000193));
  }
  if (word !== 0) add(word);
}

function isWordCode(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code > 0xa0
  );
}

/** Murmur3's finalizer. */
function mixed(hash: number): number {
  let x = hash;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The bin's own value, or that of the next one that has any, changed by how far that is. */
function borrowed(least: Uint32Array, bin: number): number {
  for (let distance = 0; distance < numBins; distance++) {
    const value = least[(bin + distance) % numBins]!;
    if (value !== 0xffffffff) return mixed(value + Math.imul(distance, 0x9e3779b9));
  }
  return 0;
}

function bandKey(sketch: Uint16Array, band: number): number {
  let key = band;
  for (let i = 0; i < rowsPerBand; i++) key = mixed(Math.imul(key, 31) + sketch[band * rowsPerBand + i]!);
  return key;
}
