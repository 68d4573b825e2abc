// A graph as text, one line for each node, for people and for snapshots: a refactoring that changes a graph shows it. The body
// of a loop stands below it, indented.
import { shapeText } from './extents.ts';
import { Graph } from './graph.ts';
import type { TensorType, Value } from './types.ts';

export function printGraph(graph: Graph): string {
  return [...linesOf(graph), ''].join('\n');
}

function linesOf(graph: Graph): string[] {
  const lines = [
    ...graph.inputs.map((value) => `input ${declaration(value)}`),
    ...graph.parameters.map((value) => `parameter ${declaration(value)}`),
  ];
  for (const { name, op, inputs, attributes, outputs } of graph.nodes) {
    const bodies = Object.values(attributes).filter((value) => value instanceof Graph);
    const settings = Object.entries(attributes)
      .filter(([, value]) => !(value instanceof Graph))
      .map(([key, value]) => `${key}: ${settingText(value)}`);
    const operands = [...inputs.map(({ name }) => name), ...settings];
    lines.push(`${name} = ${op}(${operands.join(', ')}) ${outputs.map(typeText).join(', ')}`);
    for (const body of bodies) lines.push(...linesOf(body).map((line) => `  ${line}`));
  }
  return [...lines, ...graph.outputs.map(({ name, value }) => `output ${name} = ${value.name}`)];
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
