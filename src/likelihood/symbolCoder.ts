// Symbols of a vocabulary by their log-probabilities. Frequencies are whole numbers of 52 bits that depend on the float32 row alone, to the
// bit. One scale of 2^52 would cost what is rarer than that too little, and the rarest not at all; so a row is laid out in levels, each a
// stretch of 24 bits of probability:
//
//   level 0   | common symbols: p >= 2^-24 | rare |                         a symbol of level 0 is one interval
//   level 1                                  | 2^-24 > p >= 2^-48 | rare |   one of level 1 is `rare`, then an interval there
//
// In its level a symbol has at least 2^28 of 2^52. So it costs -log2 p, however rare, and at most 2e-7 bits more: 2^-23 for what is kept free
// for `rare`, 2^-28 for rounding down, times log2 e. What the row calls impossible can be coded as well, for 150 nats and a choice among
// its kind. (p is the share of the row's sum, which its float32 logarithms make 1 within some 1e-6.)
import type { SymbolId } from '../base/model.ts';
import type { ArithmeticDecoder, ArithmeticEncoder } from './arithmeticCoder.ts';
import { probabilityOf } from './portableExp.ts';

const total = 2 ** 52;
const usable = total - 2 ** 29;
/** The frequency that a symbol has at least in its level. */
const least = 2 ** 28;
/** Beyond it what is rare could be more than half of a level. */
const largestVocabulary = 2 ** 22;

/**
 * Members of a level are the symbols with p * above < least; among them the common ones have p * scale >= least and the frequency
 * floor(p * scale). `unit` is the probability that the level stands for: never less than its members have together. Then there is room:
 *
 *   common <= usable * (1 - r)  and  rare <= max(least, total * r + 1),  where r <= 1/4 is the share of those that are rare
 *   together <= total - 2^29 * (1 - r) + 2^28 < total, with 2^27 to spare for what a sum of doubles is off by: 2^-31 of the total
 */
interface Level {
  readonly above: number;
  readonly scale: number;
  readonly unit: number;
}

interface Rare {
  /** Of all common symbols together. */
  readonly common: number;
  /** Of all rare ones, as one interval; 0 when there are none. */
  readonly frequency: number;
  readonly probability: number;
}

export class SymbolCoder {
  readonly #probabilities: Float64Array;

  constructor(vocabularySize: number) {
    if (vocabularySize > largestVocabulary) {
      throw new RangeError(`symbolCoder: expected at most ${largestVocabulary} symbols, got ${vocabularySize}`);
    }
    this.#probabilities = new Float64Array(vocabularySize);
  }

  /** `row`: log-probabilities of all symbols, in nats. */
  encode(encoder: ArithmeticEncoder, row: Float32Array, symbol: SymbolId): void {
    let level = this.#firstLevel(row);
    const probability = this.#probabilities[symbol]!;
    while (level !== undefined) {
      const scaled = probability * level.scale;
      if (scaled >= least) {
        encoder.encode(this.#commonBefore(level, symbol), Math.floor(scaled), total);
        return;
      }
      const rare = this.#rare(level);
      encoder.encode(rare.common, rare.frequency, total);
      level = nextLevel(level, rare);
    }
    const impossible = this.#impossible();
    encoder.encode(impossible.indexOf(symbol), 1, impossible.length);
  }

  /** -1: no encoder wrote such a number. */
  decode(decoder: ArithmeticDecoder, row: Float32Array): SymbolId {
    let level = this.#firstLevel(row);
    while (level !== undefined) {
      const target = decoder.target(total);
      const found = this.#commonAt(level, target, decoder);
      if (found >= 0) return found;
      const rare = this.#rare(level);
      if (target >= rare.common + rare.frequency) return -1;
      decoder.take(rare.common, rare.frequency, total);
      level = nextLevel(level, rare);
    }
    const impossible = this.#impossible();
    const index = decoder.target(impossible.length);
    decoder.take(index, 1, impossible.length);
    return impossible[index]!;
  }

  /** Undefined when nothing is possible. */
  #firstLevel(row: Float32Array): Level | undefined {
    const probabilities = this.#probabilities;
    if (row.length !== probabilities.length) {
      throw new RangeError(`symbolCoder: expected ${probabilities.length} log-probabilities, got ${row.length}`);
    }
    let sum = 0;
    for (let i = 0; i < probabilities.length; i++) {
      const probability = probabilityOf(row[i]!);
      probabilities[i] = probability;
      sum += probability;
    }
    return sum > 0 ? { above: 0, scale: usable / sum, unit: sum } : undefined;
  }

  #commonBefore({ above, scale }: Level, symbol: SymbolId): number {
    const probabilities = this.#probabilities;
    let cumulative = 0;
    for (let i = 0; i < symbol; i++) {
      const scaled = probabilities[i]! * scale;
      if (scaled >= least && probabilities[i]! * above < least) cumulative += Math.floor(scaled);
    }
    return cumulative;
  }

  /** The symbol whose interval holds `target`, taken from the decoder; -1 when none does. */
  #commonAt({ above, scale }: Level, target: number, decoder: ArithmeticDecoder): SymbolId {
    const probabilities = this.#probabilities;
    let cumulative = 0;
    for (let i = 0; i < probabilities.length; i++) {
      const scaled = probabilities[i]! * scale;
      if (scaled < least || probabilities[i]! * above >= least) continue;
      const frequency = Math.floor(scaled);
      if (target < cumulative + frequency) {
        decoder.take(cumulative, frequency, total);
        return i;
      }
      cumulative += frequency;
    }
    return -1;
  }

  #rare({ above, scale, unit }: Level): Rare {
    let [common, count, probability] = [0, 0, 0];
    for (const one of this.#probabilities) {
      const scaled = one * scale;
      if (scaled < least) {
        count += 1;
        probability += one;
      } else if (one * above < least) common += Math.floor(scaled);
    }
    const frequency = count === 0 ? 0 : Math.max(least, Math.ceil((probability / unit) * total));
    return { common, frequency, probability };
  }

  #impossible(): SymbolId[] {
    const found: SymbolId[] = [];
    for (const [symbol, probability] of this.#probabilities.entries()) if (probability === 0) found.push(symbol);
    return found;
  }
}

/** Undefined when what is left is impossible. */
function nextLevel({ unit, scale }: Level, { frequency, probability }: Rare): Level | undefined {
  const nextUnit = (unit * frequency) / total;
  return probability > 0 ? { above: scale, scale: usable / nextUnit, unit: nextUnit } : undefined;
}
