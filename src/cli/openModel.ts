// What every command that asks a model needs: its options, and the model for as long as the body runs.
import os from 'node:os';
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import { type ImageModel, loadImageModel } from '../engine/loadImageModel.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { type WeightsWish, weightsWishes } from '../engine/variants.ts';
import { readModelFolder } from '../formats/modelFolder.ts';
import { readConfig } from '../models/registry.ts';
import type { CommandContext } from './command.ts';
import { countOption, type OptionValues } from './numbers.ts';
import { openRuntime, runtimeOption } from './openRuntime.ts';

export const variantOption = { variant: { type: 'string' } } as const;

export const modelOptions = {
  model: { type: 'string' },
  threads: { type: 'string' },
  ...variantOption,
  ...runtimeOption,
} as const;

export const modelUsage = `  --model DIR   a model folder
  --threads N   default all cores
  --variant V   its weights: fp32 (default), int8, int4, dynamicInt8, or fastest: what loses next to nothing
  --runtime R   native, plain or auto (default: native where a test of it passes)`;

/** `open`: the graph the command asks. */
export async function withModel<T>(
  values: OptionValues,
  context: CommandContext,
  open: 'step' | 'score',
  body: (model: TextModel) => Promise<T>,
): Promise<T> {
  const runtime = await openRuntime(values, context);
  const options = { runtime, threads: threadsOf(values), verify: false, readConfig, open, variant: variantOf(values) };
  return using(await loadTextModel(modelDir(values), options), body);
}

/** Of text or of images, as the folder says. */
export async function withAnyModel<T>(
  values: OptionValues,
  context: CommandContext,
  open: 'step' | 'score',
  bodies: {
    readonly text: (model: TextModel) => Promise<T>;
    readonly image: (model: ImageModel) => Promise<T>;
  },
): Promise<T> {
  // Before any file is read: openNativeRuntime says why.
  const runtime = await openRuntime(values, context);
  if (!(await isImageModel(modelDir(values)))) return withModel(values, context, open, bodies.text);
  const options = {
    runtime,
    threads: threadsOf(values),
    verify: false,
    readConfig,
  };
  return using(await loadImageModel(modelDir(values), options), bodies.image);
}

export async function isImageModel(dir: string): Promise<boolean> {
  return (await readModelFolder(dir, { verify: false })).codec.kind === 'image';
}

/** @throws UserError when there are no such weights. */
export function variantOf({ variant = 'fp32' }: OptionValues): WeightsWish {
  const wish = weightsWishes.find((one) => one === variant);
  if (wish !== undefined) return wish;
  throw new UserError(`--variant: expected one of ${weightsWishes.join(', ')}, got ${String(variant)}`);
}

export function threadsOf(values: OptionValues): number {
  return countOption(values, 'threads', { least: 1, most: 64 }) ?? os.availableParallelism();
}

function modelDir(values: OptionValues): string {
  const dir = values['model'];
  if (typeof dir === 'string') return dir;
  throw new UserError('expected --model DIR, a model folder');
}

async function using<M extends Disposable, T>(model: M, body: (model: M) => Promise<T>): Promise<T> {
  try {
    return await body(model);
  } finally {
    model.dispose();
  }
}
