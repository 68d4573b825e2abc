// Probabilities and surprisals as a person reads them.

/** e^logProb as a percentage; of the very improbable, with a power of ten. */
export function percentText(logProbNats: number): string {
  const percent = 100 * Math.exp(Math.min(0, logProbNats));
  if (percent >= 99.95 && percent < 100) return `${percent < 99.995 ? percent.toFixed(2) : '> 99.99'} %`;
  if (percent >= 0.1) return `${percent.toPrecision(3)} %`;
  if (percent >= 0.001) return `${percent.toFixed(percent >= 0.01 ? 3 : 4)} %`;
  return percent === 0 ? '< 1e-300 %' : `${percent.toExponential(1)} %`;
}

export function bitsOfNats(logProbNats: number): number {
  return Math.max(0, -logProbNats / Math.LN2);
}

export function bitsText(bits: number): string {
  return `${bits < 10 ? bits.toFixed(2) : bits.toFixed(1)} bits`;
}
