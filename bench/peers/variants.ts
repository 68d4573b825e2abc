// The precisions in which our engine takes a model, and what of a peer's stands beside each.
import type { LoadOptions } from '../../src/engine/loadModel.ts';
import type { GgufType } from './gguf.ts';
import type { OnnxPrecision } from './onnxModel.ts';

export const variantNames = ['fp32', 'int8', 'dynamicInt8', 'int4'] as const;
export type VariantName = (typeof variantNames)[number];

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

/** Those of a model folder that the engine can open today: a folder has no others until it is quantized. */
export function variantsOf(_dir: string): readonly VariantName[] {
  return ['fp32'];
}

/** How `loadTextModel` is asked for one. */
export function variantOptions(variant: string): Partial<LoadOptions> {
  if (variant === 'fp32') return {};
  throw new Error(`ours: expected the variant fp32, got ${variant}; quantize the model first`);
}
