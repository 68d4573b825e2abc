// Prompt look-up: what comes next is guessed by copying what followed the last symbols where they stood before, in the prompt or in
// what was made since (Saxena 2023, "Prompt Lookup Decoding"; Yang et al. 2023, arXiv 2304.04487). Places that end in the same pair of
// symbols are chained, the latest first, as in LZ77:
//
//   place      0   1   2   3   4   5   6   7   8        the last symbols are  a b c
//   symbol     a   b   c   d   b   c   x   a   b   c    chain of (b, c): 9 -> 5 -> 2, of which 2 agrees for three symbols, 5 for two
//                          ^source                      so d is guessed, then b, c, x, ...
//
// Where no pair agrees, the last symbol alone does. A step looks at no more than `maxCandidates` places and `maxMatch` symbols before
// each, and beyond `maxSymbols` the older half is forgotten.
import type { SymbolId } from '../base/model.ts';

const maxCandidates = 32;
/** Longer agreement says no more. */
export const maxMatch = 32;
const numChains = 4096; // A power of two.
const nowhere = -1;

export class PromptLookup {
  readonly #maxSymbols: number;
  #symbols = new Int32Array(512);
  /** To each place the one before it that ends in a pair of the same hash. */
  #earlier = new Int32Array(512);
  readonly #latest = new Int32Array(numChains);
  /** The last place of a symbol, by its hash; of the last symbol the one before. */
  readonly #latestOfOne = new Int32Array(numChains);
  #lastSeen = nowhere;
  #length = 0;
  /** Whose symbol is guessed next; the `#matchLength` symbols before it are the last ones. */
  #source = nowhere;
  #matchLength = 0;

  constructor(maxSymbols = 16384) {
    this.#maxSymbols = maxSymbols;
    this.clear();
  }

  /** How many of the last symbols stood before what is guessed, at most `maxMatch`; 0 when nothing is guessed. */
  get matchLength(): number {
    return this.#matchLength;
  }

  /** What is most likely to come next. */
  get guess(): SymbolId | undefined {
    if (this.#source === nowhere) return undefined;
    return this.#symbols[this.#source]!;
  }

  /** Forgets everything; the memory stays, since making it anew for each request costs more than filling it. */
  clear(): void {
    this.#latest.fill(nowhere);
    this.#latestOfOne.fill(nowhere);
    this.#length = 0;
    this.#source = nowhere;
    this.#matchLength = 0;
  }

  append(symbols: ArrayLike<SymbolId>): void {
    for (let i = 0; i < symbols.length; i++) this.#push(symbols[i]!);
    if (this.#source === nowhere) this.#search();
  }

  /** At most `count` symbols that may come next; none when the last one never stood before. */
  draft(count: number): Int32Array {
    if (this.#source === nowhere) return new Int32Array(0);
    const draft = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const from = this.#source + i;
      // A source that reaches the end goes on in the draft itself: what repeats goes on repeating.
      draft[i] = from < this.#length ? this.#symbols[from]! : draft[from - this.#length]!;
    }
    return draft;
  }

  #push(symbol: SymbolId): void {
    if (this.#length === this.#maxSymbols) this.#forgetFirstHalf();
    if (this.#length === this.#symbols.length) {
      this.#symbols = doubled(this.#symbols);
      this.#earlier = doubled(this.#earlier);
    }
    // While the guesses come true the source stays the best: all places that agreed longer or later have been left behind.
    const isGuessed = this.#source !== nowhere && this.#symbols[this.#source] === symbol;
    this.#source = isGuessed ? this.#source + 1 : nowhere;
    this.#matchLength = isGuessed ? Math.min(maxMatch, this.#matchLength + 1) : 0;
    const place = this.#length;
    this.#symbols[place] = symbol;
    this.#length += 1;
    const chainOfOne = symbol & (numChains - 1);
    this.#lastSeen = this.#latestOfOne[chainOfOne]!;
    this.#latestOfOne[chainOfOne] = place;
    if (place === 0) return;
    const chain = this.#chainAt(place);
    this.#earlier[place] = this.#latest[chain]!;
    this.#latest[chain] = place;
  }

  /** The longest match that the first places of the chain have; of equals, the latest. */
  #search(): void {
    const last = this.#length - 1;
    if (last < 1) return;
    let place = this.#earlier[last]!;
    for (let seen = 0; place !== nowhere && seen < maxCandidates && this.#matchLength < maxMatch; seen++) {
      this.#consider(place, last);
      place = this.#earlier[place]!;
    }
    if (this.#matchLength === 0 && this.#lastSeen !== nowhere) this.#consider(this.#lastSeen, last);
  }

  #consider(place: number, last: number): void {
    const length = this.#agreement(place, last);
    if (length <= this.#matchLength) return;
    this.#matchLength = length;
    this.#source = place + 1;
  }

  /** How many symbols up to and with both places are the same. */
  #agreement(place: number, last: number): number {
    const longest = Math.min(maxMatch, place + 1);
    let length = 0;
    while (length < longest && this.#symbols[place - length] === this.#symbols[last - length]) length += 1;
    return length;
  }

  #chainAt(place: number): number {
    const pair = Math.imul(this.#symbols[place - 1]!, 0x9e3779b1) ^ Math.imul(this.#symbols[place]!, 0x85ebca77);
    return (pair ^ (pair >>> 15)) & (numChains - 1);
  }

  #forgetFirstHalf(): void {
    const kept = this.#symbols.slice(this.#length >> 1, this.#length);
    this.clear();
    for (const symbol of kept) this.#push(symbol);
    this.#search();
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(array.length * 2);
  twice.set(array);
  return twice;
}
