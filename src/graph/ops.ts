// The operator table, one row each: the shape rule, and how it becomes ONNX, either as a node or by lowering to other
// operators. A row with both is lowered where its kernel has no float64, which is how gradient checks reach it.
import { type DType, float32, float64, int64, type Tensor } from '../base/tensor.ts';
import * as attention from './attention.ts';
import * as composites from './composites.ts';
import * as convolution from './convolution.ts';
import { expectExtent, expectRank, expectShape } from './expect.ts';
import { broadcast, type Shape, sameSize, shapeText, staticShape, sumOfExtents } from './extents.ts';
import type { Graph } from './graph.ts';
import { quantization } from './quantization.ts';
import * as recurrence from './recurrence.ts';
import type { Builder, OpAttributes, OpInputs, OpName, OpOutputs, TensorType, Value } from './types.ts';

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly tensor: Tensor };

/** What one row becomes; `constants` are further inputs after the node's own. */
export interface OnnxNode {
  readonly type: string;
  readonly domain?: 'com.microsoft' | 'com.microsoft.nchwc';
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly constants?: readonly Tensor[];
  /** Places among its inputs that stay empty. */
  readonly omitted?: readonly number[];
  /** A loop's; what the last `captured` inputs of the node are it sees by name, and the node does not list them. */
  readonly body?: { readonly graph: Graph; readonly captured: number };
}

export interface OpRow<P extends OpName> {
  /** @throws RangeError when the inputs do not fit. */
  infer(inputs: OpInputs<P>, attributes: OpAttributes<P>): readonly TensorType[];
  onnx?(inputs: OpInputs<P>, attributes: OpAttributes<P>): OnnxNode;
  /** An output that is not `used` may be anything. */
  lower?(build: Builder, inputs: OpInputs<P>, attributes: OpAttributes<P>, used: readonly boolean[]): OpOutputs<P>;
  /** True where the ONNX kernel has no float64 form. */
  floatOnly?: boolean;
}

/** Makes 1 or more of any number above 1e-38; one that overflows is limited as well. */
const STEEP = 1e38;

