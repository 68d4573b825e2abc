// Rows for recurrent models: the documents of an epoch stand in a circle, in an order drawn afresh and turned as chance has it, and each
// slot of the batch walks its own arc of it, row after row, so that the state left by one row is right for the next.
//
//   circle   start, [path], text, end, start, [path], text, end, ...        start resets the state, wherever it comes
//   arcs     | slot 0 .............. | slot 1 .............. | slot 2 ...   a row's last symbol is the first of the next
//
// * The path is told before some documents (codecs/layout.ts), so that a prompt with a path and one without are both known.
// * An arc's last row runs over into the next arc: every symbol is a target in every epoch, a few are so twice.
// * The order of an epoch follows from its number and one drawn word, so that the position is a few numbers for each slot.
import { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import type { Corpus, CorpusDocument, SymbolArray } from './corpus.ts';
import type { HeldOutRows, RowSource } from './trainingData.ts';

export interface StreamOptions {
  readonly slots: number;
  readonly random: Random;
  /** Of an earlier source, to go on from. */
  readonly position?: readonly number[] | undefined;
  /** The share of documents whose path is told. */
  readonly headerShare: number;
}

export function openStreams(corpus: Corpus, codec: TextCodec, options: StreamOptions): RowSource {
  return new StreamRows(corpus, codec, options);
}

/** Held-out loss never takes more symbols than this; enough for all of a small corpus, and a second or two. */
const maxHeldOutSymbols = 1 << 17;
const heldOutSeed = 1;

/** The same rows in every run over the same documents. Without paths, which would be cheap bits. */
export function heldOutStreams(corpus: Corpus, codec: TextCodec, batch: number, time: number): HeldOutRows {
  const circle = new Circle(corpus, codec, new Random(heldOutSeed), 0);
  const arc = Math.floor(circle.length / batch);
  const most = Math.max(1, Math.floor(maxHeldOutSymbols / (batch * time)));
  const rowsPerSlot = Math.min(most, Math.max(1, Math.floor((arc - 1) / time)));
  const rows: Int32Array[] = [];
  const continues: boolean[] = [];
  let numUnits = 0;
  for (let turn = 0; turn < rowsPerSlot; turn++) {
    for (let slot = 0; slot < batch; slot++) {
      const row = new Int32Array(time + 1);
      circle.read(circle.arcStart(slot, batch) + turn * time, row);
      for (const target of row.subarray(1)) numUnits += codec.symbolBytes(target).length;
      rows.push(row);
      continues.push(turn > 0);
    }
  }
  return { rows, continues, numTargets: rows.length * time, numUnits };
}

interface Place {
  epoch: number;
  /** Symbols of the arc that are behind. */
  walked: number;
}

class StreamRows implements RowSource {
  readonly #corpus: Corpus;
  readonly #codec: TextCodec;
  readonly #headerShare: number;
  /** Drawn once; the orders of all epochs follow from it. */
  readonly #seed: number;
  readonly #places: readonly Place[];
  #epoch: { readonly epoch: number; readonly circle: Circle; readonly turn: number } | undefined;

  constructor(corpus: Corpus, codec: TextCodec, { slots, random, position, headerShare }: StreamOptions) {
    if (position !== undefined && position.length !== 1 + 2 * slots) {
      throw new RangeError(`openStreams: expected a position of ${1 + 2 * slots} numbers, got ${position.length}`);
    }
    this.#corpus = corpus;
    this.#codec = codec;
    this.#headerShare = headerShare;
    this.#seed = position?.[0] ?? random.nextUint32();
    this.#places = Array.from({ length: slots }, (_, slot) => ({
      epoch: position?.[1 + 2 * slot] ?? 0,
      walked: position?.[2 + 2 * slot] ?? 0,
    }));
  }

  get position(): readonly number[] {
    return [this.#seed, ...this.#places.flatMap(({ epoch, walked }) => [epoch, walked])];
  }

  fill(slot: number, row: Int32Array): boolean {
    const place = this.#places[slot];
    if (!place) throw new RangeError(`fill: expected a slot below ${this.#places.length}, got ${slot}`);
    const slots = this.#places.length;
    if (place.walked >= Math.floor(this.#epochOf(place).circle.length / slots)) {
      place.epoch += 1;
      place.walked = 0;
    }
    const { circle, turn } = this.#epochOf(place);
    circle.read(turn + circle.arcStart(slot, slots) + place.walked, row);
    const continues = place.walked > 0;
    place.walked += row.length - 1;
    return continues;
  }

  /** The slots go from one epoch to the next in the same batch, so one circle at a time is enough. */
  #epochOf({ epoch }: Place): { readonly circle: Circle; readonly turn: number } {
    if (this.#epoch?.epoch !== epoch) {
      const random = new Random((this.#seed + epoch) >>> 0);
      const circle = new Circle(this.#corpus, this.#codec, random, this.#headerShare);
      // Rows that were always cut at the same places would never teach what is across a cut.
      this.#epoch = { epoch, circle, turn: random.nextInteger(circle.length) };
    }
    return this.#epoch;
  }
}

/** All documents, one after the other and round again, without a copy of them. */
class Circle {
  readonly #documents: readonly CorpusDocument[];
  readonly #heads: readonly SymbolArray[];
  readonly #end: number;
  /** Where each document ends. */
  readonly #ends: Float64Array;

  constructor({ documents }: Corpus, { specials }: TextCodec, random: Random, headerShare: number) {
    const alone = Int32Array.of(specials.start);
    this.#documents = random.shuffle(documents.filter(({ symbols }) => symbols.length > 0));
    if (this.#documents.length === 0) throw new RangeError('streams: expected a document that is not empty');
    this.#heads = this.#documents.map(({ header }) => (random.nextFloat() < headerShare ? header : alone));
    this.#end = specials.end;
    this.#ends = new Float64Array(this.#documents.length);
    let length = 0;
    for (const [i, { symbols }] of this.#documents.entries()) {
      length += this.#heads[i]!.length + symbols.length + 1;
      this.#ends[i] = length;
    }
  }

  get length(): number {
    return this.#ends.at(-1)!;
  }

  arcStart(slot: number, slots: number): number {
    return Math.floor((slot * this.length) / slots);
  }

  /** Fills the row with the symbols from `offset` on. */
  read(offset: number, row: Int32Array): void {
    let place = offset % this.length;
    let index = this.#documentAt(place);
    for (let at = 0; at < row.length; index = (index + 1) % this.#documents.length) {
      const head = this.#heads[index]!;
      const { symbols } = this.#documents[index]!;
      const size = head.length + symbols.length + 1;
      const from = Math.max(0, place - (this.#ends[index]! - size));
      at = append(row, at, head, from);
      at = append(row, at, symbols, Math.max(0, from - head.length));
      if (at < row.length) row[at++] = this.#end;
      place = 0;
    }
  }

  /** The first document that ends behind the place. */
  #documentAt(place: number): number {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** What of `symbols` is behind `from` and has room; where the row then ends. */
function append(row: Int32Array, at: number, symbols: SymbolArray, from: number): number {
  const part = symbols.subarray(from, from + row.length - at);
  row.set(part, at);
  return at + part.length;
}
