// Byte-level BPE: pretokens by the pattern, each then merged by rank, the lowest first and the leftmost among equals.
// Lossless for every byte sequence: bytes that are no UTF-8 stay single symbols. Special symbols are never produced from text,
// not even from text that spells their names: whoever wants one puts its number there.
// Measured on 6.7 MB of code, 8,192 symbols, one core: 11 MB/s.
import type { SymbolId } from '../base/model.ts';
import type { BpeDescription } from './bpeDescription.ts';
import { byteCharacter, readByteSpelling, spellBytes } from './byteAlphabet.ts';
import { PairHeap } from './pairHeap.ts';
import { ownCopy, pretokenizer } from './pretokens.ts';
import { checkSymbol, fromUtf8, joinSymbols, type TextCodec, utf8 } from './text.ts';
import { cutUtf8 } from './utf8.ts';

export type { BpeDescription } from './bpeDescription.ts';

export interface BpeCodec extends TextCodec {
  readonly kind: 'bpe';
  readonly description: BpeDescription;
}

/** Pretokens remembered with their symbols; twice as many at most. */
const cacheGeneration = 32_768;
const longestCachedPretoken = 192;

/** @throws RangeError when the description is inconsistent; formats/tokenizerJson.ts checks those from outside first. */
export function bpeCodec(description: BpeDescription): BpeCodec {
  const { roles, tokens } = description;
  const bytesOf = symbolBytesTable(description);
  const encodePretoken = pretokenEncoder(description);
  const cut = pretokenizer(description.pattern);

  const symbolBytes = (symbol: SymbolId) => {
    checkSymbol('bpeCodec', symbol, tokens.length);
    return bytesOf[symbol]!;
  };
  const decode = (symbols: Int32Array) => joinSymbols(symbols, symbolBytes);
  return {
    kind: 'bpe',
    description,
    vocabulary: { size: tokens.length, start: roles.start, end: roles.end },
    lossless: true,
    specials: roles,
    symbolBytes,
    decode,
    decodeText: (symbols) => fromUtf8(decode(symbols)),
    encodeText: (text) => {
      const out = new SymbolList(text.length / 2);
      cut(text, (pretoken) => encodePretoken(pretoken, out));
      return out.take();
    },
    encode: (bytes) => {
      const out = new SymbolList(bytes.length / 2);
      const pretoken = (text: string) => encodePretoken(text, out);
      cutUtf8(
        bytes,
        (run) => cut(run, pretoken),
        (byte) => out.push(encodePretoken.byteSymbols[byte]!),
      );
      return out.take();
    },
  };
}

interface PretokenEncoder {
  (pretoken: string, out: SymbolList): void;
  readonly byteSymbols: Int32Array;
}

function pretokenEncoder(description: BpeDescription): PretokenEncoder {
  const byteSymbols = byteSymbolTable(description);
  const merge = merger(description);
  const wholes = description.ignoreMerges === true ? spelledTokens(description) : undefined;
  let young = new Map<string, Int32Array>();
  let old = new Map<string, Int32Array>();

  const encodeAnew = (pretoken: string): Int32Array => {
    const bytes = utf8(pretoken);
    const whole = wholes?.get(spellBytes(bytes));
    return whole === undefined ? merge(Int32Array.from(bytes, (byte) => byteSymbols[byte]!)) : Int32Array.of(whole);
  };
  const symbolsOf = (pretoken: string): Int32Array => {
    const remembered = young.get(pretoken);
    if (remembered !== undefined) return remembered;
    const symbols = old.get(pretoken) ?? encodeAnew(pretoken);
    if (pretoken.length <= longestCachedPretoken) {
      if (young.size >= cacheGeneration) {
        old = young;
        young = new Map();
      }
      young.set(ownCopy(pretoken), symbols);
    }
    return symbols;
  };
  const encode = (pretoken: string, out: SymbolList) => {
    const unit = pretoken.charCodeAt(0);
    if (pretoken.length === 1 && unit < 0x80) out.push(byteSymbols[unit]!);
    else out.append(symbolsOf(pretoken));
  };
  return Object.assign(encode, { byteSymbols });
}

