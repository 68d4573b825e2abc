// Learns a byte-level BPE (Sennrich et al. 2016, arXiv 1508.07909; bytes as in GPT-2). `add` counts pretokens in a table of
// bounded size, `train` merges the most frequent pair again and again. Pair counts are kept up to date, and each pair knows
// the words it occurs in, so one merge costs what it changes and not a pass over the text. Same text, same result: ties go
// to the pair of smaller numbers.
//   symbols: 0..7 special | 8..263 the bytes | 264.. one per merge, so that a shorter vocabulary is a prefix of a longer one
import type { SymbolId } from '../base/model.ts';
import type { BpeDescription } from './bpeDescription.ts';
import { spellBytes } from './byteAlphabet.ts';
import { PairHeap } from './pairHeap.ts';
import { ownCopy, pretokenizer, pretokenPattern } from './pretokens.ts';
import { specialNames, utf8 } from './text.ts';
import { cutUtf8 } from './utf8.ts';

/** The special symbols of a trained BPE, by number; two are held back for later. */
export const bpeSpecials: readonly string[] = [
  ...(['start', 'end', 'file', 'prefix', 'suffix', 'middle'] as const).map((role) => specialNames[role]),
  '<|reserved0|>',
  '<|reserved1|>',
];

export interface BpeTrainerOptions {
  readonly pattern?: string;
  /** Pretokens the table holds before the rarest are forgotten. */
  readonly maxPretokens?: number;
}

export interface BpeTrainOptions {
  /** Special symbols and the 256 bytes included; fewer come out when the text has no more pairs. */
  readonly vocabularySize: number;
  /** Pairs rarer than this are not merged. */
  readonly minCount?: number;
  readonly maxTokenBytes?: number;
}

export class BpeTrainer {
  readonly #pattern: string;
  readonly #maxPretokens: number;
  readonly #cut: ReturnType<typeof pretokenizer>;
  #counts = new Map<string, number>();
  #forgotten = 0;

  constructor({ pattern = pretokenPattern, maxPretokens = 2_000_000 }: BpeTrainerOptions = {}) {
    this.#pattern = pattern;
    this.#maxPretokens = maxPretokens;
    this.#cut = pretokenizer(pattern);
  }

  get numPretokens(): number {
    return this.#counts.size;
  }

