// What shape rules ask of their inputs.
import { productOfExtents, type Shape, sameShape, shapeText } from './extents.ts';
import type { TensorType } from './types.ts';

/** @throws RangeError */
export function expectRank(x: TensorType, rank: number): void {
  if (x.shape.length !== rank) throw new RangeError(`expected rank ${rank}, got ${shapeText(x.shape)}`);
}

/** @throws RangeError */
export function expectShape(what: string, x: { readonly shape: Shape }, shape: Shape): void {
  if (!sameShape(x.shape, shape))
    throw new RangeError(`expected ${what} ${shapeText(shape)}, got ${shapeText(x.shape)}`);
}

/** @throws RangeError */
export function expectExtent(
  what: string,
  extent: Shape[number] | undefined,
  expected: Shape[number] | undefined,
  inputs: readonly TensorType[],
): void {
  if (productOfExtents([extent ?? 0]) !== productOfExtents([expected ?? 0]))
    throw new RangeError(`expected ${what}, got ${inputs.map((input) => shapeText(input.shape)).join(' and ')}`);
}
