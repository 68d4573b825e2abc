// A model folder becomes a text model: its codec, and a session model over its two graphs.
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type ModelDescription, type ReadConfig, readModelFolder } from '../formats/modelFolder.ts';
import type { Runtime } from '../runtime/session.ts';
import { folderSessions } from './folderSessions.ts';
import { type ChosenWeights, chooseWeights, type WeightsWish } from './variants.ts';

export interface TextModel extends Disposable {
  readonly model: AutoregressiveModel;
  readonly codec: TextCodec;
  readonly description: ModelDescription;
  readonly weights: ChosenWeights;
}

export interface LoadOptions {
  readonly runtime: Runtime;
  /** Threads inside one operator. */
  readonly threads: number;
  /** As the runtime's session option of that name. */
  readonly spinMicroseconds?: number;
  /** Compare every file with its hash first. */
  readonly verify: boolean;
  /** From who knows the architectures; the engine does not, and runs what model.json describes. */
  readonly readConfig: ReadConfig;
  /** Which graph to open right away, so that the first question need not wait; the other when it is asked. Default 'step'. */
  readonly open?: 'step' | 'score' | 'none';
  /** Default 'fp32'. */
  readonly variant?: WeightsWish;
  /** What to do when the folder lacks it. Default 'refuse'. */
  readonly missingVariant?: 'refuse' | 'fp32';
}

/** @throws UserError naming the file, the field, the value and the remedy. The caller disposes of the model. */
export async function loadTextModel(dir: string, options: LoadOptions): Promise<TextModel> {
  const { variant = 'fp32', missingVariant } = options;
  return loadWith(dir, options, (description) => {
    const lacks = variant !== 'fastest' && !description.variants?.some(({ name }) => name === variant);
    return chooseWeights(dir, description, lacks && missingVariant === 'fp32' ? 'fp32' : variant);
  });
}

/** Weights that model.json may not list yet, for who measures them first. */
export async function loadUnlisted(
  dir: string,
  options: Omit<LoadOptions, 'variant'>,
  weights: ChosenWeights,
): Promise<TextModel> {
  return loadWith(dir, options, () => weights);
}

async function loadWith(
  dir: string,
  options: LoadOptions,
  choose: (description: ModelDescription) => ChosenWeights,
): Promise<TextModel> {
  const { verify, readConfig, open = 'step' } = options;
  const { description, codec } = await readModelFolder(dir, { verify, readConfig });
  if (codec.kind === 'image') {
    throw new UserError(
      `${dir}: expected a model of text, got one of images; choose another, or sample pictures from it`,
    );
  }
  const weights = choose(description);
  const { model } = folderSessions(dir, description, codec.vocabulary, options, weights);
  if (open !== 'none') await model.open(open);
  return { model, codec, description, weights, dispose: () => model.dispose() };
}
