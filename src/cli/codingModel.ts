// The model that compress and decompress ask, with what it computes by: all that the header of a compressed file records. One thread, unless
// told otherwise: a file is then not bound to a number of cores.
import { UserError } from '../base/errors.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import type { CodingSettings } from '../likelihood/compressedHeader.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type { OptionValues } from './numbers.ts';
import { threadsOf, variantOf } from './openModel.ts';

export async function withCodingModel<T>(
  dir: string,
  runtime: Runtime,
  values: OptionValues,
  body: (model: TextModel, settings: CodingSettings) => Promise<T>,
): Promise<T> {
  const threads = threadsOf({ threads: '1', ...values });
  const variant = variantOf(values);
  if (variant === 'fastest') throw new UserError('--variant: expected the name of its weights, got fastest');
  const options = { runtime, threads, variant, verify: true, readConfig, open: 'step' } as const;
  const model = await loadTextModel(dir, options);
  try {
    return await body(model, {
      runtime: runtimeKind(runtime),
      version: runtime.version,
      weights: variant,
      threads,
      processor: process.arch,
    });
  } finally {
    model.dispose();
  }
}

/** Which of the two ways to ONNX Runtime; only one of them writes in place. */
export function runtimeKind(runtime: Runtime): CodingSettings['runtime'] {
  return runtime.inPlace ? 'native' : 'plain';
}
