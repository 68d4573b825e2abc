// How long: the law of score and step holds up to `contextLength`. Beyond it there is one rule for bits, views and decoding:
// when the context is full, restart from its last half, recomputed. Here that rule is arithmetic, with C = contextLength:
//
//   context   start + symbols      C - 1 symbols fill it; the C-th restarts it with the last floor(C / 2), start before them
//   predicts  0 ......... C        the first window counts C symbols, every later one C - floor(C / 2)
//                   h ....|....    the second begins h = C - floor(C / 2) symbols later and recomputes what it keeps

/** One restart of the context: predict [from, to) of a sequence from its start, and count the predictions of [countFrom, to). */
export interface ContextWindow {
  readonly from: number;
  readonly countFrom: number;
  readonly to: number;
}

/** How far the window moves at each restart. */
export function windowStride(contextLength: number): number {
  return contextLength - Math.floor(contextLength / 2);
}

/** Where the context begins that predicts the symbol number `length`, all `length` symbols before it being known. */
export function windowStart(length: number, contextLength: number): number {
  if (length < contextLength) return 0;
  const stride = windowStride(contextLength);
  return (Math.floor((length - contextLength) / stride) + 1) * stride;
}

/** The windows that predict every symbol of a sequence exactly once. A context without bound needs one. */
export function* contextWindows(length: number, contextLength: number): Generator<ContextWindow> {
  let counted = 0;
  while (counted < length) {
    const from = windowStart(counted, contextLength);
    const to = Math.min(length, from + contextLength);
    yield { from, countFrom: counted, to };
    counted = to;
  }
}
