// A table with one row for each symbol, read in the order of time.
import { productOfExtents } from '../graph/extents.ts';
import type { Graph, Value } from '../graph/graph.ts';

/** [batch, time] or [time] -> [time * batch], row t * batch + b: time-major, the order of rows in every layer. */
export function timeMajorRows(graph: Graph, symbols: Value): Value {
  if (symbols.shape.length === 1) return symbols;
  const turned = graph.transpose(symbols, [1, 0]); // [time, batch]
  return graph.reshape(turned, [productOfExtents(turned.shape)]);
}

/** table [vocab, hidden], symbols [rows] -> [rows, hidden] */
export function embedding(graph: Graph, table: Value, symbols: Value): Value {
  return graph.op('Gather', [table, symbols]);
}
