// A text that is edited, its symbols, and what is known of their surprisals. After an edit only the symbols around it are made anew, and the
// result is always that of the whole text: it is cut where no pretoken can lie across, whatever comes before and after.
//
//   text      ...|..........x..........|...      | cuts, x the edit: what lies between them is encoded again, with a look at what follows
//   symbols   same   new between        same     numbers stay with their symbols; those after the edit wait to be made afresh
//   exact     ======>                            up to here they are those of the long-text rule
import type { BpeCodec } from '../codecs/bpe.ts';
import { pretokenPattern } from '../codecs/pretokens.ts';
import type { TextCodec } from '../codecs/text.ts';
import { symbolSpans } from './spans.ts';

/** Where a text may be cut so that the parts are encoded as the whole is. */
type Cuts = 'characters' | 'words' | 'nowhere';

/** A cut lies at least so far from an edit, further than any pretoken looks ahead beyond its end. */
const reachOfPretoken = 64;

export class ScoredText {
  readonly codec: TextCodec;
  readonly #cuts: Cuts;
  #text: string;
  #symbols: Int32Array;
  #starts: Int32Array;
  #nats: Float32Array;
  #fresh: Uint8Array;
  #exact = 0;

  constructor(codec: TextCodec, text: string) {
    this.codec = codec;
    this.#cuts = cutsOf(codec);
    this.#text = text;
    const { symbols, starts } = symbolSpans(codec, text);
    this.#symbols = symbols;
    this.#starts = starts;
    this.#nats = new Float32Array(symbols.length).fill(Number.NaN);
    this.#fresh = new Uint8Array(symbols.length);
  }

  get text(): string {
    return this.#text;
  }

  /** Of the whole text, the end symbol among them. Replaced, never changed, by an edit. */
  get symbols(): Int32Array {
    return this.#symbols;
  }

  /** As those of `symbolSpans`. */
  get starts(): Int32Array {
    return this.#starts;
  }

  /** -ln p of each symbol; NaN where nothing is known. After an edit the numbers of before, until new ones come. */
  get nats(): Float32Array {
    return this.#nats;
  }

  /** So many symbols from the beginning hold the numbers of the long-text rule. */
  get exact(): number {
    return this.#exact;
  }

