// Gated feed-forward layer SwiGLU (Shazeer 2020, arXiv 2002.05202, equation 6): (silu(x gateT) * x upT) downT.
import type { Graph, Value } from '../graph/graph.ts';
import { joinedLinear, linear } from './linear.ts';

export interface SwiGluWeights {
  readonly gate: Value; // [intermediate, hidden]
  readonly up: Value; // [intermediate, hidden]
  readonly down: Value; // [hidden, intermediate]
}

/** x [rows, hidden] -> [rows, hidden]. `joined`: as joinedLinear says. */
export function swiGlu(graph: Graph, x: Value, { gate, up, down }: SwiGluWeights, { joined = false } = {}): Value {
  if (joined) {
    const sizes = [gate, up].map(({ shape }) => Number(shape[0]));
    const both = graph.scope('gateUp', () =>
      graph.all('Split', [joinedLinear(graph, x, [gate, up])], { axis: 1, sizes }),
    );
    const [gates, wides] = both as [Value, Value];
    return graph.scope('down', () => linear(graph, graph.mul(graph.op('Silu', [gates]), wides), down));
  }
  const gated = graph.scope('gate', () => graph.op('Silu', [linear(graph, x, gate)])); // [rows, intermediate]
  const wide = graph.scope('up', () => graph.mul(gated, linear(graph, x, up))); // [rows, intermediate]
  return graph.scope('down', () => linear(graph, wide, down)); // [rows, hidden]
}
