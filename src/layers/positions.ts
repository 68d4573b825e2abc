// Where the rows of a run stand in their sequences. Rows are time-major, row t * batch + b, so that a sequence of a batch
// is to attention only a further head: batch size 1 (score, step) and any other (training) are one code.
//
//   mask, past 2, time 3 (o = may see, . = may not)      total = past + time
//     o o | o . .
//     o o | o o .
//     o o | o o o
import { type Extent, productOfExtents, sumOfExtents } from '../graph/extents.ts';
import type { Graph, Value } from '../graph/graph.ts';

export interface Positions {
  readonly batch: number;
  /** New positions. */
  readonly time: Extent;
  /** The position of the first new row: int64 [1]. */
  readonly first: Value;
  /** The new positions in order, cut so that a block need not look at keys that come after it. */
  readonly blocks: readonly QueryBlock[];
}

export interface QueryBlock {
  readonly time: Extent;
  /** Keys up to here are looked at. */
  readonly end: Extent;
  /**
   * Added to attention's products: 0 where a row may see, hugely negative where not; once for each of the `group` query
   * heads that share a key head. [group * time, end]
   */
  readonly mask: Value;
}

/** exp(-1e9) is 0, and no product comes near it. */
const HIDDEN = -1e9;

/** Four blocks of 512 positions do 10/16 of the work of one, and their products stay in the processor's cache. */
const BLOCK = 128;

/** `batch` sequences of static length from their beginning. */
export function wholeSequences(graph: Graph, batch: number, time: number, group: number): Positions {
  const blocks = Array.from({ length: Math.ceil(time / BLOCK) }, (_, index) => {
    const start = index * BLOCK;
    const end = Math.min(start + BLOCK, time);
    const above = graph.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(start + 1)) });
    const mask = graph.op('UpperTriangle', [graph.fill(HIDDEN, [end - start, end]), above]); // [time, end]
    return { time: end - start, end, mask: repeated(graph, mask, group) };
  });
  return { batch, time, first: graph.integers([0]), blocks };
}

/** symbols [time] from their beginning, or after the rows of `past` [past, ...]. */
export function oneSequence(graph: Graph, symbols: Value, group: number, past?: Value): Positions {
  const time = symbols.shape[0]!;
  const first = past ? graph.op('ShapeOf', [past], { start: 0, end: 1 }) : graph.integers([0]); // [1]
  const total = past ? sumOfExtents([past.shape[0]!, time]) : time;
  const timeExtent = graph.op('ShapeOf', [symbols], { start: 0, end: 1 }); // [1]
  const extents = graph.op('Concat', [timeExtent, graph.add(first, timeExtent)], { axis: 0 }); // [2]
  const hidden = graph.op('Fill', [extents], { value: HIDDEN, dtype: 'float32', shape: [time, total] });
  const above = graph.reshape(graph.add(first, graph.integers([1])), []);
  const mask = graph.op('UpperTriangle', [hidden, above]); // [time, total]
  return { batch: 1, time, first, blocks: [{ time, end: total, mask: repeated(graph, mask, group) }] };
}

/** [time, total] -> [group * time, total] */
function repeated(graph: Graph, mask: Value, group: number): Value {
  if (group === 1) return mask;
  const copies = graph.op('Concat', Array<Value>(group).fill(mask), { axis: 0 });
  return graph.reshape(copies, [productOfExtents([group, mask.shape[0]!]), mask.shape[1]!]);
}
