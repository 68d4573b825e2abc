// Normalization of logits, in nats. Every distribution that the project shows goes through here.

/** Writes log softmax of each row of `logits` [rows, vocab] into `out` (which may be `logits` itself). */
export function logSoftmaxRows(
  logits: Float32Array,
  vocab: number,
  out: Float32Array = new Float32Array(logits.length),
) {
  for (let start = 0; start < logits.length; start += vocab) {
    let max = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + vocab; i++) if (logits[i]! > max) max = logits[i]!;
    let sum = 0;
    for (let i = start; i < start + vocab; i++) sum += Math.exp(logits[i]! - max);
    const logNormalizer = max + Math.log(sum);
    for (let i = start; i < start + vocab; i++) out[i] = logits[i]! - logNormalizer;
  }
  return out;
}
