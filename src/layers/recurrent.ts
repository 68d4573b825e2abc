// A stack of gated recurrent units (Cho et al. 2014, arXiv 1406.1078), PyTorch's nn.GRU to the letter, over rows in the order of
// time. Two things make it quick. The first layer reads no embedding: it gathers from the *projected* table, embedding times
// input weights, so that the product over all symbols shrinks to one over the vocabulary. And what is left of the recurrence
// is one node with a gradient of its own (graph/recurrence.ts).
import type { Extent, Graph, Value } from '../graph/graph.ts';
import { linear } from './linear.ts';

export interface RecurrentWeights {
  readonly input: Value; // [3 * hidden, in], reset, update and candidate
  readonly hidden: Value; // [3 * hidden, hidden]
  readonly inputBias: Value; // [3 * hidden]
  readonly hiddenBias: Value; // [3 * hidden]
}

export interface RecurrentShape {
  readonly batch: number;
  readonly time: Extent;
  readonly hidden: number;
}

/** What the first layer's gates get from each symbol of the vocabulary: table [vocab, in] -> [vocab, 3 * hidden] */
export function projectedTable(graph: Graph, table: Value, { input, inputBias }: RecurrentWeights): Value {
  return linear(graph, table, input, inputBias);
}

/**
 * symbols [time * batch] -> 0 where the symbol is `start`, else 1: [time, batch, 1]. A sequence that begins inside a row begins
 * as every sequence does, from a state of zeros.
 */
export function keptShares(graph: Graph, symbols: Value, start: number, { batch, time }: RecurrentShape): Value {
  const first = graph.constant({ dtype: 'int32', shape: [], data: Int32Array.of(start) });
  const begins = graph.op('Cast', [graph.op('Equal', [symbols, first])], { to: 'float32' }); // [time * batch]
  return graph.reshape(graph.sub(graph.scalar(1), begins), [time, batch, 1]);
}

/** gates [time * batch, 3 * hidden], past [batch, hidden] -> the states after each symbol [time * batch, hidden], and the last. */
export function recurrence(
  graph: Graph,
  gates: Value,
  keep: Value,
  past: Value,
  weights: RecurrentWeights,
  { batch, time, hidden }: RecurrentShape,
): { output: Value; present: Value } {
  const rows = graph.reshape(gates, [time, batch, 3 * hidden]);
  const [y, present] = graph.all('Gru', [rows, keep, past, weights.hidden, weights.hiddenBias]);
  return { output: graph.reshape(y, [gates.shape[0]!, hidden]), present };
}
