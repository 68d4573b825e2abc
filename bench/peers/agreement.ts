// Whether the peers compute the same function: without that no time of theirs says anything.
import { logSoftmaxRows } from '../../src/base/logSumExp.ts';
import { likeliest } from './prompt.ts';

/** In nats. llama.cpp keeps keys and values in half precision by itself. */
export const toleranceNats = 0.05;

export interface Agreement {
  /** Between log-probabilities of any symbol. */
  readonly largestDifference: number;
  readonly sameLikeliest: boolean;
}

/** Rows of logits, or of log-probabilities, which are logits too. @throws RangeError when the vocabularies differ. */
export function compareRows(ours: readonly number[], theirs: readonly number[]): Agreement {
  if (ours.length !== theirs.length) {
    throw new RangeError(`compareRows: expected ${ours.length} symbols, got ${theirs.length}`);
  }
  const [a, b] = [normalized(ours), normalized(theirs)];
  const largestDifference = a.reduce((largest, value, symbol) => Math.max(largest, Math.abs(value - b[symbol]!)), 0);
  const [mine, other] = [likeliest(a), likeliest(b)];
  // Symbols that are as likely as each other may change places.
  return { largestDifference, sameLikeliest: mine === other || a[mine]! - a[other]! <= toleranceNats };
}

export function agrees({ largestDifference, sameLikeliest }: Agreement): boolean {
  return sameLikeliest && largestDifference <= toleranceNats;
}

/** Of two sequences. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((symbol, index) => symbol !== b[index]);
  return at < 0 ? Math.min(a.length, b.length) : at;
}

function normalized(row: readonly number[]): Float32Array {
  const data = Float32Array.from(row);
  return logSoftmaxRows(data, data.length, data);
}
