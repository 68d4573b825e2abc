// How fast lines come on this machine: 500 symbols of context read in cold, then 12 symbols decoded as completion does it; medians.

import { defaultCompleterOptions } from '../../src/completion/completer.ts';
import { CopyIndex } from '../../src/completion/copyIndex.ts';
import { mixCopies } from '../../src/completion/copyMixture.ts';
import type { TextModel } from '../../src/engine/loadModel.ts';
import { greedy } from '../../src/engine/sampler.ts';
import { SequenceCache } from '../../src/engine/sequenceCache.ts';
import { median } from '../statistics.ts';

export interface Speed {
  readonly weights: string;
  /** Context and line. */
  readonly lineMs: number;
  readonly lineMsWithCopies: number;
  readonly readSymbolsPerSecond: number;
  readonly decodedSymbolsPerSecond: number;
}

const contextSymbols = 500;
const lineSymbols = 12;
const rounds = 15;

export async function speedOf(model: TextModel, weights: string, text: Uint8Array): Promise<Speed> {
  const { codec } = model;
  const symbols = Int32Array.of(codec.specials.start, ...codec.encode(text).subarray(0, contextSymbols - 1));
  const plain: Timing[] = [];
  const mixed: Timing[] = [];
  for (let round = -2; round < rounds; round++) {
    const one = await time(model, symbols, undefined);
    const index = new CopyIndex(model.model.vocabulary.size);
    const other = await time(model, symbols, index);
    // The first ones also open graphs and wake threads.
    if (round < 0) continue;
    plain.push(one);
    mixed.push(other);
  }
  const readMs = median(plain.map((one) => one.readMs));
  const lineMs = median(plain.map((one) => one.lineMs));
  return {
    weights,
    lineMs,
    lineMsWithCopies: median(mixed.map((one) => one.lineMs)),
    readSymbolsPerSecond: (1000 * symbols.length) / readMs,
    // The first comes with the context.
    decodedSymbolsPerSecond: (1000 * (lineSymbols - 1)) / median(plain.map((one) => one.lineMs - one.readMs)),
  };
}

interface Timing {
  readonly readMs: number;
  readonly lineMs: number;
}

/** With `index`, its being led to the context is part of the time. */
async function time({ model }: TextModel, symbols: Int32Array, index: CopyIndex | undefined): Promise<Timing> {
  const sequences = new SequenceCache(model, defaultCompleterOptions.sequences);
  try {
    const beganAt = performance.now();
    const timing = await sequences.run(symbols, {}, async (run): Promise<Timing> => {
      index?.append(symbols);
      const readMs = performance.now() - beganAt;
      let row = run.logProbs;
      for (let made = 1; ; made++) {
        const { symbol } = greedy(index ? mixCopies(row, index.predict()) : row);
        index?.push(symbol);
        if (made === lineSymbols) break;
        row = await run.step(symbol, { maxSymbols: lineSymbols - made - 1, isLast: () => false });
      }
      return { readMs, lineMs: performance.now() - beganAt };
    });
    return timing!;
  } finally {
    sequences.dispose();
  }
}
