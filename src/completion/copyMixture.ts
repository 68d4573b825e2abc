// The model's distribution mixed with what the text itself repeats:
//
//   p(s) = (1 - w) p_model(s) + w (p_copy(s) + rest p_model(s))        w by how long the match is and how often it was found
//
// What the copies leave open goes to the model, so the sum is 1 and nothing that the model holds possible becomes impossible; and only
// symbols that once followed have to be looked at one by one. The weights are fitted (copyWeights.ts) on files that no model learnt from.
import type { SymbolId } from '../base/model.ts';
import type { CopyPrediction } from './copyIndex.ts';
import { copyWeights } from './copyWeights.ts';

/** A match that was found once, twice, three or four times, more often. */
export const numCountClasses = 4;

export function countClass(count: number): number {
  return count <= 2 ? Math.max(0, count - 1) : count <= 4 ? 2 : 3;
}

/** How much the copies count: from 0, without a match, to less than 1. */
export function copyWeight({ level, count }: CopyPrediction): number {
  return level < 0 ? 0 : copyWeights[level]![countClass(count)]!;
}

/** ln of the mixed distribution; `into` may be the model's own row. */
export function mixCopies(
  logProbs: Float32Array, // [vocab]
  prediction: CopyPrediction,
  into: Float32Array = new Float32Array(logProbs.length),
): Float32Array {
  const weight = copyWeight(prediction);
  if (weight === 0) {
    if (into !== logProbs) into.set(logProbs);
    return into;
  }
  const { symbols, probs, rest } = prediction;
  const share = 1 - weight + weight * rest;
  const logShare = Math.log(share);
  const mixed = Float64Array.from(symbols, (symbol, i) =>
    Math.log(share * Math.exp(logProbs[symbol]!) + weight * probs[i]!),
  );
  for (let symbol = 0; symbol < logProbs.length; symbol++) into[symbol] = logProbs[symbol]! + logShare;
  for (let i = 0; i < symbols.length; i++) into[symbols[i]!] = mixed[i]!;
  return into;
}

/** p of one symbol in the mixture, in double precision. */
export function mixedProb(modelProb: number, symbol: SymbolId, prediction: CopyPrediction): number {
  const weight = copyWeight(prediction);
  return (1 - weight) * modelProb + weight * (copiedProb(symbol, prediction) + prediction.rest * modelProb);
}

/** What the copies alone say of a symbol; `rest` is not in it. */
export function copiedProb(symbol: SymbolId, { symbols, probs }: CopyPrediction): number {
  for (let i = 0; i < symbols.length; i++) if (symbols[i] === symbol) return probs[i]!;
  return 0;
}

/** How much of a symbol's p in the mixture is from where it stood before, from 0 to 1. */
export function copiedShare(modelProb: number, symbol: SymbolId, prediction: CopyPrediction): number {
  const copied = copyWeight(prediction) * copiedProb(symbol, prediction);
  return copied === 0 ? 0 : copied / mixedProb(modelProb, symbol, prediction);
}
