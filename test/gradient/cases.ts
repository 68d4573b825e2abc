// For every operator of the table, inputs and attributes to try it with. The type refuses a missing row, so a new operator
// is tested by existing. Values keep away from kinks and poles.
import type { Random } from '../../src/base/random.ts';
import { float32, int32, int64, sizeOf, type Tensor } from '../../src/base/tensor.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { OpAttributes, OpName } from '../../src/graph/types.ts';

/** How one input is drawn; a fixed tensor is not differentiated. */
export type InputCase =
  | { readonly shape: readonly number[]; readonly draw: (random: Random) => number }
  | { readonly fixed: Tensor };

export interface OpCase<P extends OpName> {
  readonly inputs: readonly InputCase[];
  readonly attributes: OpAttributes<P>;
  /** How many outputs, from the first, have gradients; 1 unless said. */
  readonly differentiableOutputs?: number;
}

export const cases: { readonly [P in OpName]: readonly OpCase<P>[] } = {
  Add: broadcasts(),
  Sub: broadcasts(),
  Mul: broadcasts(),
  Div: broadcasts().map(({ inputs: [a, b], attributes }) => ({ inputs: [a!, drawnAs(b!, positive)], attributes })),
  Mod: [{ inputs: [integers([0, 7, 12]), integers([5])], attributes: {} }],
  Sum: [
    { inputs: [normal([2, 3]), normal([2, 3]), normal([2, 3])], attributes: {} },
    { inputs: [normal([4])], attributes: {} },
  ],
  Neg: unary(anywhere),
  Exp: unary(anywhere),
  Log: unary(positive),
  Sqrt: unary(positive),
  Reciprocal: unary(positive),
  Sigmoid: unary(anywhere),
  Tanh: unary(anywhere),
  Relu: unary(awayFromZero),
  Step: unary(awayFromZero),
  Silu: unary(anywhere),
  Clip: [{ inputs: [drawn([20], awayFromHalves)], attributes: { min: -0.5, max: 0.5 } }],

  Gemm: [
    { inputs: [normal([3, 4]), normal([4, 5])], attributes: {} },
    { inputs: [normal([4, 3]), normal([4, 5]), normal([5])], attributes: { transA: true } },
    { inputs: [normal([3, 4]), normal([5, 4]), normal([1, 5])], attributes: { transB: true } },
    { inputs: [normal([4, 3]), normal([5, 4]), normal([3, 1])], attributes: { transA: true, transB: true } },
  ],
  MatMul: [
    { inputs: [normal([3, 4]), normal([4, 5])], attributes: {} },
    { inputs: [normal([2, 2, 3, 4]), normal([2, 2, 4, 5])], attributes: {} },
  ],
  BatchMatMul: [
    { inputs: [normal([2, 3, 4]), normal([2, 4, 5])], attributes: { alpha: 0.7 } },
    { inputs: [normal([2, 4, 3]), normal([2, 4, 5])], attributes: { transA: true } },
    { inputs: [normal([2, 3, 4]), normal([2, 5, 4])], attributes: { transB: true } },
    { inputs: [normal([2, 4, 3]), normal([2, 5, 4])], attributes: { transA: true, transB: true } },
    { inputs: [normal([2, 3, 4]), normal([4, 2, 5])], attributes: { timeMajorB: true } },
    { inputs: [normal([2, 3, 4]), normal([5, 2, 4])], attributes: { transB: true, timeMajorB: true, alpha: 2 } },
    { inputs: [normal([2, 3, 2, 4]), normal([5, 2, 3, 4])], attributes: { transB: true, timeMajorB: true } },
  ],
  Conv: [
    { inputs: [normal([2, 3, 4, 5]), normal([2, 3, 2, 3]), normal([2])], attributes: { pads: [1, 1, 0, 1] } },
    { inputs: [normal([2, 2, 4, 3]), normal([3, 2, 1, 1])], attributes: { pads: [0, 0, 0, 0] } },
    { inputs: [normal([1, 1, 4, 5]), normal([2, 1, 3, 2])], attributes: { pads: [0, 0, 1, 1] } },
    { inputs: [normal([2, 17, 3, 3]), normal([2, 17, 2, 2]), normal([2])], attributes: { pads: [1, 1, 0, 0] } },
    { inputs: [normal([1, 16, 4, 5]), normal([3, 16, 2, 3])], attributes: { pads: [0, 0, 1, 2] } },
    { inputs: [normal([2, 16, 5, 4]), normal([1, 16, 3, 2])], attributes: { pads: [1, 0, 0, 0] } },
  ],
  // Made by graph/blocks.ts alone, and tested with it.
  ToBlocks: [],
  FromBlocks: [],
  BlockedConv: [],
  // Kernels of integers, held against the numbers that they stand for: test/unit/export/quantize.test.ts.
  MatMulNBits: [],
  GatherBlockQuantized: [],
  DynamicQuantizeLinear: [],
  MatMulIntegerToFloat: [],
  ReduceSum: reductions(),
  ReduceMean: reductions(),
  Softmax: [{ inputs: [normal([2, 3, 5])], attributes: {} }],
  LogSoftmax: [{ inputs: [normal([2, 3, 5])], attributes: {} }],

  Reshape: [{ inputs: [normal([2, 6])], attributes: { shape: [3, 4] } }],
  Transpose: [{ inputs: [normal([2, 3, 4])], attributes: { permutation: [2, 0, 1] } }],
  Concat: [{ inputs: [normal([2, 3]), normal([2, 1]), normal([2, 2])], attributes: { axis: 1 } }],
  Split: [
    { inputs: [normal([2, 6])], attributes: { axis: 1, sizes: [1, 3, 2] }, differentiableOutputs: 3 },
    { inputs: [normal([2, 6])], attributes: { axis: 1, sizes: [4, 2] } },
  ],
  Slice: [{ inputs: [normal([2, 6])], attributes: { axis: 1, start: 1, end: 4 } }],
  SliceBetween: [{ inputs: [normal([6, 2]), integers([1]), integers([4])], attributes: { axis: 0, extent: 3 } }],
  Pad: [{ inputs: [normal([2, 3])], attributes: { axis: 1, before: 2, after: 1 } }],
  Expand: [
    { inputs: [normal([2, 1, 3])], attributes: { shape: [2, 4, 3] } },
    { inputs: [normal([3])], attributes: { shape: [4, 3] } },
  ],

  Gather: [
    { inputs: [normal([5, 3]), symbols([4, 0, 4, 2], [2, 2])], attributes: {} },
    { inputs: [normal([5, 2, 3]), integers([1, 1, 3])], attributes: {} },
    { inputs: [normal([400, 2]), symbols([4, 399, 4, 2], [4])], attributes: {} },
  ],
  GatherElements: [{ inputs: [normal([3, 4]), symbols([3, 0, 0], [3, 1])], attributes: { axis: 1 } }],
  ScatterElements: [
    { inputs: [normal([4, 2]), symbols([1, 1, 3, 3, 1, 1], [3, 2]), normal([3, 2])], attributes: { axis: 0 } },
  ],

  Equal: [
    { inputs: [symbols([1, 2, 3], [3, 1]), symbols([1, 3], [2])], attributes: {} },
    { inputs: [integers([1, 2]), integers([1, 1])], attributes: {} },
  ],
  Cast: [{ inputs: [normal([3])], attributes: { to: 'float32' } }],
  ShapeOf: [{ inputs: [normal([3, 4])], attributes: { start: 0, end: 2 } }],
  Fill: [{ inputs: [integers([2, 3])], attributes: { value: 0.5, dtype: 'float32', shape: [2, 3] } }],
  UpperTriangle: [{ inputs: [normal([3, 5]), scalarInteger(2)], attributes: {} }],

  RmsNorm: [
    { inputs: [normal([4, 6]), normal([6])], attributes: { epsilon: 1e-5 } },
    { inputs: [normal([2, 3, 4]), normal([4])], attributes: { epsilon: 0.1 } },
  ],
  Rotary: [
    { inputs: [normal([1, 3, 8]), integers([0]), fixedAngles(Math.cos), fixedAngles(Math.sin)], attributes: {} },
    { inputs: [normal([2, 3, 4]), integers([2]), fixedAngles(Math.cos), fixedAngles(Math.sin)], attributes: {} },
  ],
  Attention: [
    {
      inputs: [normal([2, 6, 4]), normal([5, 2, 4]), normal([5, 2, 3 + 1]), normal([6, 5])],
      attributes: { scale: 0.5 },
    },
  ],
  GroupQueryAttention: [],
  LinearCrossEntropy: [
    { inputs: [normal([5, 3]), normal([7, 3]), symbols([6, 0, 6, 2, 1], [5])], attributes: {} },
    { inputs: [normal([5, 3]), normal([7, 3]), symbols([6, 0, 6, 2, 1], [5]), normal([7])], attributes: {} },
    { inputs: [normal([5, 1]), normal([7, 1]), symbols([6, 0, 6, 2, 1], [5]), normal([7])], attributes: {} },
  ],

  Scan: [
    { inputs: [normal([3]), normal([4, 3]), normal([])], attributes: runningSum(false) },
    { inputs: [normal([3]), normal([4, 3]), normal([])], attributes: runningSum(true) },
  ],
  Gru: [
    { inputs: gruInputs([1, 1, 1, 1, 1, 1, 1, 1]), attributes: {}, differentiableOutputs: 2 },
    { inputs: gruInputs([1, 0, 1, 1, 0, 1, 0, 1]), attributes: {} },
  ],
  GruGradient: [
    {
      inputs: [
        normal([2, 2, 3]),
        normal([2, 3]),
        shares([1, 0, 1, 1], [2, 2, 1]),
        ...Array.from({ length: 3 }, () => normal([3, 3])),
        ...Array.from({ length: 5 }, () => drawn([2, 2, 3], positive)),
      ],
      attributes: {},
    },
  ],
};

