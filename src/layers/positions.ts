// Where the rows of a run stand in their sequences. Rows are time-major, row t * batch + b, so that a sequence of a batch
// is to attention only a further head: batch size 1 (score, step) and any other (training) are one code.
//
//   mask, past 2, time 3 (o = may see, . = may not)      total = past + time
//     o o | o . .
//     o o | o o .
//     o o | o o o
import { type Extent, sumOfExtents } from '../graph/extents.ts';
import type { Graph, Value } from '../graph/graph.ts';

export interface Positions {
  readonly batch: number;
  /** New positions. */
  readonly time: Extent;
  /** The position of the first new row: int64 [1]. */
  readonly first: Value;
  /** Added to attention's products: 0 where a row may see, hugely negative where not. [time, total] */
  readonly mask: Value;
}

/** exp(-1e9) is 0, and no product comes near it. */
const HIDDEN = -1e9;

/** Sequences from their beginning; `symbols` is [time * batch], whose extent is asked when `time` is symbolic. */
export function wholeSequence(graph: Graph, symbols: Value, batch: number, time: Extent): Positions {
  const first = graph.integers([0]);
  if (typeof time === 'number') {
    const hidden = graph.fill(HIDDEN, [time, time]);
    return { batch, time, first, mask: graph.op('UpperTriangle', [hidden, diagonal(graph, 1)]) };
  }
  return { batch, time, first, mask: causalMask(graph, symbols, first, time, time) };
}

/** Symbols [time] after the rows of `past` [past, ...]. */
export function afterPast(graph: Graph, symbols: Value, past: Value): Positions {
  const time = symbols.shape[0]!;
  const first = graph.op('ShapeOf', [past], { start: 0, end: 1 }); // [1]
  const total = sumOfExtents([past.shape[0]!, time]);
  return { batch: 1, time, first, mask: causalMask(graph, symbols, first, time, total) };
}

function causalMask(graph: Graph, symbols: Value, first: Value, time: Extent, total: Extent): Value {
  const timeExtent = graph.op('ShapeOf', [symbols], { start: 0, end: 1 }); // [1]
  const totalExtent = graph.add(first, timeExtent); // [1]
  const extents = graph.op('Concat', [timeExtent, totalExtent], { axis: 0 }); // [2]
  const hidden = graph.op('Fill', [extents], { value: HIDDEN, dtype: 'float32', shape: [time, total] });
  const above = graph.reshape(graph.add(first, graph.integers([1])), []);
  return graph.op('UpperTriangle', [hidden, above]); // [time, total]
}

function diagonal(graph: Graph, offset: number): Value {
  return graph.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(offset)) });
}
