// Where the last symbols stood before, and what followed them there: a distribution that copies. It learns at once, from the very text
// that goes on. Places are chained by the hash of their last 1, 2, 4 and 8 symbols, the latest first, as in LZ77:
//
//   place      0   1   2   3   4   5   6   7   8        the last symbols are  a b c
//   symbol     a   b   c   d   b   c   x   a   b   c    places 2 (agrees for three symbols, d followed) and 5 (for two, x followed)
//
// A prediction looks at no more than `maxVisits` places of each chain and `maxMatch` symbols before each, and beyond `maxSymbols` the
// older half is forgotten: constant time for a symbol, and bounded memory. Counts of long matches are smoothed with those of shorter ones
// by absolute discounting (Ney et al. 1994), so that one place where much agreed outweighs many where little did.
import type { SymbolId } from '../base/model.ts';

/** Matches of at least so many symbols are one level. */
export const levelLengths = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] as const;
/**
 * What is taken from each distinct follower of a level for what may follow otherwise: the longer a match, the more it says. Found one by one, as
 * what makes the copies alone cost the fewest bits for the files that the weights are fitted on (copyWeights.ts).
 */
export const copyDiscounts = [0.8, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4, 0.3, 0.3, 0.2] as const;

/** -1 for no match. */
function levelOf(matchLength: number): number {
  let level = levelLengths.length - 1;
  while (level >= 0 && levelLengths[level]! > matchLength) level -= 1;
  return level;
}

/** Of symbols that say as much as those that the weights are fitted on. */
const maxMatch = 32;
const maxVisits = 32;
const orders = [1, 2, 4, 8] as const;
const nowhere = -1;
const maxCandidates = maxVisits * orders.length + 1;

/** Valid until the index changes. Probabilities of `symbols` and `rest` add up to 1; `rest` is for whatever else may come. */
export interface CopyPrediction {
  /** Of the longest match; 0 when the last symbol is new. */
  readonly matchLength: number;
  /** Of `levelLengths`; -1 without a match. */
  readonly level: number;
  /** How many places agree as long, by level. */
  readonly count: number;
  readonly symbols: Int32Array;
  readonly probs: Float64Array;
  readonly rest: number;
}

export interface CopyIndexOptions {
  /** At least 2. */
  readonly maxSymbols?: number;
  /** How many symbols say what one of a BPE does, which the levels are counted in: one letter that stood before says next to nothing. */
  readonly shortness?: number;
  /** Lies between texts, and is never copied: what begins one does not follow from how another ended. */
  readonly separator?: SymbolId;
}

export class CopyIndex {
  readonly #maxSymbols: number;
  readonly #shortness: number;
  readonly #maxMatch: number;
  readonly #separator: SymbolId;
  /** What is copied comes before this. */
  #sourcesEnd = Number.POSITIVE_INFINITY;
  #symbols = new Int32Array(1024);
  #length = 0;
  readonly #chains = orders.map((order) => new Chain(order));
  /** How often each symbol came, for who has nothing else to go by. */
  readonly #counts: Int32Array; // [vocab]
  #numDistinct = 0;
  /** Of the best place of the last prediction, as long as what followed there comes. */
  #source = nowhere;

  /** Of the places found, as many as there are. */
  readonly #nextOf = new Int32Array(maxCandidates);
  readonly #levelOf = new Int8Array(maxCandidates);
  #numCandidates = 0;
  /** Distinct followers. */
  readonly #followers = new Int32Array(maxCandidates);
  readonly #probs = new Float64Array(maxCandidates);
  readonly #ofLevel = new Int32Array(maxCandidates);
  /** 1 + the follower's number; 0 for all others. */
  readonly #slots: Uint16Array; // [vocab]

  constructor(
    vocabularySize: number,
    { maxSymbols = 1 << 16, shortness = 1, separator = nowhere }: CopyIndexOptions = {},
  ) {
    if (maxSymbols < 2) throw new RangeError(`CopyIndex: expected room for two symbols at least, got ${maxSymbols}`);
    this.#maxSymbols = maxSymbols;
    this.#shortness = shortness;
    this.#maxMatch = Math.round(maxMatch * shortness);
    this.#separator = separator;
    this.#counts = new Int32Array(vocabularySize);
    this.#slots = new Uint16Array(vocabularySize);
  }

  /** How many symbols it holds. */
  get length(): number {
    return this.#length;
  }

