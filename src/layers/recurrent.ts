// A stack of gated recurrent units (Cho et al. 2014, arXiv 1406.1078), PyTorch's nn.GRU to the letter, over rows in the order of
// time. Two things make it quick. The first layer reads no embedding: it gathers from the *projected* table, embedding times
// input weights, so that the product over all symbols shrinks to one over the vocabulary. And what is left of the recurrence
// is one node with a gradient of its own (graph/recurrence.ts).
import type { Extent, Graph, Value } from '../graph/graph.ts';
import { linear } from './linear.ts';

/** As PyTorch stacks them: reset, update, candidate. */
export interface RecurrentWeights {
  readonly input: Value; // [3 * hidden, in]
  readonly hidden: Value; // [3 * hidden, hidden]
  readonly inputBias: Value; // [3 * hidden]
  readonly hiddenBias: Value; // [3 * hidden]
}

/** Something for each gate: reset, update, candidate. */
export type Gates = readonly [Value, Value, Value];

export type GateWeights = { readonly [Name in keyof RecurrentWeights]: Gates };

export interface RecurrentShape {
  readonly batch: number;
  readonly time: Extent;
  readonly hidden: number;
}

export function gateWeights(graph: Graph, weights: RecurrentWeights): GateWeights {
  const cut = (name: keyof RecurrentWeights) =>
    graph.scope(name, () => {
      const size = Number(weights[name].shape[0]) / 3;
      const [reset, update, candidate] = graph.all('Split', [weights[name]], { axis: 0, sizes: [size, size, size] });
      return [reset!, update!, candidate!] as const;
    });
  return { input: cut('input'), hidden: cut('hidden'), inputBias: cut('inputBias'), hiddenBias: cut('hiddenBias') };
}

/**
 * x [rows, in] -> what the inputs contribute to each gate, [rows, hidden]. With x the embedding's table these are the tables that
 * gates are gathered from. The state's bias is in it too, but for the candidate's, which the reset gate opens.
 */
export function gatesOf(graph: Graph, x: Value, { input, inputBias, hiddenBias }: GateWeights): Gates {
  return [
    graph.scope('reset', () => linear(graph, x, input[0], graph.add(inputBias[0], hiddenBias[0]))),
    graph.scope('update', () => linear(graph, x, input[1], graph.add(inputBias[1], hiddenBias[1]))),
    graph.scope('candidate', () => linear(graph, x, input[2], inputBias[2])),
  ];
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

/** gates [time * batch, hidden], past [batch, hidden] -> the states after each symbol [time * batch, hidden], and the last. */
export function recurrence(
  graph: Graph,
  gates: Gates,
  keep: Value,
  past: Value,
  weights: GateWeights,
  { batch, time, hidden }: RecurrentShape,
): { output: Value; present: Value } {
  const inTime = (gate: Value) => graph.reshape(gate, [time, batch, hidden]);
  const [reset, update, candidate] = gates;
  const [y, present] = graph.all('Gru', [
    inTime(reset),
    inTime(update),
    inTime(candidate),
    keep,
    past,
    ...weights.hidden,
    weights.hiddenBias[2],
  ]);
  return { output: graph.reshape(y, [reset.shape[0]!, hidden]), present };
}
