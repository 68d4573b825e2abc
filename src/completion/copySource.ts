// What is copied from at a place, kept from one request to the next: lines are encoded once (lineMemo.ts), and an index is cut back to what
// the new symbols begin with in common and goes on from there. A few indexes are kept, so that going to and fro between documents costs
// no more than typing. All of it changes nothing but speed: the symbols follow from the text alone.
import type { SymbolId } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { CopyIndex } from './copyIndex.ts';
import { copiedShare, mixCopies } from './copyMixture.ts';
import { LineMemo } from './lineMemo.ts';
import { copiedSymbols, type PromptSource, shortnessOf } from './prompt.ts';

/** Around the cursor, also where the model's context is shorter. */
export const maxCopiedSymbols = 8192;
const maxIndexes = 4;

/** Of what came before a symbol: how likely it is with the copies, and how much of that is copied. */
export interface Mixed {
  readonly logProbs: Float32Array;
  /** From 0 to 1; good until another symbol is pushed. */
  copiedShare(symbol: SymbolId): number;
}

/** Copies at a place, symbol by symbol behind it. Good until the source is asked for another. */
export interface PlacedCopies {
  /** Leads the index to the place, or back to it. */
  begin(): void;
  /** `logProbs`: what the model says of the next symbol. */
  mix(logProbs: Float32Array): Mixed;
  push(symbol: SymbolId): void;
}

export class CopySource {
  readonly #codec: TextCodec;
  /** In order of use, the latest last. */
  readonly #indexes: CopyIndex[] = [];

  constructor(codec: TextCodec) {
    const lines = new LineMemo(codec);
    this.#codec = { ...codec, encodeText: (text) => lines.encodeText(text) };
  }

  at(source: Omit<PromptSource, 'path'>): PlacedCopies {
    const symbols = copiedSymbols(this.#codec, source, maxCopiedSymbols);
    const index = this.#indexFor(symbols);
    return {
      begin: () => {
        index.lead(symbols);
        index.endSources();
      },
      mix: (logProbs) => {
        const prediction = index.predict();
        return {
          logProbs: mixCopies(logProbs, prediction),
          copiedShare: (symbol) => copiedShare(Math.exp(logProbs[symbol]!), symbol, prediction),
        };
      },
      push: (symbol) => index.push(symbol),
    };
  }

  /** The one that has most of it. */
  #indexFor(symbols: Int32Array): CopyIndex {
    const commons = this.#indexes.map((index) => index.commonLength(symbols));
    const most = Math.max(0, ...commons);
    let at = most === 0 || most < symbols.length / 2 ? -1 : commons.indexOf(most);
    if (at < 0 && this.#indexes.length === maxIndexes) at = 0;
    const [index = this.#newIndex()] = at < 0 ? [] : this.#indexes.splice(at, 1);
    this.#indexes.push(index);
    return index;
  }

  #newIndex(): CopyIndex {
    const { vocabulary, specials } = this.#codec;
    const shortness = shortnessOf(this.#codec);
    return new CopyIndex(vocabulary.size, { maxSymbols: maxHeld, shortness, separator: specials.start });
  }
}

/** With what is made behind the place, which is never as much. */
const maxHeld = 2 * maxCopiedSymbols;
