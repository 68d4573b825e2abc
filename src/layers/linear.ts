// y = x wT + bias. Rows are all batch and time positions together, so that the weight's gradient is one product.
import type { Graph, Value } from '../graph/graph.ts';

/** x [rows, in], weight [out, in], bias [out] -> [rows, out] */
export function linear(graph: Graph, x: Value, weight: Value, bias?: Value): Value {
  return graph.op('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: true });
}
