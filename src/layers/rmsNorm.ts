// Root-mean-square normalization (Zhang & Sennrich 2019, arXiv 1910.07467).
import type { Graph, Value } from '../graph/graph.ts';

/** x [..., hidden], weight [hidden] -> [..., hidden] */
export function rmsNorm(graph: Graph, x: Value, weight: Value, epsilon: number): Value {
  return graph.op('RmsNorm', [x, weight], { epsilon });
}