/** [time 4, batch 2, hidden 3] */
function gruInputs(keep: readonly number[]): InputCase[] {
  const three = (shape: readonly number[]) => [normal(shape), normal(shape), normal(shape)];
  return [...three([4, 2, 3]), shares(keep, [4, 2, 1]), normal([2, 3]), ...three([3, 3]), normal([3])];
}

/** state' = state * factor + row, which is also what a turn adds, with its double. */
function runningSum(reverse: boolean): OpAttributes<'Scan'> {
  const graph = new Graph();
  const loop = {
    states: [graph.input('s', 'float32', [3])],
    sequences: [graph.input('x', 'float32', [4, 3])],
    reverse,
  };
  graph.loop({ ...loop, shared: [graph.input('f', 'float32', [])] }, (body, [state], [row], [factor]) => {
    const sum = body.op('Add', [body.op('Mul', [state!, factor!]), row!]);
    return { states: [sum], rows: [sum, body.op('Mul', [sum, body.scalar(2)]), row!] };
  });
  return graph.nodes.at(-1)!.attributes as OpAttributes<'Scan'>;
}

function shares(values: readonly number[], shape: readonly number[]): InputCase {
  return { fixed: float32(Float32Array.from(values), shape) };
}

export function anywhere(random: Random): number {
  return random.nextNormal();
}

