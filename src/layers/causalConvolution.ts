// Masked convolutions of PixelCNN (van den Oord et al. 2016, arXiv 1601.06759, section 3.4): what is predicted sees the rows above
// and what is left of it in its own row. Only these places have weights; the places that a mask would set to zero do not exist:
//
//   3 x 3, mask B     o o o        7 x 7, mask A     o o o o o o o  (three rows)
//                     o o                            o o o
//
// Features are in groups, one for each channel, red before green before blue. At its own place a group sees the groups before it
// (mask A), and itself as well (mask B). So what a group sees is always a prefix of [place, group, feature], and its weight is
// a matrix over that prefix. 'none' sees its whole window: for stacks that know only rows that are complete.
import type { Graph, Value } from '../graph/graph.ts';

export interface CausalConvolution {
  readonly name: string;
  /** Features of all groups. */
  readonly inputs: number;
  readonly outputs: number;
  readonly mask: 'A' | 'B' | 'none';
  /** Rows above its own that it sees, columns to its left, and in these rows above to its right. */
  readonly above: number;
  readonly left: number;
  readonly right: number;
}

export type ParameterOf = (name: string) => Value;

const colors = ['red', 'green', 'blue'] as const;

/** Places of the window before its own, row after row. */
function placesBefore({ above, left, right }: CausalConvolution): number {
  return above * (left + 1 + right) + left;
}

/** Places that some group sees, counted row after row. */
export function numTaps(layer: CausalConvolution, channels: number): number {
  if (layer.mask === 'none') return (layer.above + 1) * (layer.left + 1 + layer.right);
  return placesBefore(layer) + (layer.mask === 'B' || channels > 1 ? 1 : 0);
}

/** A weight for each group, [its outputs, what it sees]; one for all without a mask. */
export function weightShapes(layer: CausalConvolution, channels: number): { name: string; shape: [number, number] }[] {
  const { name, inputs, outputs, mask } = layer;
  if (mask === 'none') return [{ name: `${name}.weight`, shape: [outputs, numTaps(layer, channels) * inputs] }];
  return Array.from({ length: channels }, (_, group) => ({
    name: channels === 1 ? `${name}.weight` : `${name}.${colors[group]}.weight`,
    shape: [outputs / channels, placesBefore(layer) * inputs + ((group + (mask === 'B' ? 1 : 0)) * inputs) / channels],
  }));
}

export function biasName({ name }: CausalConvolution): string {
  return `${name}.bias`;
}

/** All weights as one matrix, zero where a group does not see: [outputs, taps * inputs]. */
export function weightMatrix(graph: Graph, layer: CausalConvolution, channels: number, parameter: ParameterOf): Value {
  const width = numTaps(layer, channels) * layer.inputs;
  const parts = weightShapes(layer, channels).map(({ name, shape: [, seen] }) =>
    seen === width ? parameter(name) : graph.op('Pad', [parameter(name)], { axis: 1, before: 0, after: width - seen }),
  );
  return parts.length === 1 ? parts[0]! : graph.op('Concat', parts, { axis: 0 });
}

/** x [batch, inputs, height, width] -> [batch, outputs, height, width]: whole images at once, for training and scoring. */
export function convolveImages(
  graph: Graph,
  x: Value,
  layer: CausalConvolution,
  channels: number,
  parameter: ParameterOf,
): Value {
  const { inputs, outputs, above, left, right } = layer;
  const taps = numTaps(layer, channels);
  const [rows, columns] = [above + 1, left + 1 + right];
  const matrix = graph.reshape(weightMatrix(graph, layer, channels, parameter), [outputs, taps, inputs]);
  const byTap = taps === 1 ? matrix : graph.transpose(matrix, [0, 2, 1]); // [outputs, inputs, taps]
  const places = rows * columns;
  const whole = taps === places ? byTap : graph.op('Pad', [byTap], { axis: 2, before: 0, after: places - taps });
  const kernel = graph.reshape(whole, [outputs, inputs, rows, columns]);
  const inner: [Value, Value, Value] = [x, kernel, parameter(biasName(layer))];
  return graph.op('Conv', inner, { pads: [above, left, 0, right], ...(taps < places && { taps }) });
}
