// The precisions in which our engine takes a model, and what of a peer's stands beside each.
import type { Weights } from '../../src/engine/variants.ts';
import type { GgufType } from '../../src/formats/gguf.ts';
import type { OnnxPrecision } from './onnxModel.ts';

export type VariantName = Weights;
export const variantNames: readonly VariantName[] = ['fp32', 'int8', 'dynamicInt8', 'int4'];

interface Counterparts {
  readonly llama: GgufType;
  readonly transformers: OnnxPrecision;
  /** What is read for each weight, scales included. */
  readonly bytesPerWeight: number;
}

export const counterparts: Readonly<Record<VariantName, Counterparts>> = {
  fp32: { llama: 'F32', transformers: 'fp32', bytesPerWeight: 4 },
  int8: { llama: 'Q8_0', transformers: 'q8', bytesPerWeight: 1 + 4 / 32 },
  dynamicInt8: { llama: 'Q8_0', transformers: 'q8', bytesPerWeight: 1 },
  int4: { llama: 'Q4_0', transformers: 'q4', bytesPerWeight: 0.5 + 4 / 32 },
};
