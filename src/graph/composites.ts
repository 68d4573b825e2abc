// Lowerings: operators written in terms of others. Attention and LinearCrossEntropy are always lowered (they are one node
// so that their gradients can be better than the sum of the parts); the rest only where float64 kernels are missing.
import { type Shape, staticShape } from './extents.ts';
import type { Builder, OpAttributes, OpInputs, OpOutputs, Value } from './types.ts';

/** y = x / (1 + exp(-x)). ONNX Runtime would fuse x sigmoid(x) into the very kernel that has no float64 form. */
export function lowerSilu(build: Builder, [x]: OpInputs<'Silu'>): OpOutputs<'Silu'> {
  const onePlus = build.op('Add', [build.op('Exp', [build.op('Neg', [x])]), build.scalar(1)]);
  return [build.op('Div', [x, onePlus])];
}

export function lowerBatchMatMul(
  build: Builder,
  [a, b]: OpInputs<'BatchMatMul'>,
  { transA = false, transB = false, timeMajorB = false, alpha = 1 }: OpAttributes<'BatchMatMul'>,
): OpOutputs<'BatchMatMul'> {
  const left = transA ? swapLastAxes(build, a) : a;
  const batchFirst = timeMajorB ? batchMajor(build, b) : b;
  const product = build.op('MatMul', [left, transB ? swapLastAxes(build, batchFirst) : batchFirst]);
  return [alpha === 1 ? product : build.op('Mul', [product, build.scalar(alpha)])];
}

/** y = w x r, r = 1 / sqrt(mean(x^2) + epsilon) */
export function lowerRmsNorm(
  build: Builder,
  [x, weight]: OpInputs<'RmsNorm'>,
  { epsilon }: OpAttributes<'RmsNorm'>,
): OpOutputs<'RmsNorm'> {
  const meanSquare = build.op('ReduceMean', [build.op('Mul', [x, x])], { axes: [x.shape.length - 1], keepDims: true });
  const root = build.op('Sqrt', [build.op('Add', [meanSquare, build.scalar(epsilon)])]); // [..., 1]
  const inverse = build.op('Reciprocal', [root]);
  return [build.op('Mul', [build.op('Mul', [x, inverse]), weight]), inverse];
}

/** y1 = x1 cos - x2 sin, y2 = x2 cos + x1 sin, with x1 and x2 the halves of a head */
export function lowerRotary(build: Builder, [x, offset, cos, sin]: OpInputs<'Rotary'>): OpOutputs<'Rotary'> {
  const [batch, time, hidden] = x.shape as [Shape[0], Shape[0], Shape[0]];
  const half = staticShape('Rotary', cos.shape)[1]!;
  const end = build.op('Add', [offset, build.op('ShapeOf', [x], { start: 1, end: 2 })]);
  const angles = (table: Value) =>
    build.reshape(build.op('SliceBetween', [table, offset, end], { axis: 0, extent: time }), [time, 1, half]);
  const heads = build.reshape(x, [batch, time, Number(hidden) / (2 * half), 2 * half]);
  const [x1, x2] = build.all('Split', [heads], { axis: 3, sizes: [half, half] }) as [Value, Value];
  const [c, s] = [angles(cos), angles(sin)];
  const product = (a: Value, b: Value) => build.op('Mul', [a, b]);
  const y1 = build.op('Sub', [product(x1, c), product(x2, s)]); // [batch, time, heads, D/2]
  const y2 = build.op('Add', [product(x2, c), product(x1, s)]); // [batch, time, heads, D/2]
  return [build.reshape(build.op('Concat', [y1, y2], { axis: 3 }), x.shape)];
}

export function lowerAttention(
  build: Builder,
  [query, key, value, mask]: OpInputs<'Attention'>,
  { scale }: OpAttributes<'Attention'>,
): OpOutputs<'Attention'> {
  const products = build.op('BatchMatMul', [query, key], { transB: true, timeMajorB: true, alpha: scale }); // [n, rows, total]
  const probs = build.op('Softmax', [build.op('Add', [products, mask])]); // [n, rows, total]
  return [build.op('BatchMatMul', [probs, value], { timeMajorB: true }), probs]; // [n, rows, D]
}

/** The least probability whose logarithm is taken: surprisals end at 85 nats instead of infinity. */
const LEAST_PROBABILITY = 1e-37;

export function lowerLinearCrossEntropy(
  build: Builder,
  [x, weight, targets, bias]: OpInputs<'LinearCrossEntropy'>,
): OpOutputs<'LinearCrossEntropy'> {
  const rows = x.shape[0]!;
  const logits = build.op('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: true }); // [rows, vocab]
  const probs = build.op('Softmax', [logits]); // [rows, vocab]
  const chosen = build.op('GatherElements', [probs, build.reshape(targets, [rows, 1])], { axis: 1 }); // [rows, 1]
  const logProbs = build.op('Log', [build.op('Clip', [chosen], { min: LEAST_PROBABILITY, max: 1 })]);
  return [build.op('Neg', [build.op('ReduceMean', [logProbs], { axes: [0, 1], keepDims: false })]), probs];
}

function swapLastAxes(build: Builder, x: Value): Value {
  const rank = x.shape.length;
  const permutation = x.shape.map((_, axis) => axis);
  permutation.splice(rank - 2, 2, rank - 1, rank - 2);
  return build.op('Transpose', [x], { permutation });
}

/** [rows, batch..., columns] -> [batch..., rows, columns] */
function batchMajor(build: Builder, x: Value): Value {
  const rank = x.shape.length;
  const batchAxes = x.shape.slice(1, -1).map((_, axis) => axis + 1);
  return build.op('Transpose', [x], { permutation: [...batchAxes, 0, rank - 1] });
}
