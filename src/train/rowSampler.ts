// Training rows, drawn without end from a corpus: sequences as codecs/layout.ts lays them out, one after the other until the row is full.
//
//   plain    start, [header], text, end
//   infill   start, [header], suffix, S, prefix, P, middle, M, end        (Bavarian et al. 2022, arXiv 2207.14255, "SPM")
//
// * In a share of the draws up to three files that lie near come before one, as an editor has them open beside it.
// * Every sequence begins with the start symbol, a window from inside a long document too: so does a prompt at completion time.
//   `end` comes only where the document ends, or after a whole middle. A plain text may be cut by the end of the row, a middle never.
// * Holes are cut at symbol boundaries, because completion heals the symbol at the cursor. Many begin with the line feed before a line,
//   where completion puts its mark. Most reach to the end of the line.
// * Documents are drawn by their size, extensions by size ** 0.7, so that one large language does not drown the others.
import type { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Corpus, type CorpusDocument, firstLineStart, lineEndings } from './corpus.ts';

export interface RowMix {
  /** The share of sequences with a hole. */
  readonly infill: number;
  /** The share of sequences that tell their path. */
  readonly header: number;
  /** The share of draws with near files before the one drawn. */
  readonly neighbors: number;
  /** The share of holes that begin with the line feed before a line. */
  readonly lineHoles: number;
}

export const defaultMix: RowMix = { infill: 0.5, header: 0.75, neighbors: 0.3, lineHoles: 0.45 };

const extensionTemper = 0.7;
/** Long documents are read from their beginning in this share of the draws, from any line otherwise. */
const fromBeginning = 0.25;
/** Less room than this at the end of a row is filled with plain text. */
const minInfillRoom = 64;
const minInfillLength = 8;
/** Shares of the context that a prompt gives to what follows the hole. */
const suffixShares = [0.1, 0.25, 0.35] as const;
const meanSpanLength = 16;
/**
 * A sequence with a hole has a length drawn between this and the room that is left, so that a long row has several: a middle has some ten
 * symbols, and one in a row would teach little else than plain text.
 */
const minHoleContext = 256;
/** Near files get this share of the room, and lie at most this far away in the order of paths. */
const neighborShare = 0.5;
const neighborDistance = 6;
const maxNeighbors = 3;
/** Further back the line feed before a line is not looked for. */
const maxLineBack = 64;

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
      const index = this.#drawIndex();
      const document = this.#corpus.documents[index]!;
      if (this.#random.nextFloat() < this.#mix.neighbors) at = this.#writeNeighbors(row, at, index);
      const withHeader = this.#random.nextFloat() < this.#mix.header;
      const withHole = this.#random.nextFloat() < this.#mix.infill;
      at =
        (withHole ? this.#writeInfill(row, at, document, withHeader) : undefined) ??
        this.#writePlain(row, at, document, withHeader);
    }
  }

  #drawIndex(): number {
    const target = this.#random.nextFloat();
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** One to three files from their beginnings, each with its path; whole ones are ended. */
  #writeNeighbors(row: Int32Array, begin: number, index: number): number {
    const { documents } = this.#corpus;
    const limit = begin + Math.floor((row.length - begin) * neighborShare);
    if (limit - begin < 2 * minInfillRoom) return begin;
    const near: CorpusDocument[] = [];
    const last = Math.min(documents.length - 1, index + neighborDistance);
    for (let i = Math.max(0, index - neighborDistance); i <= last; i++) if (i !== index) near.push(documents[i]!);
    const count = Math.min(near.length, 1 + this.#random.nextInteger(maxNeighbors));
    let at = begin;
    for (let i = 0; i < count; i++) {
      const [neighbor] = near.splice(this.#random.nextInteger(near.length), 1);
      at = this.#writeNeighbor(row, at, neighbor!, Math.floor((limit - begin) / count));
    }
    return at;
  }

  #writeNeighbor(row: Int32Array, begin: number, { header, symbols }: CorpusDocument, room: number): number {
    if (header.length * 2 > room) return begin;
    const textRoom = room - header.length;
    let length = symbols.length;
    if (length >= textRoom) {
      length = textRoom;
      while (length > textRoom >> 1 && !this.#endsLine[symbols[length - 1]!]) length--;
    }
    row.set(header, begin);
    row.set(symbols.subarray(0, length), begin + header.length);
    const at = begin + header.length + length;
    if (length < symbols.length) return at;
    row[at] = this.#specials.end;
    return at + 1;
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
    let room = row.length - begin - headerLength - 4;
    if (room > minHoleContext) room = Math.floor(minHoleContext * (room / minHoleContext) ** this.#random.nextFloat());
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
      const drawn = this.#random.nextInteger(length);
      const atLine = this.#random.nextFloat() < this.#mix.lineHoles;
      const lineFeed = atLine ? this.#lineFeedBefore(document, drawn) : undefined;
      const cut = lineFeed ?? drawn;
      const inside = lineFeed === undefined ? drawn : lineFeed + 1;
      const kind = this.#random.nextFloat();
      let resume: number;
      if (kind < 0.6) resume = this.#lineEnd(document, inside, 0);
      else if (kind < 0.85) resume = this.#lineEnd(document, inside, 1 + this.#random.nextInteger(4));
      else resume = Math.min(length, cut + 1 + this.#drawSpanLength());
      if (resume - cut > limit) resume = this.#lineEnd(document, inside, 0);
      const fits = resume - cut <= limit;
      if (fits && (resume > cut || attempt === 1)) return [cut, resume];
    }
    return undefined;
  }

  /** Where the symbol lies that ends the line above. */
  #lineFeedBefore({ symbols }: CorpusDocument, from: number): number | undefined {
    const first = Math.max(0, from - maxLineBack);
    for (let i = from; i >= first; i--) if (this.#endsLine[symbols[i]!]) return i;
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
