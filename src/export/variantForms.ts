// What the variants of a model are: which form each of its weights has.
import { UserError } from '../base/errors.ts';
import type { VariantName } from '../formats/modelFolder.ts';
import type { Graph } from '../graph/graph.ts';
import { type QuantizableWeight, quantizableWeights, type WeightForm, type WeightForms } from './quantizeGraph.ts';

/**
 * A table that is looked up keeps 8 bits everywhere: with 4 the default model needed 30 % more bits, and its steps were no faster. It stays
 * in blocks, which the look-up needs; where a context is read in, its product is of a single row.
 */
const forms: Readonly<Record<VariantName, { readonly product: WeightForm; readonly table: WeightForm }>> = {
  int8: { product: 'blocks8', table: 'evenBlocks8' },
  int4: { product: 'blocks4', table: 'evenBlocks8' },
  dynamicInt8: { product: 'rows8', table: 'evenBlocks8' },
};

export const variantTitles: Readonly<Record<VariantName, string>> = {
  int8: '8 bits in blocks of 32',
  int4: '4 bits in blocks of 32, the embedding table 8',
  dynamicInt8: '8 bits in rows, and so is what they are multiplied with; the embedding table in blocks of 32',
};

export function variantForms(name: VariantName, weights: readonly QuantizableWeight[]): WeightForms {
  const { product, table } = forms[name];
  return new Map(weights.map((weight) => [weight.name, weight.lookedUp ? table : product]));
}

/** What all of the graphs read in a way that has a form of few bits. @throws UserError where that is less than half of a model. */
export function weightsOf(graphs: readonly Graph[], numParameters: number): QuantizableWeight[] {
  const weights = quantizableWeights(graphs);
  const covered = weights.reduce((sum, { shape: [rows, columns] }) => sum + rows! * columns!, 0);
  if (2 * covered >= numParameters) return weights;
  throw new UserError(
    `expected a model of which at least half of the parameters are matrices with rows of whole blocks of 32, got ${covered} of ` +
      `${numParameters}; train one whose widths are multiples of 32`,
  );
}
