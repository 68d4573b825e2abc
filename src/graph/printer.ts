// A graph as text, one line for each node, for people and for snapshots: a refactoring that changes a graph shows it.
import { shapeText } from './extents.ts';
import type { Graph } from './graph.ts';
import type { TensorType, Value } from './types.ts';

export function printGraph(graph: Graph): string {
  const lines = [
    ...graph.inputs.map((value) => `input ${declaration(value)}`),
    ...graph.parameters.map((value) => `parameter ${declaration(value)}`),
  ];
  for (const { name, op, inputs, attributes, outputs } of graph.nodes) {
    const settings = Object.entries(attributes).map(([key, value]) => `${key}: ${settingText(value)}`);
    const operands = [...inputs.map(({ name }) => name), ...settings];
    lines.push(`${name} = ${op}(${operands.join(', ')}) ${outputs.map(typeText).join(', ')}`);
  }
  return [...lines, ...graph.outputs.map(({ name, value }) => `output ${name} = ${value.name}`), ''].join('\n');
}

function declaration(value: Value): string {
  return `${value.name} ${typeText(value)}`;
}

function typeText({ dtype, shape }: TensorType): string {
  return `${dtype}${shapeText(shape)}`;
}

function settingText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