/** Applies the merges to one pretoken, given as byte symbols, which it overwrites. */
function merger(description: BpeDescription): (symbols: Int32Array) => Int32Array {
  const { merges, tokens } = description;
  const numbers = spelledTokens(description);
  const results = new Int32Array(merges.length);
  const ranks = new Map<number, number>();
  const rankOf = (left: SymbolId, right: SymbolId) => ranks.get(left * tokens.length + right);
  for (const [rank, [left, right]] of merges.entries()) {
    const result = numbers.get(`${tokens[left]}${tokens[right]}`);
    if (result === undefined) throw new RangeError(`bpeCodec: merge ${rank} (${left}, ${right}) makes no known token`);
    results[rank] = result;
    if (rankOf(left, right) === undefined) ranks.set(left * tokens.length + right, rank);
  }

  return (symbols) => {
    const count = symbols.length;
    if (count < 2) return symbols;
    // A linked list in arrays: next[i] is the place after i, before[i] the one before; a place merged away has symbol -1.
    const next = new Int32Array(count);
    const before = new Int32Array(count);
    const heap = new PairHeap();
    const consider = (place: number) => {
      const after = next[place]!;
      const rank = after < count ? rankOf(symbols[place]!, symbols[after]!) : undefined;
      if (rank !== undefined) heap.push(-rank, place);
    };
    for (let place = 0; place < count; place++) {
      next[place] = place + 1;
      before[place] = place - 1;
    }
    for (let place = 0; place + 1 < count; place++) consider(place);
    for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
      const place = top.pair;
      const after = next[place]!;
      if (symbols[place]! < 0 || after >= count || rankOf(symbols[place]!, symbols[after]!) !== -top.count) continue;
      symbols[place] = results[-top.count]!;
      symbols[after] = -1;
      next[place] = next[after]!;
      if (next[place]! < count) before[next[place]!] = place;
      consider(place);
      if (before[place]! >= 0) consider(before[place]!);
    }
    return symbols.filter((symbol) => symbol >= 0);
  };
}

function symbolBytesTable({ tokens, specials }: BpeDescription): Uint8Array[] {
  const special = new Set(Object.values(specials));
  return tokens.map((token, symbol) => {
    if (special.has(symbol)) return new Uint8Array(0);
    const bytes = readByteSpelling(token);
    if (bytes === undefined)
      throw new RangeError(`bpeCodec: token ${symbol} (${token}) is not in the byte-level alphabet`);
    return bytes;
  });
}

/** Token text -> symbol, special symbols left out. */
function spelledTokens({ tokens, specials }: BpeDescription): Map<string, SymbolId> {
  const special = new Set(Object.values(specials));
  return new Map(tokens.flatMap((token, symbol) => (special.has(symbol) ? [] : [[token, symbol] as const])));
}

function byteSymbolTable(description: BpeDescription): Int32Array {
  const numbers = spelledTokens(description);
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const symbol = numbers.get(byteCharacter(byte));
    if (symbol === undefined) throw new RangeError(`bpeCodec: no symbol for byte ${byte}`);
    return symbol;
  });
}

/** A growing list of symbols. */
class SymbolList {
  #symbols: Int32Array;
  #length = 0;

  constructor(expected: number) {
    this.#symbols = new Int32Array(Math.ceil(expected) + 16);
  }

  push(symbol: SymbolId): void {
    if (this.#length === this.#symbols.length) this.#grow(1);
    this.#symbols[this.#length++] = symbol;
  }

  append(symbols: Int32Array): void {
    const { length } = symbols;
    if (this.#length + length > this.#symbols.length) this.#grow(length);
    for (let i = 0; i < length; i++) this.#symbols[this.#length++] = symbols[i]!; // Short: faster than `set`.
  }

  take(): Int32Array {
    return this.#symbols.slice(0, this.#length);
  }

  #grow(by: number): void {
    const grown = new Int32Array(2 * this.#symbols.length + by);
    grown.set(this.#symbols);
    this.#symbols = grown;
  }
}
