// e^x that is the same to the bit wherever JavaScript runs: +, -, *, / and floor are defined to the last bit by the language,
// Math.exp is whatever an engine makes of it. What is coded by probabilities must be decoded by the very same ones.

/** Below it a probability counts as none. */
export const leastLogProb = -150; // nats

/** 2^-k, by division: what ** gives is left to the engine, too. */
const halvings = new Float64Array(218);
for (let k = 0, value = 1; k < halvings.length; k++, value /= 2) halvings[k] = value;

/** Of a log-probability; within 1e-11 of the true value, relative. What is above 0 counts as 0, what is no number as impossible. */
export function probabilityOf(logProb: number): number {
  if (!(logProb >= leastLogProb)) return 0;
  if (logProb >= 0) return 1;
  // x = r - k ln 2 with |r| <= ln 2 / 2, and e^r by its series: the first term left out, r^10 / 10!, is 7e-12.
  const k = Math.floor(0.5 - logProb * Math.LOG2E);
  const r = logProb + k * Math.LN2;
  let sum = 1 / 362880;
  sum = sum * r + 1 / 40320;
  sum = sum * r + 1 / 5040;
  sum = sum * r + 1 / 720;
  sum = sum * r + 1 / 120;
  sum = sum * r + 1 / 24;
  sum = sum * r + 1 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  return (sum * r + 1) * halvings[k]!;
}
