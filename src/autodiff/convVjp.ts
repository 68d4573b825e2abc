// The gradient of Conv. By the image it is a Conv again, with the kernel turned round; by the weight, a product for each place of the
// kernel that counts, over the places of each image. Why not one product of all places, forward and back, in place of ONNX Runtime's
// Conv: the copies cost more than it saves, 260 against 195 ms of processor time for a step of PixelCNN before its convolutions lay
// in blocks (graph/blocks.ts), which are faster still.
import { pad } from '../graph/convolution.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Margins } from '../graph/types.ts';
import { columnSums } from './pieces.ts';
import type { Vjp } from './vjps.ts';

/** Below this many channels one wide product of all places is quicker than narrow ones of each. */
const FEW_CHANNELS = 16;

// y[o, p] = sum over taps of w[o, :, tap] x[:, p + tap] + bias[o]
//   =>  dx[:, p] = sum over taps of w[:, :, tap]T dy[:, p - tap],  dw[:, :, tap] = dy x[:, p + tap]T,  dbias = sum dy
export const conv: Vjp<'Conv'> = ({ graph, node, dy }) => {
  const [x, weight, bias] = node.inputs;
  const { pads, taps } = node.attributes;
  return [
    () => imageGradient(graph, dy, weight, pads),
    () => weightGradient(graph, dy, x, weight, pads, taps),
    bias && (() => biasGradient(graph, dy)),
  ];
};

function imageGradient(graph: Graph, dy: Value, weight: Value, [top, left, bottom, right]: Margins): Value {
  const [outputs, channels, height, width] = weight.shape as [number, number, number, number];
  const places = height * width;
  const byPlace = graph.transpose(graph.reshape(weight, [outputs, channels, places]), [2, 1, 0]); // [places, in, out]
  const backwards = graph.integers(Array.from({ length: places }, (_, place) => places - 1 - place));
  const turned = places === 1 ? byPlace : graph.op('Gather', [byPlace, backwards]); // [places, in, out]
  const kernel = graph.reshape(graph.transpose(turned, [1, 2, 0]), [channels, outputs, height, width]);
  const pads: Margins = [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right];
  return graph.op('Conv', [dy, kernel], { pads });
}

// dw[:, :, i, j] = sum over places of dy x[place + (i, j)]. For column j the image is moved, for row i the gradient, the other way, so
// that few copies serve all taps. An image of few channels is moved both ways instead, for one product of all taps.
function weightGradient(
  graph: Graph,
  dy: Value,
  x: Value,
  weight: Value,
  [top, left, bottom, right]: Margins,
  taps: number | undefined,
): Value {
  const [outputs, channels, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const places = kernelHeight * kernelWidth;
  const numTaps = taps ?? places;
  const lower = Number(x.shape[2]) - Number(dy.shape[2]);
  const seen = Array.from({ length: Math.min(kernelWidth, numTaps) }, (_, j) =>
    pad(graph, x, 3, left - j, right - (kernelWidth - 1 - j)),
  ); // [batch, in, height, outWidth]
  const rows = Array.from({ length: Math.ceil(numTaps / kernelWidth) }, (_, i) => i);
  const inRow = (i: number) => seen.slice(0, numTaps - i * kernelWidth);
  if (channels < FEW_CHANNELS) {
    const moved = rows.flatMap((i) =>
      inRow(i).map((image) => pad(graph, image, 2, top - i, bottom - (kernelHeight - 1 - i))),
    );
    const sum = productOfPlaces(graph, flat(graph, dy), flat(graph, graph.op('Concat', moved, { axis: 1 }))); // [1, out * taps * in]
    const byTap = graph.transpose(graph.reshape(sum, [outputs, numTaps, channels]), [0, 2, 1]); // [out, in, taps]
    return graph.reshape(pad(graph, byTap, 2, 0, places - numTaps), weight.shape);
  }
  const width = Number(dy.shape[3]);
  const sums = rows.flatMap((i) => {
    const moved = pad(graph, flat(graph, dy), 2, (i - top) * width, (lower - (i - top)) * width); // [batch, out, places of x]
    return inRow(i).map((image) => productOfPlaces(graph, moved, flat(graph, image))); // [1, out * in]
  });
  const byTap = graph.transpose(
    graph.reshape(graph.op('Concat', sums, { axis: 0 }), [numTaps, outputs, channels]),
    [1, 2, 0],
  );
  return graph.reshape(pad(graph, byTap, 2, 0, places - numTaps), weight.shape);
}

/** a [batch, A, places], b [batch, B, places] -> [1, A * B], summed over images and places. */
function productOfPlaces(graph: Graph, a: Value, b: Value): Value {
  const each = graph.op('BatchMatMul', [a, b], { transB: true }); // [batch, A, B]
  return columnSums(graph, graph.reshape(each, [a.shape[0]!, Number(a.shape[1]) * Number(b.shape[1])]));
}

/** [batch, channels, height, width] -> [batch, channels, places] */
function flat(graph: Graph, x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return graph.reshape(x, [batch, channels, height * width]);
}

// Along rows the sum itself is quicker than a product with ones.
function biasGradient(graph: Graph, dy: Value): Value {
  const sums = graph.op('ReduceSum', [flat(graph, dy)], { axes: [2], keepDims: false }); // [batch, out]
  return graph.reshape(columnSums(graph, sums), [dy.shape[1]!]);
}