function positive(random: Random): number {
  return 0.5 + random.nextFloat();
}

function awayFromZero(random: Random): number {
  return (random.nextInteger(2) === 0 ? -1 : 1) * (0.1 + random.nextFloat());
}

function awayFromHalves(random: Random): number {
  return (random.nextInteger(2) === 0 ? -1 : 1) * (0.05 + 0.4 * random.nextFloat() + 0.5 * random.nextInteger(2));
}

function drawn(shape: readonly number[], draw: (random: Random) => number): InputCase {
  return { shape, draw };
}

function normal(shape: readonly number[]): InputCase {
  return { shape, draw: anywhere };
}

function drawnAs(input: InputCase, draw: (random: Random) => number): InputCase {
  return 'shape' in input ? { shape: input.shape, draw } : input;
}

function integers(values: readonly number[]): InputCase {
  return { fixed: int64(BigInt64Array.from(values, BigInt), [values.length]) };
}

function scalarInteger(value: number): InputCase {
  return { fixed: int64(BigInt64Array.of(BigInt(value)), []) };
}

function symbols(values: readonly number[], shape: readonly number[]): InputCase {
  return { fixed: int32(Int32Array.from(values), shape) };
}

/** cos or sin of any angles, for 5 positions and heads of 4 channels. */
function fixedAngles(wave: (angle: number) => number): InputCase {
  const shape = [5, 2];
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => wave(0.3 + 0.7 * i));
  return { fixed: { dtype: 'float32', shape, data } };
}

function unary(draw: (random: Random) => number) {
  return [{ inputs: [drawn([2, 5], draw)], attributes: {} }];
}

function broadcasts() {
  return [
    { inputs: [normal([2, 3]), normal([2, 3])], attributes: {} },
    { inputs: [normal([2, 3]), normal([3])], attributes: {} },
    { inputs: [normal([3, 1]), normal([2, 3, 4])], attributes: {} },
    { inputs: [normal([2, 1, 4]), normal([])], attributes: {} },
  ];
}

function reductions() {
  return [
    { inputs: [normal([2, 3, 4])], attributes: { axes: [0, 2], keepDims: false } },
    { inputs: [normal([2, 3, 4])], attributes: { axes: [1], keepDims: true } },
    { inputs: [normal([3])], attributes: { axes: [0], keepDims: false } },
  ];
}