export const ops: { readonly [P in OpName]: OpRow<P> } = {
  Add: elementwise('Add'),
  Sub: elementwise('Sub'),
  Mul: elementwise('Mul'),
  Div: elementwise('Div'),
  Mod: elementwise('Mod'),
  Sum: {
    infer(inputs) {
      const [first, ...others] = inputs;
      if (!first) throw new RangeError('expected at least one input');
      for (const other of others) expectShape('inputs of one shape', other, first.shape);
      return [first];
    },
    onnx: () => ({ type: 'Sum' }),
  },
  Neg: elementwise('Neg'),
  Exp: elementwise('Exp'),
  Log: elementwise('Log'),
  Sqrt: elementwise('Sqrt'),
  Reciprocal: elementwise('Reciprocal'),
  Sigmoid: elementwise('Sigmoid'),
  Tanh: elementwise('Tanh'),
  Relu: elementwise('Relu'),
  Step: {
    infer: ([x]) => [x],
    // max(0, min(1, alpha x)): one pass where a product and a limit are two; Sign is slower than both.
    onnx: () => ({ type: 'HardSigmoid', attributes: { alpha: { float: STEEP }, beta: { float: 0 } } }),
    floatOnly: true,
    lower: (build, [x]) => {
      const steep = build.op('Mul', [x, build.scalar(STEEP)]);
      return [build.op('Clip', [steep], { min: 0, max: 1 })];
    },
  },
  Silu: {
    infer: ([x]) => [x],
    // QuickGelu is x sigmoid(alpha x).
    onnx: () => ({ type: 'QuickGelu', domain: 'com.microsoft', attributes: { alpha: { float: 1 } } }),
    floatOnly: true,
    lower: composites.lowerSilu,
  },
  Clip: {
    infer: ([x]) => [x],
    onnx: ([x], { min, max }) => ({ type: 'Clip', constants: [scalarOf(x.dtype, min), scalarOf(x.dtype, max)] }),
  },

  Gemm: {
    infer([a, b, c], { transA = false, transB = false }) {
      expectRank(a, 2);
      expectRank(b, 2);
      const [rows, inner] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
      const [innerB, columns] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
      expectExtent('inner extents to agree', innerB, inner, [a, b]);
      if (c) expectShape('c to broadcast to a b', { shape: broadcast(c.shape, [rows, columns]) }, [rows, columns]);
      return [{ dtype: a.dtype, shape: [rows, columns] }];
    },
    onnx: (_, { transA = false, transB = false }) => ({
      type: 'Gemm',
      attributes: { ...(transA && { transA: { int: 1 } }), ...(transB && { transB: { int: 1 } }) },
    }),
  },
  MatMul: {
    infer([a, b]) {
      expectRank(b, a.shape.length);
      expectShape('equal batch axes', { shape: b.shape.slice(0, -2) }, a.shape.slice(0, -2));
      expectExtent('inner extents to agree', b.shape.at(-2)!, a.shape.at(-1)!, [a, b]);
      return [{ dtype: a.dtype, shape: [...a.shape.slice(0, -1), b.shape.at(-1)!] }];
    },
    onnx: () => ({ type: 'MatMul' }),
  },
  BatchMatMul: {
    infer([a, b], { transA = false, transB = false, timeMajorB = false }) {
      expectRank(b, a.shape.length);
      const rank = a.shape.length;
      const bShape = timeMajorB ? [...b.shape.slice(1, -1), b.shape[0]!, b.shape[rank - 1]!] : b.shape;
      expectShape('equal batch axes', { shape: bShape.slice(0, -2) }, a.shape.slice(0, -2));
      const [rows, inner] = transA
        ? [a.shape[rank - 1]!, a.shape[rank - 2]!]
        : [a.shape[rank - 2]!, a.shape[rank - 1]!];
      const [innerB, columns] = transB
        ? [bShape[rank - 1]!, bShape[rank - 2]!]
        : [bShape[rank - 2]!, bShape[rank - 1]!];
      expectExtent('inner extents to agree', innerB, inner, [a, b]);
      return [{ dtype: a.dtype, shape: [...a.shape.slice(0, -2), rows, columns] }];
    },
    onnx: (_, { transA = false, transB = false, timeMajorB = false, alpha = 1 }) => ({
      type: 'FusedMatMul',
      domain: 'com.microsoft',
      attributes: {
        transA: { int: Number(transA) },
        transB: { int: Number(transB) },
        transBatchB: { int: Number(timeMajorB) },
        alpha: { float: alpha },
      },
    }),
    floatOnly: true,
    lower: composites.lowerBatchMatMul,
  },
  Conv: {
    infer: convolution.inferConv,
    onnx: ([, weight], { pads }) => ({
      type: 'Conv',
      attributes: { kernel_shape: { ints: weight.shape.slice(2).map(Number) }, pads: { ints: pads } },
    }),
    floatOnly: true,
    lower: convolution.lowerConv,
  },
  ToBlocks: {
    infer: ([x], { channelsLast = false }) => [
      { dtype: x.dtype, shape: channelsLast ? permuted(x, [0, 3, 1, 2]) : x.shape },
    ],
    onnx: (_, { channelsLast = false }) => ({
      type: 'ReorderInput',
      domain: 'com.microsoft.nchwc',
      attributes: { channels_last: { int: Number(channelsLast) } },
    }),
  },
  FromBlocks: {
    infer: ([x], { channelsLast = false }) => [
      { dtype: x.dtype, shape: channelsLast ? permuted(x, [0, 2, 3, 1]) : x.shape },
    ],
    onnx: ([x], { channelsLast = false }) => ({
      type: 'ReorderOutput',
      domain: 'com.microsoft.nchwc',
      attributes: { channels: { int: Number(x.shape[1]) }, channels_last: { int: Number(channelsLast) } },
    }),
  },
  BlockedConv: {
    infer: convolution.inferConv,
    onnx: ([, weight], { pads, relu }) => ({
      type: 'Conv',
      domain: 'com.microsoft.nchwc',
      attributes: {
        kernel_shape: { ints: weight.shape.slice(2).map(Number) },
        pads: { ints: pads },
        ...(relu && { activation: { text: 'Relu' } }),
      },
    }),
  },
  ReduceSum: reduction('ReduceSum'),
  ReduceMean: reduction('ReduceMean'),
  Softmax: overLastAxis('Softmax'),
  LogSoftmax: overLastAxis('LogSoftmax'),

  Reshape: {
    infer([x], { shape }) {
      if (!sameSize(x.shape, shape))
        throw new RangeError(`expected as many elements as ${shapeText(x.shape)}, got shape ${shapeText(shape)}`);
      return [{ dtype: x.dtype, shape }];
    },
    onnx: ([x], { shape }) => ({ type: 'Reshape', constants: [integersOf(reshapeTarget(x.shape, shape))] }),
  },
  Transpose: {
    infer([x], { permutation }) {
      if ([...permutation].sort((a, b) => a - b).join() !== x.shape.map((_, axis) => axis).join())
        throw new RangeError(`expected a permutation of the axes of ${shapeText(x.shape)}, got [${permutation}]`);
      return [{ dtype: x.dtype, shape: permuted(x, permutation) }];
    },
    onnx: (_, { permutation }) => ({ type: 'Transpose', attributes: { perm: { ints: permutation } } }),
  },
  Concat: {
    infer(inputs, { axis }) {
      const [first] = inputs;
      if (!first) throw new RangeError('expected at least one input');
      const extent = sumOfExtents(inputs.map((input) => input.shape[axis]!));
      const shape = withExtent(first.shape, axis, extent);
      for (const input of inputs)
        expectShape('equal extents on the other axes', { shape: withExtent(input.shape, axis, extent) }, shape);
      return [{ dtype: first.dtype, shape }];
    },
    onnx: (_, { axis }) => ({ type: 'Concat', attributes: { axis: { int: axis } } }),
  },
  Split: {
    infer([x], { axis, sizes }) {
      expectExtent('sizes to add up to the axis', sumOfExtents(sizes), x.shape[axis], [x]);
      return sizes.map((size) => ({ dtype: x.dtype, shape: withExtent(x.shape, axis, size) }));
    },
    onnx: (_, { axis, sizes }) => ({
      type: 'Split',
      attributes: { axis: { int: axis } },
      constants: [integersOf(sizes)],
    }),
  },
  Slice: {
    infer([x], { axis, start, end }) {
      const extent = staticShape('Slice', [x.shape[axis]!])[0]!;
      if (!(start >= 0 && start < end && end <= extent))
        throw new RangeError(`expected 0 <= start < end <= ${extent}, got start ${start}, end ${end}`);
      return [{ dtype: x.dtype, shape: withExtent(x.shape, axis, end - start) }];
    },
    onnx: (_, { axis, start, end }) => ({ type: 'Slice', constants: [[start], [end], [axis]].map(integersOf) }),
  },
  SliceBetween: {
    infer: ([x], { axis, extent }) => [{ dtype: x.dtype, shape: withExtent(x.shape, axis, extent) }],
    onnx: (_, { axis }) => ({ type: 'Slice', constants: [integersOf([axis])] }),
  },
  Pad: {
    infer: ([x], { axis, before, after }) => [
      { dtype: x.dtype, shape: withExtent(x.shape, axis, sumOfExtents([before, x.shape[axis]!, after])) },
    ],
    onnx: ([x], { axis, before, after }) => ({
      type: 'Pad',
      constants: [
        integersOf([...onAxis(x.shape.length, axis, before), ...onAxis(x.shape.length, axis, after)]),
        scalarOf(x.dtype, 0),
      ],
    }),
  },
  Expand: {
    infer([x], { shape }) {
      expectShape('x to broadcast', { shape: broadcast(x.shape, shape) }, shape);
      return [{ dtype: x.dtype, shape }];
    },
    onnx: (_, { shape }) => ({ type: 'Expand', constants: [integersOf(shape)] }),
  },

  Gather: {
    infer: ([table, indices]) => [{ dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }],
    onnx: () => ({ type: 'Gather', attributes: { axis: { int: 0 } } }),
  },
  GatherElements: {
    infer: ([x, indices]) => [{ dtype: x.dtype, shape: indices.shape }],
    onnx: (_, { axis }) => ({ type: 'GatherElements', attributes: { axis: { int: axis } } }),
  },
  ScatterElements: {
    infer([base, indices, updates]) {
      expectShape('indices and updates of one shape', updates, indices.shape);
      return [base];
    },
    onnx: (_, { axis }) => ({
      type: 'ScatterElements',
      attributes: { axis: { int: axis }, reduction: { text: 'add' } },
    }),
  },

  Equal: {
    infer: ([a, b]) => [{ ...broadcastTypes(a, b), dtype: 'bool' }],
    onnx: () => ({ type: 'Equal' }),
  },
  Cast: {
    infer: ([x], { to }) => [{ dtype: to, shape: x.shape }],
    onnx: (_, { to }) => ({ type: 'Cast', attributes: { to: { int: onnxTypes[to] } } }),
  },
  ShapeOf: {
    infer: (_, { start, end }) => [{ dtype: 'int64', shape: [end - start] }],
    onnx: (_, { start, end }) => ({ type: 'Shape', attributes: { start: { int: start }, end: { int: end } } }),
  },
  Fill: {
    infer: (_, { dtype, shape }) => [{ dtype, shape }],
    onnx: (_, { value, dtype }) => ({
      type: 'ConstantOfShape',
      attributes: { value: { tensor: { ...scalarOf(dtype, value), shape: [1] } } },
    }),
  },
  UpperTriangle: {
    infer: ([x]) => [x],
    onnx: () => ({ type: 'Trilu', attributes: { upper: { int: 1 } } }),
  },

  RmsNorm: {
    infer([x, weight]) {
      expectShape('a weight for each channel', weight, [x.shape.at(-1)!]);
      return [x, { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] }];
    },
    onnx: (_, { epsilon }) => ({
      type: 'SimplifiedLayerNormalization',
      attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
    }),
    floatOnly: true,
    lower: composites.lowerRmsNorm,
  },
  Rotary: {
    infer([x, , cos, sin]) {
      expectRank(x, 3);
      expectShape('cos and sin of one shape', sin, cos.shape);
      if (Number(x.shape[2]) % (2 * Number(cos.shape[1])) !== 0)
        throw new RangeError(`expected heads of ${2 * Number(cos.shape[1])} channels, got x ${shapeText(x.shape)}`);
      return [x];
    },
    onnx: () => ({ type: 'RotaryEmbedding', domain: 'com.microsoft' }),
    floatOnly: true,
    lower: composites.lowerRotary,
  },
  Attention: { infer: attention.inferAttention, lower: composites.lowerAttention },
  GroupQueryAttention: {
    infer: attention.inferGroupQueryAttention,
    onnx: (_, { numHeads, numKeyValueHeads }) => ({
      type: 'GroupQueryAttention',
      domain: 'com.microsoft',
      attributes: { num_heads: { int: numHeads }, kv_num_heads: { int: numKeyValueHeads }, do_rotary: { int: 1 } },
      omitted: [1, 2], // Keys and values lie beside the queries.
    }),
  },
  LinearCrossEntropy: {
    infer([x, weight, targets, bias]) {
      expectExtent('inner extents to agree', weight.shape[1], x.shape[1]!, [x, weight]);
      if (bias) expectShape('a bias for each symbol', bias, [weight.shape[0]!]);
      expectShape('a target for each row', targets, [x.shape[0]!]);
      return [
        { dtype: x.dtype, shape: [] },
        { dtype: x.dtype, shape: [x.shape[0]!, weight.shape[0]!] },
      ];
    },
    lower: composites.lowerLinearCrossEntropy,
  },

  Scan: {
    infer: recurrence.inferScan,
    onnx(inputs, { body, numStates, numSequences, reverse }) {
      const directions = (count: number) => ({ ints: Array<number>(count).fill(Number(reverse)) });
      return {
        type: 'Scan',
        attributes: {
          num_scan_inputs: { int: numSequences },
          scan_input_directions: directions(numSequences),
          scan_output_directions: directions(body.outputs.length - numStates),
        },
        body: { graph: body, captured: inputs.length - numStates - numSequences },
      };
    },
  },
  Gru: { infer: recurrence.inferGru, lower: recurrence.lowerGru },
  GruGradient: { infer: recurrence.inferGruGradient, lower: recurrence.lowerGruGradient },

  ...quantization,
};

