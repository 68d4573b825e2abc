// Which of a folder's weights serve: as they were trained, or a variant with fewer bits. Reading a context in and stepping symbol by symbol
// may take different ones over the same state.
import { UserError } from '../base/errors.ts';
import { type ModelDescription, type VariantName, variantNames } from '../formats/modelDescription.ts';

export type Weights = 'fp32' | VariantName;
export type WeightsWish = Weights | 'fastest';

export const weightsWishes: readonly WeightsWish[] = ['fp32', ...variantNames, 'fastest'];

export interface ChosenWeights {
  /** Symbol by symbol, and for scores. */
  readonly decode: Weights;
  /** Many symbols at once. */
  readonly prefill: Weights;
}

/**
 * How many more bits, as a share of the model's own, a variant may need to be taken for its speed. Files held out differ by a hundred
 * times as much, so nobody can tell from suggestions.
 */
export const largestLoss = 0.005;

/**
 * The fastest first, measured on one thread beside float32, the default model and one ten times as large: int4 steps 1.9 and 3.2 times as
 * fast, int8 1.7 and 2.6 times; 256 symbols at once are 1.1 and 2.3 times as fast in dynamicInt8, and 0.7 times in both others, so that
 * without it they are read in as they were trained. A trial at loading would have to open every variant to find the same order.
 */
const decodeOrder: readonly VariantName[] = ['int4', 'int8', 'dynamicInt8'];
const prefillOrder: readonly VariantName[] = ['dynamicInt8'];

/** @throws UserError when the folder has no such variant. */
export function chooseWeights(dir: string, description: ModelDescription, wish: WeightsWish): ChosenWeights {
  const { variants = [], bitsPerByte } = description;
  if (wish === 'fastest') {
    const limit = (bitsPerByte ?? 0) * largestLoss;
    const good = variants.filter(({ lossBitsPerByte }) => lossBitsPerByte !== null && lossBitsPerByte <= limit);
    const first = (order: readonly VariantName[]) => order.find((name) => good.some((one) => one.name === name));
    const decode = first(decodeOrder) ?? 'fp32';
    return { decode, prefill: first(prefillOrder) ?? 'fp32' };
  }
  if (wish !== 'fp32' && !variants.some(({ name }) => name === wish)) {
    const names = ['fp32', ...variants.map(({ name }) => name)].join(', ');
    throw new UserError(
      `${dir}: expected weights that it has, ${names}, got ${wish}; make them with chainrule quantize`,
    );
  }
  return { decode: wish, prefill: wish };
}

/** How far two ways to the same number may lie apart with these weights, in nats. */
export function toleranceNats({ variants = [] }: ModelDescription, { decode, prefill }: ChosenWeights): number {
  const of = (weights: Weights) => variants.find(({ name }) => name === weights)?.toleranceNats ?? fp32ToleranceNats;
  return Math.max(of(decode), of(prefill));
}

/** Kernels round differently for one row and for many. */
export const fp32ToleranceNats = 1e-4;
