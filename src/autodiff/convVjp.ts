// The gradient of Conv. By the image it is a Conv again, with the kernel turned round; by the weight, one product for each place
// of the kernel that counts, of all images at once; by the bias, products with ones. Why not one product of all places, forward and back,
// in place of ONNX Runtime's Conv: the copies cost more than it saves, 260 against 195 ms of processor time for a step of PixelCNN.
import { convExtents, flatRows, pad, shifted } from '../graph/convolution.ts';
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

function weightGradient(
  graph: Graph,
  dy: Value,
  x: Value,
  weight: Value,
  pads: Margins,
  taps: number | undefined,
): Value {
  const extents = convExtents(x, weight, pads);
  const { batch, channels, outputs, kernelHeight, kernelWidth, outHeight, outWidth, paddedWidth } = extents;
  const places = kernelHeight * kernelWidth;
  const flat = flatRows(graph, x, extents, pads);
  const wide = pad(graph, dy, 3, 0, paddedWidth - outWidth);
  const rows = graph.reshape(wide, [batch, outputs, outHeight * paddedWidth]); // [batch, out, P]
  const seen = Array.from({ length: taps ?? places }, (_, tap) => shifted(graph, flat, tap, extents)); // [batch, in, P]
  const product = (columns: Value) => {
    const each = graph.op('BatchMatMul', [rows, columns], { transB: true }); // [batch, out, columns]
    return graph.reshape(each, [batch, outputs * Number(columns.shape[1])]);
  };
  const few = channels < FEW_CHANNELS;
  const each = few
    ? product(graph.op('Concat', seen, { axis: 1 }))
    : graph.op('Concat', seen.map(product), { axis: 1 });
  const sum = columnSums(graph, each); // [1, ...]
  const byTap = few
    ? graph.transpose(graph.reshape(sum, [outputs, seen.length, channels]), [0, 2, 1])
    : graph.transpose(graph.reshape(sum, [seen.length, outputs, channels]), [1, 2, 0]); // [out, in, taps]
  return graph.reshape(pad(graph, byTap, 2, 0, places - seen.length), weight.shape);
}

function biasGradient(graph: Graph, dy: Value): Value {
  const [batch, outputs, height, width] = dy.shape as [number, number, number, number];
  const ones = graph.fill(1, [height * width, 1], dy.dtype);
  const sums = graph.op('Gemm', [graph.reshape(dy, [batch * outputs, height * width]), ones]); // [batch * out, 1]
  return graph.reshape(columnSums(graph, graph.reshape(sums, [batch, outputs])), [outputs]);
}