/** ONNX's numbers for element types. */
export const onnxTypes: { readonly [D in DType]: number } = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

type UnaryOrBinary = { [P in OpName]: OpInputs<P> extends [Value] | [Value, Value] ? P : never }[OpName];

/** Rows whose output has the broadcast shape of the inputs and whose name is ONNX's. */
function elementwise<P extends UnaryOrBinary>(type: P): OpRow<P> {
  return {
    infer(inputs) {
      const [a, b = a] = inputs as [Value, Value?];
      return [broadcastTypes(a, b)];
    },
    onnx: () => ({ type }),
  };
}

function broadcastTypes(a: TensorType, b: TensorType): TensorType {
  if (a.dtype !== b.dtype) throw new RangeError(`expected one element type, got ${a.dtype} and ${b.dtype}`);
  return { dtype: a.dtype, shape: broadcast(a.shape, b.shape) };
}

function overLastAxis<P extends 'Softmax' | 'LogSoftmax'>(type: P): OpRow<P> {
  return { infer: ([x]) => [x], onnx: () => ({ type, attributes: { axis: { int: -1 } } }) };
}

function reduction<P extends 'ReduceSum' | 'ReduceMean'>(type: P): OpRow<P> {
  return {
    infer([x], { axes, keepDims }) {
      const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
      return [{ dtype: x.dtype, shape: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)) }];
    },
    onnx: (_, { axes, keepDims }) => ({
      type,
      attributes: { keepdims: { int: Number(keepDims) } },
      constants: [integersOf(axes)],
    }),
  };
}