  /** The first symbol that begins at or after the offset. */
  symbolAt(offset: number): number {
    return lowerBound(this.#starts, offset);
  }

  /** The symbol that holds the unit at the offset; at the end of the text the end symbol. */
  symbolOver(offset: number): number {
    const next = lowerBound(this.#starts, offset + 1) - 1;
    return Math.min(this.#symbols.length - 1, Math.max(0, next));
  }

  /** The least range that holds all symbols of [begin, end) whose numbers are unknown or of before an edit; undefined: there are none. */
  missing(begin: number, end: number): readonly [begin: number, end: number] | undefined {
    const first = this.#fresh.indexOf(0, begin);
    if (first < 0 || first >= end) return undefined;
    return [first, this.#fresh.lastIndexOf(0, end - 1) + 1];
  }

  /** Numbers from somewhere near; what is exact already stays. */
  setNear(first: number, nats: Float32Array): void {
    for (let i = Math.max(0, this.#exact - first); i < nats.length; i++) {
      this.#nats[first + i] = nats[i]!;
      this.#fresh[first + i] = 1;
    }
  }

  /** Numbers of the long-text rule, which begin where those known so far end. */
  setExact(first: number, nats: Float32Array): void {
    if (first !== this.#exact) throw new RangeError(`setExact: expected symbol ${this.#exact}, got ${first}`);
    this.#nats.set(nats, first);
    this.#fresh.fill(1, first, first + nats.length);
    this.#exact = first + nats.length;
  }

  /**
   * Replaces [start, end) of the text. The symbols that are new, and `reach` more after them, then wait for new numbers. Returns the place
   * of the first symbol that differs; after the last when none does.
   * @throws RangeError when the edit lies outside of the text.
   */
  edit(start: number, end: number, inserted: string, reach: number): number {
    if (!(start >= 0 && start <= end && end <= this.#text.length)) {
      throw new RangeError(`scoredText: expected an edit within ${this.#text.length} units, got ${start} to ${end}`);
    }
    const after = this.#text.slice(0, start) + inserted + this.#text.slice(end);
    const changed = this.#renew(after, start, end, inserted.length) ?? this.#renewAll(after);
    this.#text = after;
    this.#exact = Math.min(this.#exact, changed.first);
    this.#fresh.fill(0, changed.first, Math.min(this.#fresh.length, changed.first + changed.numNew + reach));
    return changed.first;
  }

  /** Undefined when the symbols have no boundary where they are cut. */
  #renew(after: string, start: number, end: number, insertedLength: number): Changed | undefined {
    if (this.#cuts === 'nowhere') return undefined;
    const shift = insertedLength - (end - start);
    const from = this.#cutBefore(this.#text, start - reachOfPretoken);
    const to = this.#cutAfter(after, start + insertedLength + 1);
    const [begin, until] = [this.symbolAt(from), this.symbolAt(to - shift)];
    if (this.#starts[begin] !== from || this.#starts[until] !== to - shift) return undefined;
    const seen = after.slice(from, this.#cutAfter(after, to + reachOfPretoken));
    const { symbols, starts } = symbolSpans(this.codec, seen);
    const count = to === after.length ? symbols.length - 1 : lowerBound(starts, to - from);
    if (starts[count] !== to - from) return undefined;
    const made = { symbols: symbols.subarray(0, count), starts: starts.subarray(0, count) };
    return this.#splice(begin, until, made, from, shift);
  }

  #renewAll(after: string): Changed {
    const { symbols, starts } = symbolSpans(this.codec, after);
    const last = symbols.length - 1;
    const made = { symbols: symbols.subarray(0, last), starts: starts.subarray(0, last) };
    return this.#splice(0, this.#symbols.length - 1, made, 0, after.length - this.#text.length);
  }

  /** Puts symbols in the place of [begin, until); those that stay the same at both ends keep their numbers. */
  #splice(
    begin: number,
    until: number,
    { symbols: made, starts: madeStarts }: { readonly symbols: Int32Array; readonly starts: Int32Array },
    offset: number,
    shift: number,
  ): Changed {
    const old = this.#symbols;
    const most = Math.min(made.length, until - begin);
    let head = 0;
    while (head < most && made[head] === old[begin + head]) head++;
    let tail = 0;
    while (tail < most - head && made[made.length - 1 - tail] === old[until - 1 - tail]) tail++;
    const first = begin + head;
    const numNew = made.length - head - tail;
    const rest = until - tail; // Where the old symbols go on.
    if (numNew === 0 && rest === first) return { first: old.length, numNew };
    const length = first + numNew + old.length - rest;
    const join = <Numbers extends Int32Array | Float32Array | Uint8Array>(to: Numbers, from: Numbers): Numbers => {
      to.set(from.subarray(0, first));
      to.set(from.subarray(rest), first + numNew);
      return to;
    };
    const symbols = join(new Int32Array(length), old);
    symbols.set(made.subarray(head, head + numNew), first);
    const starts = join(new Int32Array(length + 1), this.#starts);
    for (let i = head; i < made.length; i++) starts[begin + i] = madeStarts[i]! + offset;
    for (let i = begin + made.length; i <= length; i++) starts[i]! += shift;
    this.#symbols = symbols;
    this.#starts = starts;
    this.#nats = join(new Float32Array(length).fill(Number.NaN, first, first + numNew), this.#nats);
    this.#fresh = join(new Uint8Array(length), this.#fresh);
    return { first, numNew };
  }

  /** The last cut at or before the offset. */
  #cutBefore(text: string, offset: number): number {
    let at = Math.max(0, offset);
    while (!isCut(this.#cuts, text, at)) at--;
    return at;
  }

  /** The first cut at or after the offset. */
  #cutAfter(text: string, offset: number): number {
    let at = Math.min(text.length, offset);
    while (!isCut(this.#cuts, text, at)) at++;
    return at;
  }
}

interface Changed {
  readonly first: number;
  readonly numNew: number;
}

/** Of a tokenizer from elsewhere nothing is known, and the text is encoded whole. */
function cutsOf(codec: TextCodec): Cuts {
  if (codec.kind !== 'bpe') return 'characters';
  return 'description' in codec && (codec as BpeCodec).description.pattern === pretokenPattern ? 'words' : 'nowhere';
}

/**
 * By `pretokenPattern` a pretoken begins after a line end and the blanks that follow it, and at a single space between two letters,
 * whatever else there is. The beginning and the end of a text are cuts always.
 */
function isCut(cuts: Cuts, text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return true;
  const [before, here] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  if (cuts === 'characters') return !(isHighSurrogate(before) && isLowSurrogate(here));
  if (before === lineFeed) return !isBlank(here);
  return here === space && isLetter(before) && isLetter(text.charCodeAt(at + 1));
}

const [lineFeed, carriageReturn, tab, space] = [0x0a, 0x0d, 0x09, 0x20];

function isBlank(code: number): boolean {
  return code === lineFeed || code === carriageReturn || code === tab || code === space;
}

/** Of ASCII: the others are letters, too, but need a table. */
function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** The first place whose value is at least `value`; the length when there is none. */
function lowerBound(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
