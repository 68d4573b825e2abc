// Rewrites a graph into one that ONNX can hold: composites lowered, nodes that no output needs left out, and on request
// everything in float64, for gradient checks.
import { float64, type Tensor } from '../base/tensor.ts';
import { Graph } from './graph.ts';
import { ops } from './ops.ts';
import type { OpAttributes, OpInputs, OpName, OpOutputs, Value } from './types.ts';

export type FloatType = 'float32' | 'float64';

export function lowered(graph: Graph, dtype: FloatType): Graph {
  const result = new Graph({ floatType: dtype });
  const images = declared(graph, result);
  const imageOf = (value: Value): Value => {
    const image = images.get(value) ?? constantImage(graph, result, value);
    images.set(value, image);
    return image;
  };
  const needed = neededValues(graph);
  for (const node of graph.nodes) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    const inputs = node.inputs.map(imageOf) as OpInputs<OpName>;
    const used = node.outputs.map((output) => needed.has(output));
    const outputs = lowerNode(result, node.op, node.name, inputs, node.attributes, used);
    node.outputs.forEach((output, index) => {
      images.set(output, outputs[index]!);
    });
  }
  for (const { name, value } of graph.outputs) result.output(name, imageOf(value));
  return result;
}

/** Declares in `target` what goes into `graph`; which is which. */
export function declared(graph: Graph, target: Graph): Map<Value, Value> {
  const images = new Map<Value, Value>();
  const typeIn = ({ dtype }: Value) => (dtype === 'float32' ? target.floatType : dtype);
  for (const value of graph.inputs) images.set(value, target.input(value.name, typeIn(value), value.shape));
  for (const value of graph.parameters)
    images.set(value, target.parameter(value.name, value.shape as number[], typeIn(value)));
  return images;
}

/** The values that some output depends on. */
function neededValues(graph: Graph): ReadonlySet<Value> {
  const needed = new Set<Value>(graph.outputs.map(({ value }) => value));
  for (const { inputs, outputs } of graph.nodes.toReversed())
    if (outputs.some((output) => needed.has(output))) for (const input of inputs) needed.add(input);
  return needed;
}

function lowerNode<P extends OpName>(
  target: Graph,
  op: P,
  name: string,
  inputs: OpInputs<P>,
  attributes: OpAttributes<P>,
  used: readonly boolean[],
): OpOutputs<P> {
  const row = ops[op];
  const lower = !row.onnx || (row.floatOnly && target.floatType === 'float64') ? row.lower : undefined;
  if (lower) return target.scope(name, () => lower(target, inputs, attributes, used));
  return target.named(name, op, inputs, withFloatType(attributes, target.floatType));
}

/** An attribute that says float32 means the graph's float type; a loop's body is lowered like the graph around it. */
function withFloatType<A extends object>(attributes: A, dtype: FloatType): A {
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    value instanceof Graph ? lowered(value, dtype) : value === 'float32' ? dtype : value,
  ]);
  return Object.fromEntries(entries) as A;
}

export function constantImage(graph: Graph, target: Graph, value: Value): Value {
  const tensor = graph.initializers.get(value);
  if (!tensor) throw new Error(`lowered: ${value.name} belongs to another graph, or is used before it is computed`);
  return target.constant(target.floatType === 'float64' ? inFloat64(tensor) : tensor);
}

export function inFloat64(tensor: Tensor): Tensor {
  return tensor.dtype === 'float32' ? float64(Float64Array.from(tensor.data), tensor.shape) : tensor;
}
