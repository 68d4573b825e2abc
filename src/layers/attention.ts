// Causal self-attention (Vaswani et al. 2017, arXiv 1706.03762) with grouped queries (Ainslie et al. 2023, arXiv
// 2305.13245) and rotary positions (Su et al. 2021, arXiv 2104.09864). The only layer that mixes information across time.
// Queries that share a key head are more rows of one product, so keys and values are never repeated. The step form differs from the whole form only in that earlier keys and values stand before the new ones.
import { type Extent, isStatic, productOfExtents } from '../graph/extents.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { OpInputs } from '../graph/types.ts';
import { joinedLinear, linear } from './linear.ts';
import type { Positions } from './positions.ts';

export interface AttentionWeights {
  readonly query: Value; // [heads * D, hidden]
  readonly key: Value; // [keyValueHeads * D, hidden]
  readonly value: Value; // [keyValueHeads * D, hidden]
  readonly output: Value; // [hidden, heads * D]
}

export interface KeysAndValues {
  readonly key: Value; // [time, keyValueHeads * D], rotated
  readonly value: Value; // [time, keyValueHeads * D]
}

export interface AttentionShape {
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
}

/** cos and sin of every position's angles, [positions, D/2]. */
export interface RotaryTables {
  readonly cos: Value;
  readonly sin: Value;
}

/** The angle of pair i at position t is t base^(-2i/D). */
export function rotaryTables(graph: Graph, positions: number, headDim: number, base: number): RotaryTables {
  const half = headDim / 2;
  const table = (wave: (angle: number) => number) =>
    graph.constant({
      dtype: 'float32',
      shape: [positions, half],
      data: Float32Array.from({ length: positions * half }, (_, at) =>
        wave(Math.floor(at / half) * base ** (-(at % half) / half)),
      ),
    });
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** x [time * batch, hidden] -> the layer's output, of the same shape, and the new keys and values. */
export function causalAttention(
  graph: Graph,
  x: Value,
  weights: AttentionWeights,
  { numHeads, numKeyValueHeads, headDim }: AttentionShape,
  positions: Positions,
  tables: RotaryTables,
  past?: KeysAndValues,
): { output: Value; present: KeysAndValues } {
  const { batch, time } = positions;
  const n = batch * numKeyValueHeads;
  const query = graph.scope('query', () => {
    const rotated = rotate(graph, linear(graph, x, weights.query), positions, tables); // [time * batch, heads * D]
    return graph.reshape(rotated, [time, n, numHeads / numKeyValueHeads, headDim]); // [time, n, group, D]
  });
  const present = {
    key: graph.scope('key', () => rotate(graph, linear(graph, x, weights.key), positions, tables)),
    value: graph.scope('value', () => linear(graph, x, weights.value)),
  };
  const all = (name: 'key' | 'value') =>
    graph.scope(name, () => {
      const rows = past ? graph.op('Concat', [past[name], present[name]], { axis: 0 }) : present[name];
      return graph.reshape(rows, [past ? rows.shape[0]! : time, n, headDim]); // [total, n, D]
    });
  const mixed = mix(graph, query, { key: all('key'), value: all('value') }, positions); // [time, n, group, D]
  const output = graph.scope('output', () => {
    const rows = graph.reshape(mixed, [productOfExtents([time, batch]), numHeads * headDim]);
    return linear(graph, rows, weights.output);
  });
  return { output, present };
}

/** Caches of one layer, [1, keyValueHeads, capacity, D], and where in them the new rows go. */
export interface Cached {
  readonly key: Value;
  readonly value: Value;
  /** int32 [1] */
  readonly lastPosition: Value;
  /** int32 [] */
  readonly total: Value;
}

/** x [time, hidden] -> the layer's output, of the same shape, and the caches with the new keys and values. */
export function cachedAttention(
  graph: Graph,
  x: Value,
  weights: AttentionWeights,
  { numHeads, numKeyValueHeads, headDim }: AttentionShape,
  { cos, sin }: RotaryTables,
  { key, value, lastPosition, total }: Cached,
): { output: Value; caches: { key: Value; value: Value } } {
  const time = x.shape[0]!;
  const rows = graph.scope('queryKeyValue', () => {
    const product = joinedLinear(graph, x, [weights.query, weights.key, weights.value]);
    return graph.reshape(product, [1, time, product.shape[1]!]);
  });
  const inputs: OpInputs<'GroupQueryAttention'> = [rows, key, value, lastPosition, total, cos, sin];
  const [mixed, keyCache, valueCache] = graph.all('GroupQueryAttention', inputs, { numHeads, numKeyValueHeads });
  const output = graph.scope('output', () =>
    linear(graph, graph.reshape(mixed, [time, numHeads * headDim]), weights.output),
  );
  return { output, caches: { key: keyCache, value: valueCache } };
}

/** query [time, n, group, D], key and value [total, n, D] -> what each query gathered, [time, n, group, D] */
function mix(graph: Graph, query: Value, { key, value }: KeysAndValues, { blocks }: Positions): Value {
  const [, n, group, headDim] = query.shape as [Extent, number, number, number];
  const sizes = blocks.map(({ time }) => time);
  const parts = isStatic(sizes) && sizes.length > 1 ? graph.all('Split', [query], { axis: 0, sizes }) : [query];
  const mixed = blocks.map(({ time, end, mask }, index) => {
    const seen = (x: Value) => (typeof end === 'number' ? firstRows(graph, x, end) : x); // [end, n, D]
    const turned = graph.transpose(parts[index]!, [1, 2, 0, 3]); // [n, group, time, D]
    const rows = graph.reshape(turned, [n, productOfExtents([group, time]), headDim]);
    const inputs: [Value, Value, Value, Value] = [rows, seen(key), seen(value), mask];
    const y = graph.op('Attention', inputs, { scale: 1 / Math.sqrt(headDim) }); // [n, group * time, D]
    return graph.transpose(graph.reshape(y, [n, group, time, headDim]), [2, 0, 1, 3]); // [time, n, group, D]
  });
  return mixed.length === 1 ? mixed[0]! : graph.op('Concat', mixed, { axis: 0 });
}

function firstRows(graph: Graph, x: Value, end: number): Value {
  return x.shape[0] === end ? x : graph.op('Slice', [x], { axis: 0, start: 0, end });
}

/** x [time * batch, heads * D]: to the rotation a sequence of the batch is a further group of heads. */
function rotate(graph: Graph, x: Value, { batch, time, first }: Positions, { cos, sin }: RotaryTables): Value {
  const sequence = graph.reshape(x, [1, time, batch * Number(x.shape[1])]);
  return graph.reshape(graph.op('Rotary', [sequence, first, cos, sin]), x.shape);
}