/** -1 for the one symbolic extent; 0 copies an extent that stays in its place. */
function reshapeTarget(from: Shape, to: Shape): number[] {
  const moved = to.flatMap((extent, axis) => (typeof extent === 'string' && extent !== from[axis] ? [axis] : []));
  if (moved.length > 1) throw new RangeError(`Reshape: two symbols move from ${shapeText(from)} to ${shapeText(to)}`);
  return to.map((extent, axis) => (typeof extent === 'number' ? extent : moved.includes(axis) ? -1 : 0));
}

function permuted({ shape }: TensorType, permutation: readonly number[]): Shape {
  return permutation.map((axis) => shape[axis]!);
}

function withExtent(shape: Shape, axis: number, extent: Shape[number]): Shape {
  return shape.map((old, position) => (position === axis ? extent : old));
}

function onAxis(rank: number, axis: number, value: number): number[] {
  return Array.from({ length: rank }, (_, position) => (position === axis ? value : 0));
}

function integersOf(values: readonly number[]): Tensor {
  return int64(BigInt64Array.from(values, BigInt), [values.length]);
}

function scalarOf(dtype: DType, value: number): Tensor {
  switch (dtype) {
    case 'float32':
      return float32(Float32Array.of(value), []);
    case 'float64':
      return float64(Float64Array.of(value), []);
    case 'int32':
      return { dtype, shape: [], data: Int32Array.of(value) };
    case 'int64':
      return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
    case 'int8':
      return { dtype, shape: [], data: Int8Array.of(value) };
    default:
      return { dtype, shape: [], data: Uint8Array.of(value) };
  }
}
