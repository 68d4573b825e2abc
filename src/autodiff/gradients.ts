// Reverse-mode differentiation of a graph while it is being built: one walk over the nodes in reverse, each node's rule
// appending nodes that turn the gradient of its outputs into gradients of its inputs. Nothing is computed.
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import type { NodeOf, OpName } from '../graph/types.ts';
import { vjps } from './vjps.ts';

/** The gradients of the scalar `loss`, in the order of `withRespectTo`; their nodes are appended to the graph. */
export function gradients(graph: Graph, loss: Value, withRespectTo: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) throw new RangeError(`gradients: expected a scalar, got ${loss.name} [${loss.shape}]`);
  const nodes = [...graph.nodes];
  const varying = dependents(nodes, withRespectTo);
  const contributions = new Map<Value, Value[]>([[loss, [graph.scalar(1)]]]);
  const gradientOf = (value: Value): Value | undefined => {
    const terms = contributions.get(value);
    if (!terms || terms.length < 2) return terms?.[0];
    const sum = graph.op('Sum', terms);
    contributions.set(value, [sum]);
    return sum;
  };
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => contributions.has(output))) continue;
    if (!node.inputs.some((input) => varying.has(input))) continue;
    graph.scope(`gradient/${node.name}`, () => {
      const rules = inputGradients(graph, node, node.outputs.map(gradientOf));
      node.inputs.forEach((input, index) => {
        if (!varying.has(input)) return;
        const gradient = rules[index]?.();
        if (gradient) contributions.set(input, [...(contributions.get(input) ?? []), gradient]);
      });
    });
  }
  return withRespectTo.map((value) => {
    const gradient = graph.scope(`gradient/${value.name}`, () => gradientOf(value));
    if (!gradient) throw new Error(`gradients: ${loss.name} does not depend on ${value.name}`);
    return gradient;
  });
}

/** The values that some given value influences, those themselves included. */
function dependents(nodes: readonly GraphNode[], sources: readonly Value[]): ReadonlySet<Value> {
  const result = new Set(sources);
  for (const { inputs, outputs } of nodes)
    if (inputs.some((input) => result.has(input))) for (const output of outputs) result.add(output);
  return result;
}

function inputGradients(
  graph: Graph,
  node: GraphNode,
  dys: readonly (Value | undefined)[],
): readonly ((() => Value) | undefined)[] {
  return applyRule(graph, node.op, node, dys);
}

function applyRule<P extends OpName>(
  graph: Graph,
  op: P,
  node: NodeOf<P>,
  dys: readonly (Value | undefined)[],
): readonly ((() => Value) | undefined)[] {
  const rule = vjps[op];
  if (rule === 'notDifferentiable')
    throw new Error(`gradients: ${op} has no gradient, yet the loss depends on ${node.name} through it`);
  return rule({ graph, node, dys, dy: dys[0] ?? missingGradient(node.name) });
}

function missingGradient(name: string): never {
  throw new Error(`gradients: the first output of ${name} is unused, and its rule needs that output's gradient`);
}
