// Gradient rules of the composites, which are nodes of their own so that these rules can be better than the sum of the
// parts' rules.

import type { Value } from '../graph/types.ts';
import { columnSums, rowIndices, sumLeadingTo, timeMajor } from './pieces.ts';
import type { Vjp } from './vjps.ts';

// y = w x r, r = 1 / rms(x)  =>  dx = r (g - n mean(g n)), dw = sum(dy n), with n = x r, g = dy w
export const rmsNorm: Vjp<'RmsNorm'> = ({ graph, node, dy }) => {
  const [x, weight] = node.inputs;
  const [, inverse] = node.outputs;
  const normal = graph.mul(x, inverse); // [..., hidden]
  return [
    () => {
      const g = graph.mul(dy, weight);
      const mean = graph.op('ReduceMean', [graph.mul(g, normal)], { axes: [x.shape.length - 1], keepDims: true });
      return graph.mul(graph.sub(g, graph.mul(normal, mean)), inverse);
    },
    () => sumLeadingTo(graph, graph.mul(dy, normal), weight.shape),
  ];
};

// y = R(angle) x  =>  dx = R(-angle) dy
export const rotary: Vjp<'Rotary'> = ({ graph, node, dy }) => {
  const [, offset, cos, sin] = node.inputs;
  return [() => graph.op('Rotary', [dy, offset, cos, graph.op('Neg', [sin])])];
};

// s = scale q kT + mask, p = softmax s, y = p v
//   =>  dp = dy vT,  ds = p (dp - sum(dp p)),  dq = scale ds k,  dk = scale dsT q,  dv = pT dy
// where sum(dp p) = sum(dy y), which needs rows of D elements and not of `total` (Dao et al. 2022, arXiv 2205.14135).
export const attention: Vjp<'Attention'> = ({ graph, node, dy }) => {
  const [query, key, value, mask] = node.inputs;
  const [y, probs] = node.outputs;
  const { scale } = node.attributes;
  const inner = graph.op('ReduceSum', [graph.mul(dy, y)], { axes: [2], keepDims: true }); // [n, rows, 1]
  const dp = graph.op('BatchMatMul', [dy, value], { transB: true, timeMajorB: true }); // [n, rows, total]
  const ds = graph.mul(probs, graph.sub(dp, inner)); // [n, rows, total]
  return [
    () => graph.op('BatchMatMul', [ds, key], { timeMajorB: true, alpha: scale }), // [n, rows, D]
    () => timeMajor(graph, graph.op('BatchMatMul', [ds, query], { transA: true, alpha: scale })), // [total, n, D]
    () => timeMajor(graph, graph.op('BatchMatMul', [probs, dy], { transA: true })), // [total, n, D]
    () => sumLeadingTo(graph, ds, mask.shape),
  ];
};

/** Of the hidden width: up to here the rows of p are moved in less time than the rows of x. */
const SMALL_VOCABULARY = 4;

// loss = mean of -ln p[target], p = softmax(x wT + bias)
//   =>  dx = s (p w - w[targets]),  dw = s (pT x - rows of x added at targets),  s = dloss / rows
// No tensor of the logits' gradient dl = s (p - 1 at targets) is made, which would be as large as p; where the vocabulary is
// small, that is the cheaper way all the same:  dx = dl w,  dw = dlT x,  dbias = sum(dl)
export const linearCrossEntropy: Vjp<'LinearCrossEntropy'> = ({ graph, node, dy }) => {
  const [x, weight, targets, bias] = node.inputs;
  const [, probs] = node.outputs;
  const [rows, hidden] = x.shape as [number, number];
  const vocab = Number(weight.shape[0]);
  const s = graph.mul(dy, graph.scalar(1 / rows));
  if (vocab <= SMALL_VOCABULARY * hidden) {
    const hits = graph.reshape(targets, [rows, 1]);
    const difference = graph.op('ScatterElements', [probs, hits, graph.fill(-1, [rows, 1], x.dtype)], { axis: 1 });
    return [
      () => graph.op('Gemm', [difference, graph.mul(weight, s)]),
      () => graph.mul(graph.op('Gemm', [difference, x], { transA: true }), s),
      undefined,
      bias && (() => graph.mul(graph.reshape(columnSums(graph, difference), [vocab]), s)),
    ];
  }
  return [
    () => graph.mul(graph.sub(graph.op('Gemm', [probs, weight]), graph.op('Gather', [weight, targets])), s),
    () => {
      const scaled = graph.mul(x, s);
      // (xT p)T and not pT x, which reads the large p by columns: 60 against 84 ms for [2048, 8192].
      const dense = graph.transpose(graph.op('Gemm', [scaled, probs], { transA: true }), [1, 0]); // [vocab, hidden]
      const at = rowIndices(graph, targets, rows, hidden); // [rows, hidden]
      return graph.op('ScatterElements', [dense, at, graph.op('Neg', [scaled])], { axis: 0 });
    },
    undefined,
    bias &&
      (() => {
        const expected = graph.mul(graph.reshape(columnSums(graph, probs), [vocab]), s);
        const hit = graph.op('Expand', [graph.op('Neg', [s])], { shape: [rows] });
        return graph.op('ScatterElements', [expected, targets, hit], { axis: 0 });
      }),
  ];
};

// A loop that goes back makes the gradients of what each turn added up; what all turns share is one product over all symbols.
//   a = U (k h) + ...  =>  dU = daT (k h),  dbias = sum(dproduct)
export const gru: Vjp<'Gru'> = ({ graph, node, dy, dys }) => {
  const [, , , keep, hidden, ur, uz, un] = node.inputs;
  const [y, , kept, ...saved] = node.outputs;
  const [time, batch, size] = y.shape as [number, number, number];
  const dlast = dys[1] ?? graph.fill(0, hidden.shape as number[]);
  const all = graph.all('GruGradient', [dy, dlast, keep, ur, uz, un, ...saved]);
  const [dr, dz, dn, dproduct, dhidden] = all;
  const rows = (value: Value) => graph.reshape(value, [time * batch, size]);
  const weight = (da: Value) => () => graph.op('Gemm', [rows(da), rows(kept)], { transA: true }); // [H, H]
  return [
    ...[dr, dz, dn].map((gate) => () => gate),
    undefined,
    () => dhidden,
    ...[dr, dz, dproduct].map(weight),
    () => graph.reshape(columnSums(graph, rows(dproduct)), [size]),
  ];
};
