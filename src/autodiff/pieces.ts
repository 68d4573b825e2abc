// What several gradient rules share: sums that undo broadcasting, and the index forms that scattering needs.
import { type DType, int32, int64, type Tensor } from '../base/tensor.ts';
import { type Shape, sameShape, staticShape } from '../graph/extents.ts';
import type { Graph, Value } from '../graph/graph.ts';

/** Undoes broadcasting: sums x over the axes that `shape` does not have, or has with extent 1. */
export function sumLeadingTo(graph: Graph, x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const offset = x.shape.length - shape.length;
  if (x.shape.length === 2 && (sameShape(shape, [x.shape[1]!]) || sameShape(shape, [1, x.shape[1]!])))
    return graph.reshape(columnSums(graph, x), shape);
  const axes = x.shape.flatMap((extent, axis) =>
    axis < offset || (shape[axis - offset] === 1 && extent !== 1) ? [axis] : [],
  );
  return graph.reshape(graph.op('ReduceSum', [x], { axes, keepDims: true }), shape);
}

/** [rows, columns] -> [1, columns], as a product with ones: twice as fast as ReduceSum over the rows. */
export function columnSums(graph: Graph, x: Value): Value {
  const [rows] = staticShape('columnSums', x.shape);
  return graph.op('Gemm', [graph.fill(1, [1, rows!], x.dtype), x]);
}

/** Undoes a reduction: repeats x along the reduced axes. */
export function expandTo(graph: Graph, x: Value, shape: Shape, { axes }: { readonly axes: readonly number[] }): Value {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return graph.op('Expand', [graph.reshape(x, kept)], { shape: staticShape('expandTo', shape) });
}

/** Indices of any shape as [rows, width], each repeated along its row. */
export function rowIndices(graph: Graph, indices: Value, rows: number, width: number): Value {
  return graph.op('Expand', [graph.reshape(indices, [rows, 1])], { shape: [rows, width] });
}

/**
 * A table of so few rows is quicker summed by a product with ones and zeros than row by row: [4096, 256] into 96 rows takes 1.9
 * against 11.8 ms, into 512 about as long either way.
 */
const FEW_ROWS = 384;

/** x [rows, width] summed by indices [rows] or of as many elements -> [numRows, width] */
export function addRowsAt(graph: Graph, numRows: number, indices: Value, x: Value): Value {
  const [rows, width] = staticShape('addRowsAt', x.shape) as [number, number];
  if (numRows <= FEW_ROWS) {
    return graph.op('Gemm', [oneHot(graph, indices, rows, numRows, x.dtype), x], { transA: true });
  }
  const zeros = graph.fill(0, [numRows, width], x.dtype);
  return graph.op('ScatterElements', [zeros, rowIndices(graph, indices, rows, width), x], { axis: 0 });
}

/** [rows, depth]: 1 in the column that an index names. */
function oneHot(graph: Graph, indices: Value, rows: number, depth: number, dtype: DType): Value {
  const columns = Array.from({ length: depth }, (_, column) => column);
  const numbers: Tensor =
    indices.dtype === 'int64'
      ? int64(BigInt64Array.from(columns, BigInt), [1, depth])
      : int32(Int32Array.from(columns), [1, depth]);
  const isIt = graph.op('Equal', [graph.reshape(indices, [rows, 1]), graph.constant(numbers)]); // [rows, depth]
  return graph.op('Cast', [isIt], { to: dtype });
}

/** [batch..., rows, columns] -> [rows, batch..., columns] */
export function timeMajor(graph: Graph, x: Value): Value {
  const rank = x.shape.length;
  const batchAxes = x.shape.slice(0, -2).map((_, axis) => axis);
  return graph.transpose(x, [rank - 2, ...batchAxes, rank - 1]);
}
