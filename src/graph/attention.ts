// The shapes of attention: whole, with its mask, and behind caches that it appends to.
import { expectShape } from './expect.ts';
import type { OpAttributes, OpInputs, TensorType } from './types.ts';

export function inferAttention([query, key, value, mask]: OpInputs<'Attention'>): TensorType[] {
  const [n, rows, headDim] = query.shape;
  const total = key.shape[0]!;
  expectShape('key [total, n, D]', key, [total, n!, headDim!]);
  expectShape('value [total, n, D]', value, [total, n!, headDim!]);
  expectShape('mask [rows, total]', mask, [rows!, total]);
  return [query, { dtype: query.dtype, shape: [n!, rows!, total] }];
}

export function inferGroupQueryAttention(
  [x, keyCache, valueCache, , , cos]: OpInputs<'GroupQueryAttention'>,
  { numHeads, numKeyValueHeads }: OpAttributes<'GroupQueryAttention'>,
): TensorType[] {
  const headDim = Number(x.shape[2]) / (numHeads + 2 * numKeyValueHeads);
  const cache = [1, numKeyValueHeads, keyCache.shape[2]!, headDim];
  expectShape('keyCache [1, keyValueHeads, capacity, D]', keyCache, cache);
  expectShape('valueCache of the shape of keyCache', valueCache, cache);
  expectShape('cos [positions, D/2]', cos, [cos.shape[0]!, headDim / 2]);
  return [{ dtype: x.dtype, shape: [1, x.shape[1]!, numHeads * headDim] }, keyCache, valueCache];
}
