// One rule for each operator: the vector-Jacobian product, which turns the gradient dy of an output into the gradients of
// the inputs. Each quotes the forward pass. The table's type refuses a missing row; a rule gives one function for each
// input, called only where that gradient is needed, or nothing where an input is not differentiable.
import type { Graph, Value } from '../graph/graph.ts';
import type { NodeOf, OpName } from '../graph/types.ts';
import { attention, gru, linearCrossEntropy, rmsNorm, rotary } from './compositeVjps.ts';
import { conv } from './convVjp.ts';
import { addRowsAt, expandTo, sumLeadingTo, timeMajor } from './pieces.ts';

export interface VjpContext<P extends OpName> {
  readonly graph: Graph;
  readonly node: NodeOf<P>;
  /** The gradient of the first output. */
  readonly dy: Value;
  /** The gradients of all outputs; nothing for an output that is not used. */
  readonly dys: readonly (Value | undefined)[];
}

export type Vjp<P extends OpName> = (context: VjpContext<P>) => readonly ((() => Value) | undefined)[];

export const vjps: { readonly [P in OpName]: Vjp<P> | 'notDifferentiable' } = {
  // y = a + b  =>  da = dy, db = dy
  Add: ({ graph, node, dy }) => {
    const [a, b] = node.inputs;
    return [() => sumLeadingTo(graph, dy, a.shape), () => sumLeadingTo(graph, dy, b.shape)];
  },
  // y = a - b  =>  da = dy, db = -dy
  Sub: ({ graph, node, dy }) => {
    const [a, b] = node.inputs;
    return [() => sumLeadingTo(graph, dy, a.shape), () => sumLeadingTo(graph, graph.op('Neg', [dy]), b.shape)];
  },
  // y = a b  =>  da = dy b, db = dy a
  Mul: ({ graph, node, dy }) => {
    const [a, b] = node.inputs;
    return [() => sumLeadingTo(graph, graph.mul(dy, b), a.shape), () => sumLeadingTo(graph, graph.mul(dy, a), b.shape)];
  },
  // y = a / b  =>  da = dy / b, db = -dy y / b
  Div: ({ graph, node, dy }) => {
    const [a, b] = node.inputs;
    const [y] = node.outputs;
    return [
      () => sumLeadingTo(graph, graph.op('Div', [dy, b]), a.shape),
      () => sumLeadingTo(graph, graph.op('Neg', [graph.op('Div', [graph.mul(dy, y), b])]), b.shape),
    ];
  },
  Mod: 'notDifferentiable',
  // y = a + b + ...  =>  da = db = ... = dy
  Sum: ({ node, dy }) => node.inputs.map(() => () => dy),
  // y = -x  =>  dx = -dy
  Neg: ({ graph, dy }) => [() => graph.op('Neg', [dy])],
  // y = exp x  =>  dx = dy y
  Exp: ({ graph, node, dy }) => [() => graph.mul(dy, node.outputs[0])],
  // y = ln x  =>  dx = dy / x
  Log: ({ graph, node, dy }) => [() => graph.op('Div', [dy, node.inputs[0]])],
  // y = sqrt x  =>  dx = dy / (2 y)
  Sqrt: ({ graph, node, dy }) => [() => graph.op('Div', [graph.mul(dy, graph.scalar(0.5)), node.outputs[0]])],
  // y = 1 / x  =>  dx = -dy y^2
  Reciprocal: ({ graph, node, dy }) => {
    const [y] = node.outputs;
    return [() => graph.op('Neg', [graph.mul(dy, graph.mul(y, y))])];
  },
  // y = sigmoid x  =>  dx = dy y (1 - y)
  Sigmoid: ({ graph, node, dy }) => {
    const [y] = node.outputs;
    return [() => graph.mul(dy, graph.mul(y, graph.sub(graph.scalar(1), y)))];
  },
  // y = tanh x  =>  dx = dy (1 - y^2)
  Tanh: ({ graph, node, dy }) => {
    const [y] = node.outputs;
    return [() => graph.mul(dy, graph.sub(graph.scalar(1), graph.mul(y, y)))];
  },
  // y = max(x, 0)  =>  dx = dy [y > 0]
  Relu: ({ graph, node, dy }) => [() => graph.mul(dy, graph.op('Step', [node.outputs[0]]))],
  Step: 'notDifferentiable',
  // y = x s, s = sigmoid x  =>  dx = dy (s + y (1 - s))
  Silu: ({ graph, node, dy }) => {
    const [x] = node.inputs;
    const [y] = node.outputs;
    const s = graph.op('Sigmoid', [x]);
    return [() => graph.mul(dy, graph.add(s, graph.mul(y, graph.sub(graph.scalar(1), s))))];
  },
  // y = min(max(x, least), most)  =>  dx = dy [least < x < most]
  Clip: ({ graph, node, dy }) => {
    const [x] = node.inputs;
    const { min, max } = node.attributes;
    const above = graph.op('Step', [graph.sub(x, graph.scalar(min))]);
    const below = graph.op('Step', [graph.sub(graph.scalar(max), x)]);
    return [() => graph.mul(dy, graph.mul(above, below))];
  },

  // y = a b + c  =>  da = dy bT, db = aT dy, dc = dy
  Gemm: ({ graph, node, dy }) => {
    const [a, b, c] = node.inputs;
    const { transA = false, transB = false } = node.attributes;
    return [
      () =>
        transA
          ? graph.op('Gemm', [b, dy], { transA: transB, transB: true })
          : graph.op('Gemm', [dy, b], { transB: !transB }),
      () =>
        transB
          ? graph.op('Gemm', [dy, a], { transA: true, transB: transA })
          : graph.op('Gemm', [a, dy], { transA: !transA }),
      c && (() => sumLeadingTo(graph, dy, c.shape)),
    ];
  },
  // y = a b  =>  da = dy bT, db = aT dy
  MatMul: ({ graph, node, dy }) => {
    const [a, b] = node.inputs;
    return [
      () => graph.op('BatchMatMul', [dy, b], { transB: true }),
      () => graph.op('BatchMatMul', [a, dy], { transA: true }),
    ];
  },
  // y = alpha a b  =>  da = alpha dy bT, db = alpha aT dy
  BatchMatMul: ({ graph, node, dy }) => {
    const [a, b] = node.inputs;
    const { transA = false, transB = false, timeMajorB = false, alpha = 1 } = node.attributes;
    if (transA && timeMajorB) throw new Error('vjps: BatchMatMul: no rule for transA with timeMajorB; transpose a');
    return [
      () =>
        transA
          ? graph.op('BatchMatMul', [b, dy], { transA: transB, transB: true, alpha })
          : graph.op('BatchMatMul', [dy, b], { transB: !transB, timeMajorB, alpha }),
      () => {
        const db = transB
          ? graph.op('BatchMatMul', [dy, a], { transA: true, transB: transA, alpha })
          : graph.op('BatchMatMul', [a, dy], { transA: !transA, alpha });
        return timeMajorB ? timeMajor(graph, db) : db;
      },
    ];
  },
  Conv: conv,
  ToBlocks: 'notDifferentiable',
  FromBlocks: 'notDifferentiable',
  BlockedConv: 'notDifferentiable',
  // y = sum x  =>  dx = dy everywhere
  ReduceSum: ({ graph, node, dy }) => {
    const [x] = node.inputs;
    return [() => expandTo(graph, dy, x.shape, node.attributes)];
  },
  // y = (sum x) / n  =>  dx = dy / n everywhere
  ReduceMean: ({ graph, node, dy }) => {
    const [x] = node.inputs;
    const { axes } = node.attributes;
    const count = axes.reduce((product, axis) => product * Number(x.shape[axis]), 1);
    return [() => expandTo(graph, graph.mul(dy, graph.scalar(1 / count)), x.shape, node.attributes)];
  },
  // y = softmax x  =>  dx = y (dy - sum(dy y))
  Softmax: ({ graph, node, dy }) => {
    const [y] = node.outputs;
    const inner = graph.op('ReduceSum', [graph.mul(dy, y)], { axes: [y.shape.length - 1], keepDims: true });
    return [() => graph.mul(y, graph.sub(dy, inner))];
  },
  // y = x - ln sum exp x  =>  dx = dy - exp(y) sum(dy)
  LogSoftmax: ({ graph, node, dy }) => {
    const [y] = node.outputs;
    const total = graph.op('ReduceSum', [dy], { axes: [y.shape.length - 1], keepDims: true });
    return [() => graph.sub(dy, graph.mul(graph.op('Exp', [y]), total))];
  },

  // Movement: the gradient moves back.
  Reshape: ({ graph, node, dy }) => [() => graph.reshape(dy, node.inputs[0].shape)],
  Transpose: ({ graph, node, dy }) => {
    const { permutation } = node.attributes;
    return [
      () =>
        graph.transpose(
          dy,
          permutation.map((_, axis) => permutation.indexOf(axis)),
        ),
    ];
  },
  // y = [a; b; ...]  =>  [da; db; ...] = dy
  Concat: ({ graph, node, dy }) => {
    const { axis } = node.attributes;
    const sizes = node.inputs.map((input) => Number(input.shape[axis]));
    const parts = graph.all('Split', [dy], { axis, sizes });
    return parts.map((part) => () => part);
  },
  // [a; b; ...] = x  =>  dx = [da; db; ...]
  Split: ({ graph, node, dys }) => [
    () => {
      const parts = node.outputs.map((output, index) => dys[index] ?? graph.fill(0, output.shape as number[]));
      return graph.op('Concat', parts, { axis: node.attributes.axis });
    },
  ],
  // y = x[start, end)  =>  dx = dy among zeros
  Slice: ({ graph, node, dy }) => {
    const { axis, start, end } = node.attributes;
    return [() => graph.op('Pad', [dy], { axis, before: start, after: Number(node.inputs[0].shape[axis]) - end })];
  },
  SliceBetween: 'notDifferentiable',
  // y = x among zeros  =>  dx = dy[before, before + n)
  Pad: ({ graph, node, dy }) => {
    const { axis, before } = node.attributes;
    return [() => graph.op('Slice', [dy], { axis, start: before, end: before + Number(node.inputs[0].shape[axis]) })];
  },
  // y = x repeated  =>  dx = sum of dy
  Expand: ({ graph, node, dy }) => [() => sumLeadingTo(graph, dy, node.inputs[0].shape)],

  // y = table[indices]  =>  dtable = rows of dy added at indices
  Gather: ({ graph, node, dy }) => {
    const [table, indices] = node.inputs;
    return [
      () => {
        const width = table.shape.slice(1).reduce<number>((product, extent) => product * Number(extent), 1);
        const rows = indices.shape.reduce<number>((product, extent) => product * Number(extent), 1);
        const sum = addRowsAt(graph, Number(table.shape[0]), indices, graph.reshape(dy, [rows, width]));
        return graph.reshape(sum, table.shape);
      },
    ];
  },
  // y = x[indices]  =>  dx = dy added at indices
  GatherElements: ({ graph, node, dy }) => {
    const [x, indices] = node.inputs;
    return [
      () => graph.op('ScatterElements', [graph.fill(0, x.shape as number[], x.dtype), indices, dy], node.attributes),
    ];
  },
  // y = base, with updates added at indices  =>  dbase = dy, dupdates = dy[indices]
  ScatterElements: ({ graph, node, dy }) => {
    const [, indices] = node.inputs;
    return [() => dy, undefined, () => graph.op('GatherElements', [dy, indices], node.attributes)];
  },

  Equal: 'notDifferentiable',
  Cast: ({ graph, node, dy }) => [() => graph.op('Cast', [dy], { to: node.inputs[0].dtype })],
  ShapeOf: 'notDifferentiable',
  Fill: 'notDifferentiable',
  // y = x above the diagonal  =>  dx = dy above the diagonal
  UpperTriangle: ({ graph, node, dy }) => [() => graph.op('UpperTriangle', [dy, node.inputs[1]])],

  RmsNorm: rmsNorm,
  Rotary: rotary,
  Attention: attention,
  GroupQueryAttention: 'notDifferentiable',
  LinearCrossEntropy: linearCrossEntropy,
  Scan: 'notDifferentiable',
  Gru: gru,
  GruGradient: 'notDifferentiable',
  // What is quantized has learned already.
  MatMulNBits: 'notDifferentiable',
  GatherBlockQuantized: 'notDifferentiable',
  DynamicQuantizeLinear: 'notDifferentiable',
  MatMulIntegerToFloat: 'notDifferentiable',
};
