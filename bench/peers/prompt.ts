// The symbols that every peer is given, the ones in llama.c among them.

/** No special symbol of ours is among them: those are the first six. */
export function promptSymbol(index: number, vocabularySize: number): number {
  return 6 + ((7919 * index + 13) % (vocabularySize - 6));
}

export function prompt(length: number, vocabularySize: number, from = 0): Int32Array {
  return Int32Array.from({ length }, (_, index) => promptSymbol(from + index, vocabularySize));
}

/** Of equals, the first. */
export function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let symbol = 1; symbol < logits.length; symbol++) if (logits[symbol]! > logits[best]!) best = symbol;
  return best;
}
