// y = x wT + bias. Rows are all batch and time positions together, so that the weight's gradient is one product.
import type { Graph, Value } from '../graph/graph.ts';

/** x [rows, in], weight [out, in], bias [out] -> [rows, out] */
export function linear(graph: Graph, x: Value, weight: Value, bias?: Value): Value {
  return graph.op('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: true });
}

/**
 * The products of several weights with the same rows as one product, side by side: fewer, larger ones are quicker for few rows. The weights
 * are joined when the graph is loaded, so they should be parameters that do not change. x [rows, in], weights [out, in] -> [rows, outs]
 */
export function joinedLinear(graph: Graph, x: Value, weights: readonly Value[]): Value {
  return linear(graph, x, graph.op('Concat', weights, { axis: 0 }));
}
