// What of a distribution is kept for the symbol that came: its surprisal, and if wanted its rank and the entropy.

export interface Wanted {
  /** Also how many symbols are likelier than the one that came. */
  readonly rank?: boolean;
  /** Also the expected surprisal, in nats. */
  readonly entropy?: boolean;
}

export interface Reduced {
  readonly surprisal: Float32Array; // [time]
  readonly rank?: Int32Array; // [time]
  readonly entropy?: Float32Array; // [time]
}

/** One row for each target. */
export function reduceRows(rows: Float32Array, vocab: number, targets: Int32Array, wanted: Wanted): Reduced {
  const time = targets.length;
  const surprisal = new Float32Array(time);
  const rank = wanted.rank ? new Int32Array(time) : undefined;
  const entropy = wanted.entropy ? new Float32Array(time) : undefined;
  for (let i = 0; i < time; i++) {
    const row = rows.subarray(i * vocab, (i + 1) * vocab);
    const logProb = row[targets[i]!]!;
    surprisal[i] = -logProb;
    if (rank) rank[i] = countAbove(row, logProb);
    if (entropy) entropy[i] = entropyOf(row);
  }
  return { surprisal, ...(rank && { rank }), ...(entropy && { entropy }) };
}

function countAbove(row: Float32Array, logProb: number): number {
  let count = 0;
  for (const other of row) if (other > logProb) count += 1;
  return count;
}

/** H = -sum p ln p; what is impossible adds nothing. */
function entropyOf(row: Float32Array): number {
  let sum = 0;
  for (const logProb of row) {
    if (logProb > Number.NEGATIVE_INFINITY) sum -= Math.exp(logProb) * logProb;
  }
  return sum;
}