  /** How many symbols these and those that it holds have in common from the first on. */
  commonLength(symbols: Int32Array): number {
    const longest = Math.min(this.#length, symbols.length);
    let common = 0;
    while (common < longest && this.#symbols[common] === symbols[common]) common += 1;
    return common;
  }

  /** Makes these the symbols it holds: what they begin with in common is kept, so that typing on costs what is typed. */
  lead(symbols: Int32Array): void {
    const from = Math.max(0, symbols.length - this.#maxSymbols);
    const wanted = symbols.subarray(from);
    const common = this.commonLength(wanted);
    while (this.#length > common) this.#pop();
    this.#source = nowhere;
    this.#sourcesEnd = Number.POSITIVE_INFINITY;
    this.append(wanted.subarray(common));
  }

  /** What is pushed from now on, until it is led elsewhere, is matched and not copied: what was made would go on repeating itself. */
  endSources(): void {
    this.#sourcesEnd = this.#length;
  }

  append(symbols: ArrayLike<SymbolId>): void {
    for (let i = 0; i < symbols.length; i++) this.push(symbols[i]!);
  }

  push(symbol: SymbolId): void {
    if (symbol < 0 || symbol >= this.#counts.length) {
      throw new RangeError(`CopyIndex: expected a symbol from 0 to ${this.#counts.length - 1}, got ${symbol}`);
    }
    if (this.#length === this.#maxSymbols) this.#forgetFirstHalf();
    if (this.#length === this.#symbols.length) {
      const longer = new Int32Array(2 * this.#length);
      longer.set(this.#symbols);
      this.#symbols = longer;
    }
    this.#source = this.#source !== nowhere && this.#symbols[this.#source + 1] === symbol ? this.#source + 1 : nowhere;
    this.#symbols[this.#length] = symbol;
    for (const chain of this.#chains) chain.add(this.#symbols, this.#length);
    this.#length += 1;
    if (this.#counts[symbol] === 0) this.#numDistinct += 1;
    this.#counts[symbol]! += 1;
  }

  /** What may come next, by what came before where the last symbols stood. */
  predict(): CopyPrediction {
    this.#numCandidates = 0;
    const last = this.#length - 1;
    let best = 0;
    const source = this.#source;
    let sourceSeen = source === nowhere;
    for (let i = orders.length - 1; i >= 0; i--) {
      const chain = this.#chains[i]!;
      const tooLong = orders[i + 1] ?? this.#maxMatch + 1;
      let place = chain.before(last);
      while (place !== nowhere && place + 1 >= this.#sourcesEnd) place = chain.before(place);
      for (let visits = 0; place !== nowhere && visits < maxVisits; visits++, place = chain.before(place)) {
        const length = this.#agreement(place, last);
        // Of longer agreement it was found already, in the chain of more symbols; of shorter, the hash alone is the same.
        if (length < orders[i]! || length >= tooLong || !this.#isSource(place)) continue;
        if (length > best) {
          best = length;
          this.#source = place;
        }
        sourceSeen ||= place === source;
        this.#consider(place, length);
      }
    }
    if (!sourceSeen && this.#isSource(source)) {
      const length = this.#agreement(source, last);
      if (length >= best) {
        best = length;
        this.#source = source;
      }
      if (length > 0) this.#consider(source, length);
    }
    return this.#distribution(best);
  }

  /** How likely a symbol is by how often it came: what is left to who knows nothing but this text. */
  frequency(symbol: SymbolId): number {
    const size = this.#counts.length;
    if (this.#length === 0) return 1 / size;
    const seen = Math.max(0, this.#counts[symbol]! - 0.5);
    return (seen + (0.5 * this.#numDistinct) / size) / this.#length;
  }

  /** Whether what follows there may be copied. */
  #isSource(place: number): boolean {
    return place + 1 < this.#sourcesEnd && this.#symbols[place + 1] !== this.#separator;
  }

  #consider(place: number, length: number): void {
    const level = levelOf(length / this.#shortness);
    if (level < 0) return;
    this.#nextOf[this.#numCandidates] = this.#symbols[place + 1]!;
    this.#levelOf[this.#numCandidates] = level;
    this.#numCandidates += 1;
  }

  /** p[level](s) = max(n(s) - d, 0) / n + (d distinct / n) p[level - 1](s), from the shortest matches up. */
  #distribution(matchLength: number): CopyPrediction {
    const slots = this.#slots;
    const followers = this.#followers;
    const probs = this.#probs;
    let numFollowers = 0;
    let top = -1;
    for (let i = 0; i < this.#numCandidates; i++) {
      const symbol = this.#nextOf[i]!;
      if (slots[symbol] === 0) {
        followers[numFollowers] = symbol;
        probs[numFollowers] = 0;
        numFollowers += 1;
        slots[symbol] = numFollowers;
      }
      top = Math.max(top, this.#levelOf[i]!);
    }
    let rest = 1;
    let count = 0;
    for (let level = 0; level <= top; level++) {
      // Where the next level has the very same places, it alone counts.
      let ends = false;
      this.#ofLevel.fill(0, 0, numFollowers);
      count = 0;
      for (let i = 0; i < this.#numCandidates; i++) {
        if (this.#levelOf[i]! < level) continue;
        ends ||= this.#levelOf[i] === level;
        this.#ofLevel[slots[this.#nextOf[i]!]! - 1]! += 1;
        count += 1;
      }
      if (!ends) continue;
      const discount = copyDiscounts[level]!;
      let distinct = 0;
      for (let i = 0; i < numFollowers; i++) distinct += Number(this.#ofLevel[i]! > 0);
      const kept = (discount * distinct) / count;
      for (let i = 0; i < numFollowers; i++) {
        probs[i] = kept * probs[i]! + Math.max(0, this.#ofLevel[i]! - discount) / count;
      }
      rest *= kept;
    }
    for (let i = 0; i < numFollowers; i++) slots[followers[i]!] = 0;
    return {
      matchLength,
      level: top,
      count,
      symbols: followers.subarray(0, numFollowers),
      probs: probs.subarray(0, numFollowers),
      rest,
    };
  }

  /** How many symbols up to and with both places are the same. */
  #agreement(place: number, last: number): number {
    const longest = Math.min(this.#maxMatch, place + 1);
    let length = 0;
    while (length < longest && this.#symbols[place - length] === this.#symbols[last - length]) length += 1;
    return length;
  }

  #pop(): void {
    this.#length -= 1;
    for (const chain of this.#chains) chain.removeLast();
    const symbol = this.#symbols[this.#length]!;
    this.#counts[symbol]! -= 1;
    if (this.#counts[symbol] === 0) this.#numDistinct -= 1;
  }

  #forgetFirstHalf(): void {
    const kept = this.#symbols.slice(this.#length >> 1, this.#length);
    this.#sourcesEnd -= this.#length >> 1;
    for (const chain of this.#chains) chain.clear();
    this.#counts.fill(0);
    this.#numDistinct = 0;
    this.#length = 0;
    this.#source = nowhere;
    this.append(kept);
  }
}

/** To each place the one before it whose last symbols have the same hash. */
class Chain {
  readonly #order: number;
  #latest = new Int32Array(1024).fill(nowhere);
  #earlier = new Int32Array(1024);
  #hashes = new Int32Array(1024);
  #length = 0;

  constructor(order: number) {
    this.#order = order;
  }

  clear(): void {
    this.#latest.fill(nowhere);
    this.#length = 0;
  }

  add(symbols: Int32Array, place: number): void {
    if (place === this.#earlier.length) this.#grow();
    let hash = 0;
    for (let at = Math.max(0, place + 1 - this.#order); at <= place; at++) {
      hash = Math.imul(hash ^ symbols[at]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    this.#hashes[place] = hash;
    this.#length = place + 1;
    this.#link(place);
  }

  removeLast(): void {
    this.#length -= 1;
    this.#latest[this.#hashes[this.#length]! & (this.#latest.length - 1)] = this.#earlier[this.#length]!;
  }

  /** The one before it; nowhere, -1, of the first. Which others share its bucket depends on the table's size, and changes nothing. */
  before(place: number): number {
    if (place < 0) return nowhere;
    const hash = this.#hashes[place]!;
    let earlier = this.#earlier[place]!;
    while (earlier !== nowhere && this.#hashes[earlier] !== hash) earlier = this.#earlier[earlier]!;
    return earlier;
  }

  #link(place: number): void {
    const bucket = this.#hashes[place]! & (this.#latest.length - 1);
    this.#earlier[place] = this.#latest[bucket]!;
    this.#latest[bucket] = place;
  }

  #grow(): void {
    const size = 2 * this.#earlier.length;
    const [earlier, hashes] = [this.#earlier, this.#hashes];
    this.#earlier = new Int32Array(size);
    this.#earlier.set(earlier);
    this.#hashes = new Int32Array(size);
    this.#hashes.set(hashes);
    this.#latest = new Int32Array(size).fill(nowhere);
    for (let place = 0; place < this.#length; place++) this.#link(place);
  }
}