  add(text: string | Uint8Array): void {
    const count = (pretoken: string) => this.#count(pretoken);
    if (typeof text === 'string') this.#cut(text, count);
    else cutUtf8(text, (run) => this.#cut(run, count), ignoreStrayByte);
  }

  train(options: BpeTrainOptions): BpeDescription {
    const { vocabularySize, minCount = 2, maxTokenBytes = 32 } = options;
    const firstByte = bpeSpecials.length;
    if (!(Number.isInteger(vocabularySize) && vocabularySize >= firstByte + 256 && vocabularySize <= 2 ** 20)) {
      const range = `an integer from ${firstByte + 256} to ${2 ** 20}`;
      throw new RangeError(`BpeTrainer.train: expected vocabularySize to be ${range}, got ${vocabularySize}`);
    }
    const words = new Words(this.#counts, { vocabularySize, firstByte, minCount });
    const tokens = [...bpeSpecials, ...Array.from({ length: 256 }, (_, byte) => spellBytes([byte]))];
    const numbers = new Map(tokens.map((token, symbol) => [token, symbol]));
    const merges: [SymbolId, SymbolId][] = [];
    while (tokens.length < vocabularySize) {
      const pair = words.mostFrequentPair();
      if (pair === undefined) break;
      const [left, right] = pair;
      const token = tokens[left]! + tokens[right]!;
      if (token.length > maxTokenBytes) {
        words.refuse(left, right);
        continue;
      }
      // Two pairs may spell the same token ('a' 'bc' and 'ab' 'c'): both merges lead to the one symbol.
      const known = numbers.get(token);
      const merged = known ?? tokens.length;
      if (known === undefined) {
        tokens.push(token);
        numbers.set(token, merged);
      }
      merges.push([left, right]);
      words.merge(left, right, merged);
    }
    const [start, end, file, prefix, suffix, middle] = bpeSpecials.keys();
    return {
      pattern: this.#pattern,
      tokens,
      merges,
      specials: Object.fromEntries(bpeSpecials.map((name, symbol) => [name, symbol])),
      roles: { start: start!, end: end!, file: file!, prefix: prefix!, suffix: suffix!, middle: middle! },
    };
  }

  #count(pretoken: string): void {
    const count = this.#counts.get(pretoken);
    if (count !== undefined) {
      this.#counts.set(pretoken, count + 1);
      return;
    }
    if (pretoken.length < 2 && pretoken < '\x80') return; // One byte: nothing to merge.
    this.#counts.set(ownCopy(pretoken), 1 + this.#forgotten);
    if (this.#counts.size > this.#maxPretokens) this.#forgetRare();
  }

  /** Lossy counting (Manku & Motwani 2002): what is forgotten may come back, and is then credited with what it may have had. */
  #forgetRare(): void {
    while (this.#counts.size > this.#maxPretokens / 2) {
      this.#forgotten += 1;
      for (const [pretoken, count] of this.#counts) {
        if (count <= this.#forgotten) this.#counts.delete(pretoken);
      }
    }
  }
}

/** Convenience: one call for a text that is at hand. */
export function trainBpe(
  chunks: Iterable<string | Uint8Array>,
  options: BpeTrainOptions & BpeTrainerOptions,
): BpeDescription {
  const trainer = new BpeTrainer(options);
  for (const chunk of chunks) trainer.add(chunk);
  return trainer.train(options);
}

/** The distinct pretokens as symbol sequences, and for each pair of neighbors how often and where it occurs. */
class Words {
  readonly #base: number;
  readonly #minCount: number;
  /** All words end to end; word w is symbols[starts[w] .. ends[w]), and shrinks in place. */
  readonly #symbols: Int32Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #weights: Float64Array;
  /** pair -> occurrences, each word weighted by its count. */
  #pairCounts = new Map<number, number>();
  /** pair -> words it occurs in; may name words that have lost it since. */
  #pairWords = new Map<number, number[]>();
  #heap = new PairHeap();
  #refused = new Set<number>();

  constructor(
    counts: ReadonlyMap<string, number>,
    options: { vocabularySize: number; firstByte: number; minCount: number },
  ) {
    this.#base = options.vocabularySize;
    this.#minCount = options.minCount;
    const spelled = Array.from(counts.keys(), utf8);
    this.#symbols = new Int32Array(spelled.reduce((sum, bytes) => sum + bytes.length, 0));
    this.#starts = new Int32Array(counts.size);
    this.#ends = new Int32Array(counts.size);
    this.#weights = Float64Array.from(counts.values());
    let at = 0;
    for (const [word, bytes] of spelled.entries()) {
      this.#starts[word] = at;
      for (const byte of bytes) this.#symbols[at++] = options.firstByte + byte;
      this.#ends[word] = at;
      for (let i = at - bytes.length; i + 1 < at; i++) this.#change(i, i + 1, word, 1);
    }
    for (const [pair, count] of this.#pairCounts) this.#heap.push(count, pair);
  }

  mostFrequentPair(): [SymbolId, SymbolId] | undefined {
    for (let top = this.#heap.pop(); top !== undefined; top = this.#heap.pop()) {
      const count = this.#pairCounts.get(top.pair) ?? 0;
      if (count < this.#minCount || this.#refused.has(top.pair)) continue;
      if (count === top.count) return [Math.floor(top.pair / this.#base), top.pair % this.#base];
      if (count < top.count) this.#heap.push(count, top.pair); // A larger count has an entry of its own.
    }
    return undefined;
  }

  refuse(left: SymbolId, right: SymbolId): void {
    this.#refused.add(left * this.#base + right);
  }

  merge(left: SymbolId, right: SymbolId, merged: SymbolId): void {
    const pair = left * this.#base + right;
    const grown = new Set<number>();
    for (const word of this.#pairWords.get(pair) ?? []) this.#mergeInWord(word, left, right, merged, grown);
    this.#pairCounts.delete(pair);
    this.#pairWords.delete(pair);
    for (const other of grown) {
      const count = this.#pairCounts.get(other);
      if (count !== undefined) this.#heap.push(count, other);
    }
  }

  #mergeInWord(word: number, left: SymbolId, right: SymbolId, merged: SymbolId, grown: Set<number>): void {
    const symbols = this.#symbols;
    const start = this.#starts[word]!;
    const end = this.#ends[word]!;
    const weight = this.#weights[word]!;
    let write = start;
    for (let read = start; read < end; ) {
      if (read + 1 >= end || symbols[read] !== left || symbols[read + 1] !== right) {
        symbols[write++] = symbols[read++]!;
        continue;
      }
      if (write > start) {
        const before = symbols[write - 1]!; // before left  ->  before merged
        this.#addPair(before, left, word, -weight);
        grown.add(this.#addPair(before, merged, word, weight));
      }
      if (read + 2 < end) {
        const after = symbols[read + 2]!; // right after  ->  merged after
        this.#addPair(right, after, word, -weight);
        grown.add(this.#addPair(merged, after, word, weight));
      }
      symbols[write++] = merged;
      read += 2;
    }
    this.#ends[word] = write;
  }

  #change(left: number, right: number, word: number, sign: 1 | -1): void {
    this.#addPair(this.#symbols[left]!, this.#symbols[right]!, word, sign * this.#weights[word]!);
  }

  #addPair(left: SymbolId, right: SymbolId, word: number, weight: number): number {
    const pair = left * this.#base + right;
    const count = (this.#pairCounts.get(pair) ?? 0) + weight;
    if (count === 0) this.#pairCounts.delete(pair);
    else this.#pairCounts.set(pair, count);
    if (weight > 0) {
      const words = this.#pairWords.get(pair);
      if (words === undefined) this.#pairWords.set(pair, [word]);
      else if (words.at(-1) !== word) words.push(word);
    }
    return pair;
  }
}

function ignoreStrayByte(): void {}
