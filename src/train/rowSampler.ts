// Training rows, drawn without end from a corpus: sequences as codecs/layout.ts lays them out, one after the other until the row is full.
//
//   plain    start, [header], text, end
//   infill   start, [header], suffix, S, prefix, P, middle, M, end        (Bavarian et al. 2022, arXiv 2207.14255, "SPM")
//
// * Every sequence begins with the start symbol, a window from inside a long document too: so does a prompt at completion time.
//   `end` comes only where the document ends, or after a whole middle. A plain text may be cut by the end of the row, a middle never.
// * Holes are cut at symbol boundaries, because completion heals the symbol at the cursor. Most reach to the end of the line.
// * Documents are drawn by their size, extensions by size ** 0.7, so that one large language does not drown the others.
import type { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Corpus, type CorpusDocument, firstLineStart, lineEndings } from './corpus.ts';

export interface RowMix {
  /** The share of sequences with a hole. */
  readonly infill: number;
  /** The share of sequences that tell their path. */
  readonly header: number;
}

export const defaultMix: RowMix = { infill: 0.5, header: 0.75 };

const extensionTemper = 0.7;
/** Long documents are read from their beginning in this share of the draws, from any line otherwise. */
const fromBeginning = 0.25;
/** Less room than this at the end of a row is filled with plain text. */
const minInfillRoom = 64;
const minInfillLength = 8;
/** Shares of the context that a prompt gives to what follows the hole. */
const suffixShares = [0.1, 0.25, 0.35] as const;
const meanSpanLength = 16;

export class RowSampler {
  readonly #corpus: Corpus;
  readonly #specials: TextCodec['specials'];
  readonly #mix: RowMix;
  readonly #random: Random;
  readonly #endsLine: Uint8Array;
  /** Sums of the documents' weights; the last is 1. */
  readonly #cumulative: Float64Array;

  constructor(corpus: Corpus, codec: TextCodec, mix: RowMix, random: Random) {
    if (corpus.numSymbols === 0) throw new RangeError('RowSampler: expected a corpus with at least one symbol');
    this.#corpus = corpus;
    this.#specials = codec.specials;
    this.#mix = mix;
    this.#random = random;
    this.#endsLine = lineEndings(codec);
    this.#cumulative = cumulativeWeights(corpus);
  }

  /** Fills a row of time + 1 symbols: the first `time` are inputs, the last `time` their targets. */
  fill(row: Int32Array): void {
    let at = 0;
    while (at < row.length) {
      const document = this.#drawDocument();
      const withHeader = this.#random.nextFloat() < this.#mix.header;
      const withHole = this.#random.nextFloat() < this.#mix.infill;
      at =
        (withHole ? this.#writeInfill(row, at, document, withHeader) : undefined) ??
        this.#writePlain(row, at, document, withHeader);
    }
  }

  #drawDocument(): CorpusDocument {
    const target = this.#random.nextFloat();
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return this.#corpus.documents[low]!;
  }

  #writePlain(row: Int32Array, begin: number, document: CorpusDocument, withHeader: boolean): number {
    const { symbols } = document;
    let at = this.#writeStart(row, begin, document, withHeader);
    const room = row.length - at;
    let from = 0;
    if (symbols.length > room && this.#random.nextFloat() >= fromBeginning) {
      from = firstLineStart(
        symbols,
        this.#endsLine,
        this.#random.nextInteger(symbols.length - (room >> 1)),
        symbols.length - 1,
      );
    }
    const length = Math.max(0, Math.min(room, symbols.length - from));
    at = copy(row, at, document, from, from + length);
    if (at < row.length) row[at++] = this.#specials.end;
    return at;
  }

  /** Undefined when there is no room for a hole or the codec has no symbols for one. */
  #writeInfill(row: Int32Array, begin: number, document: CorpusDocument, withHeader: boolean): number | undefined {
    const { suffix, prefix, middle, end } = this.#specials;
    const { symbols } = document;
    if (suffix === undefined || prefix === undefined || middle === undefined) return undefined;
    if (row.length - begin < minInfillRoom || symbols.length < minInfillLength) return undefined;
    const headerLength = withHeader ? document.header.length : 1;
    // suffix, prefix, middle and end are four.
    const room = row.length - begin - headerLength - 4;
    const hole = this.#drawHole(document, room >> 1);
    if (!hole) return undefined;
    const [cut, resume] = hole;

    const context = room - (resume - cut);
    const share = suffixShares[this.#random.nextInteger(suffixShares.length)]!;
    const suffixLength = Math.min(symbols.length - resume, Math.max(Math.floor(context * share), context - cut));
    const prefixLength = Math.min(cut, context - suffixLength);
    const from =
      prefixLength === cut ? 0 : firstLineStart(symbols, this.#endsLine, cut - prefixLength, cut - (prefixLength >> 1));

    let at = this.#writeStart(row, begin, document, withHeader);
    row[at++] = suffix;
    at = copy(row, at, document, resume, resume + suffixLength);
    row[at++] = prefix;
    at = copy(row, at, document, from, cut);
    row[at++] = middle;
    at = copy(row, at, document, cut, resume);
    row[at++] = end;
    return at;
  }

  #writeStart(row: Int32Array, begin: number, { header }: CorpusDocument, withHeader: boolean): number {
    if (!withHeader) {
      row[begin] = this.#specials.start;
      return begin + 1;
    }
    const length = Math.min(header.length, row.length - begin);
    row.set(header.subarray(0, length), begin);
    return begin + length;
  }

  /** From where to where the hole goes; of at most `limit` symbols. */
  #drawHole(document: CorpusDocument, limit: number): readonly [cut: number, resume: number] | undefined {
    const length = document.symbols.length;
    // An empty middle teaches that nothing is missing; twice drawn it is rare enough.
    for (let attempt = 0; attempt < 2; attempt++) {
      const cut = this.#random.nextInteger(length);
      const kind = this.#random.nextFloat();
      let resume: number;
      if (kind < 0.6) resume = this.#lineEnd(document, cut, 0);
      else if (kind < 0.85) resume = this.#lineEnd(document, cut, 1 + this.#random.nextInteger(4));
      else resume = Math.min(length, cut + 1 + this.#drawSpanLength());
      if (resume - cut > limit) resume = this.#lineEnd(document, cut, 0);
      const fits = resume - cut <= limit;
      if (fits && (resume > cut || attempt === 1)) return [cut, resume];
    }
    return undefined;
  }

  #drawSpanLength(): number {
    return Math.floor(-meanSpanLength * Math.log(1 - this.#random.nextFloat()));
  }

  /** Where the line of `from` ends, before its line feed, or the line `further` lines below; the document's end otherwise. */
  #lineEnd({ symbols }: CorpusDocument, from: number, further: number): number {
    let left = further;
    for (let i = from; i < symbols.length; i++) if (this.#endsLine[symbols[i]!] && left-- === 0) return i;
    return symbols.length;
  }
}

function copy(row: Int32Array, at: number, { symbols }: CorpusDocument, from: number, to: number): number {
  row.set(symbols.subarray(from, to), at);
  return at + to - from;
}

function cumulativeWeights({ documents }: Corpus): Float64Array {
  const sizes = new Map<string, number>();
  for (const { extension, symbols } of documents) sizes.set(extension, (sizes.get(extension) ?? 0) + symbols.length);
  const sums = new Float64Array(documents.length);
  let sum = 0;
  documents.forEach(({ extension, symbols }, i) => {
    sum += symbols.length * (sizes.get(extension) ?? 1) ** (extensionTemper - 1);
    sums[i] = sum;
  });
  return sums.map((value) => value / sum);
}
