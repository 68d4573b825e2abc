// From one row of log-probabilities to one symbol: greedy or drawn, among all symbols or those allowed. The probability
// reported is the model's own, renormalized over the allowed symbols, whatever temperature and top-k were drawn with.
import type { SymbolId } from '../base/model.ts';
import type { Random } from '../base/random.ts';

export interface Draw {
  readonly symbol: SymbolId;
  readonly logProb: number;
}

export interface SamplingOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Draw among the k likeliest only. */
  readonly topK?: number;
}

/** The likeliest symbol; of equals, the first. @throws Error when no symbol has a probability. */
export function greedy(logProbs: Float32Array, allowed?: Int32Array): Draw {
  const symbol = likeliest(logProbs, allowed);
  return { symbol, logProb: logProbs[symbol]! - logNormalizer(logProbs, logProbs[symbol]!, allowed) };
}

/** The k likeliest symbols, the likeliest first; of equals, the first. */
export function likeliestOf(logProbs: Float32Array, k: number, allowed?: Int32Array): Draw[] {
  const best = topOf(logProbs, allowed ?? allSymbols(logProbs), k);
  const normalizer = logNormalizer(logProbs, logProbs[best[0] ?? 0]!, allowed);
  return Array.from(best, (symbol) => ({ symbol, logProb: logProbs[symbol]! - normalizer }));
}

export function sample(
  logProbs: Float32Array,
  { temperature, topK }: SamplingOptions,
  random: Random,
  allowed?: Int32Array,
): Draw {
  if (temperature === 0) return greedy(logProbs, allowed);
  const best = likeliest(logProbs, allowed);
  const all = allowed ?? allSymbols(logProbs);
  const candidates = topK === undefined || topK >= all.length ? all : topOf(logProbs, all, topK);
  const max = logProbs[best]!;
  // w[i] = p[i]^(1 / temperature), the largest scaled to 1
  const weights = Float64Array.from(candidates, (symbol) => Math.exp((logProbs[symbol]! - max) / temperature));
  let left = random.nextFloat() * weights.reduce((sum, weight) => sum + weight, 0);
  let symbol = best;
  for (let i = 0; i < weights.length && left >= 0; i++) {
    if (weights[i] === 0) continue;
    symbol = candidates[i]!;
    left -= weights[i]!;
  }
  return { symbol, logProb: logProbs[symbol]! - logNormalizer(logProbs, max, allowed) };
}

function likeliest(logProbs: Float32Array, allowed: Int32Array | undefined): SymbolId {
  let best = -1;
  let max = Number.NEGATIVE_INFINITY;
  const count = allowed?.length ?? logProbs.length;
  for (let i = 0; i < count; i++) {
    const symbol = allowed === undefined ? i : allowed[i]!;
    if (logProbs[symbol]! > max) {
      max = logProbs[symbol]!;
      best = symbol;
    }
  }
  if (best < 0) throw new Error(`sampler: expected a probability for one of ${count} symbols, got none`);
  return best;
}

/** ln of the allowed symbols' share; 0 when all are allowed. */
function logNormalizer(logProbs: Float32Array, max: number, allowed: Int32Array | undefined): number {
  if (allowed === undefined) return 0;
  let sum = 0;
  for (const symbol of allowed) sum += Math.exp(logProbs[symbol]! - max);
  return max + Math.log(sum);
}

function allSymbols(logProbs: Float32Array): Int32Array {
  return Int32Array.from(logProbs, (_, symbol) => symbol);
}

/** The k likeliest of some symbols, the likeliest first; of equals, the first. */
function topOf(logProbs: Float32Array, symbols: Int32Array, k: number): Int32Array {
  return symbols
    .slice()
    .sort((a, b) => logProbs[b]! - logProbs[a]! || a - b)
    .subarray(0, k);
}
