// What an edit leaves of the numbers of a sequence. A symbol's number depends on the symbols of its window up to it and on nothing else, so
// it stays where these are the same, and of a window only what follows its first symbol that differs is computed, with the rest as context:
//
//   before   a b c d e f g h       windows [a b c d] [c d e f] [e f g h]
//   after    a b c d e X g h       known     a b c d   e                    to compute: X after c d e, then g h after e X
import type { SymbolId } from '../base/model.ts';
import { type ContextWindow, contextWindows } from '../engine/contextWindow.ts';
import type { Reduced } from './reduceRows.ts';

export interface Kept {
  /** 1 for a symbol whose numbers stay. */
  readonly known: Uint8Array; // [time]
  /** What of the windows is to be computed, in order: `surprisalPieces` takes them, all or one by one. */
  readonly windows: readonly ContextWindow[];
}

/** How many symbols two sequences begin with alike. */
export function unchangedPrefix(before: Int32Array, after: Int32Array): number {
  return firstDifference(before, after, 0, Math.min(before.length, after.length));
}

/** Both without the start symbol; `contextLength` of the model.. */
export function keptAfterEdit(before: Int32Array, after: Int32Array, contextLength: number): Kept {
  const known = new Uint8Array(after.length);
  const windows: ContextWindow[] = [];
  for (const { from, countFrom, to } of contextWindows(after.length, contextLength)) {
    const same = firstDifference(before, after, from, Math.min(to, before.length));
    const unknown = Math.max(countFrom, same);
    known.fill(1, countFrom, unknown);
    if (unknown < to) windows.push({ from, countFrom: unknown, to });
  }
  return { known, windows };
}

/** The numbers of what is known, at the same places; 0 elsewhere. Keeps what `before` has of rank and entropy. */
export function carryOver({ surprisal, rank, entropy }: Reduced, { known }: Pick<Kept, 'known'>): Reduced {
  const keep = <Numbers extends Float32Array | Int32Array>(from: Numbers, to: Numbers): Numbers => {
    for (let i = 0; i < known.length; i++) if (known[i]) to[i] = from[i]!;
    return to;
  };
  const time = known.length;
  return {
    surprisal: keep(surprisal, new Float32Array(time)),
    ...(rank && { rank: keep(rank, new Int32Array(time)) }),
    ...(entropy && { entropy: keep(entropy, new Float32Array(time)) }),
  };
}

/** The first place in [begin, end) with different symbols; `end` without one. */
function firstDifference(before: ArrayLike<SymbolId>, after: ArrayLike<SymbolId>, begin: number, end: number): number {
  let at = begin;
  while (at < end && before[at] === after[at]) at += 1;
  return at;
}
