// What every command that asks a model needs: its options, and the model for as long as the body runs.
import os from 'node:os';
import { UserError } from '../base/errors.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { readConfig } from '../models/registry.ts';
import { openRuntime } from '../runtime/ortNode.ts';
import { countOption, type OptionValues } from './numbers.ts';

export const modelOptions = { model: { type: 'string' }, threads: { type: 'string' } } as const;

export const modelUsage = `  --model DIR   a model folder
  --threads N   default all cores`;

/** `open`: the graph the command asks. */
export async function withModel<T>(
  values: OptionValues,
  open: 'step' | 'score',
  body: (model: TextModel) => Promise<T>,
): Promise<T> {
  const dir = values['model'];
  if (typeof dir !== 'string') throw new UserError('expected --model DIR, a model folder');
  const runtime = await openRuntime();
  const model = await loadTextModel(dir, { runtime, threads: threadsOf(values), verify: false, readConfig, open });
  try {
    return await body(model);
  } finally {
    model.dispose();
  }
}

export function threadsOf(values: OptionValues): number {
  return countOption(values, 'threads', { least: 1, most: 64 }) ?? os.availableParallelism();
}
