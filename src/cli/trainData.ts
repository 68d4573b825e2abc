// What `chainrule train` learns from: texts, images of folders, or images of an IDX file.
import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import { DuplicateFilter } from '../files/duplicates.ts';
import { collectImages, shaped } from '../files/images/collectImages.ts';
import { idxImages, isIdxName } from '../files/images/idx.ts';
import { SimilarImages } from '../files/images/similarImages.ts';
import { ShapeTally, type SuggestedShape } from '../files/images/suggestShape.ts';
import type { LeftOutCounts } from '../files/leftOut.ts';
import { plainRoots } from '../files/roots.ts';
import { gatherImages, type NamedImage, storeImages } from '../train/gatherImages.ts';
import { type Prepared, prepareImages, prepareText } from '../train/prepare.ts';
import type { Preset } from '../train/presets.ts';
import { readTexts } from '../train/readTexts.ts';
import type { CommandContext } from './command.ts';
import { countOption, type OptionValues } from './numbers.ts';
import { codecOf, type ImageWishes, imageWishesOf } from './trainOptions.ts';

export interface DataRequest {
  readonly architecture: string;
  readonly dir: string;
  readonly data: readonly string[];
  readonly validation: readonly string[] | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly preset: Preset;
  readonly resume: boolean;
}

export async function prepareTextData(
  { data, validation, preset, ...request }: DataRequest,
  values: OptionValues,
  context: CommandContext,
): Promise<Prepared> {
  const reading = { respectIgnore: values['no-ignore'] !== true, signal: context.signal };
  // What was trained on is not validated with, though it lies in both places.
  const once = {
    ...reading,
    duplicates: new DuplicateFilter(),
    onLeftOut: context.log,
    onReport: (leftOut: LeftOutCounts) => context.log(listed(leftOut)),
  };
  const tokenizer = values['tokenizer'];
  const prepared = await prepareText(
    {
      ...request,
      codec: codecOf(values, preset),
      tokenizer: typeof tokenizer === 'string' ? tokenizer : undefined,
      vocabularySize: countOption(values, 'vocabulary', { least: 264, most: 1 << 20 }) ?? preset.vocabularySize,
      time: countOption(values, 'time', { least: 2, most: 65536 }) ?? preset.time,
      texts: (purpose) => readTexts(plainRoots(data), purpose === 'codec' ? reading : once),
      validationTexts: validation && (() => readTexts(plainRoots(validation), once)),
      maxSymbols: countOption(values, 'max-symbols', { least: 1, most: 2 ** 32 }),
    },
    context.log,
  );
  const { training, validation: heldOut, numBytes } = prepared.corpora;
  const held = heldOut ? `${heldOut.documents.length} documents held out` : 'nothing held out';
  const megabytes = (numBytes / 1e6).toFixed(1);
  context.log(
    `${training.documents.length} documents, ${megabytes} MB, ${training.numSymbols} symbols to learn from; ${held}`,
  );
  return prepared;
}

export async function prepareImageData(
  { data, validation, ...request }: DataRequest,
  values: OptionValues,
  context: CommandContext,
): Promise<Prepared> {
  const wishes = imageWishesOf(values);
  const quietly = { signal: context.signal, log: () => undefined };
  const shape = await shapeOf(readPictures(data, new SimilarImages(), values, quietly), wishes);
  // What was trained on is not validated with, though it lies in both places.
  const similar = new SimilarImages();
  const images = inShape(readPictures(data, similar, values, context), shape);
  const split = validation
    ? {
        training: await storeImages(images),
        heldOut: await storeImages(inShape(readPictures(validation, similar, values, context), shape)),
      }
    : await gatherImages(images);
  const { binarization } = wishes;
  const levels = wishes.levels ?? shape.levels;
  context.log(
    `${split.training.length} images of ${shape.width} x ${shape.height} to learn from; ` +
      `${split.heldOut?.length ?? 0} held out; ${levels} levels, binarization ${binarization}`,
  );
  return prepareImages({ ...request, levels, rule: shape.rule, binarization, images: split });
}

async function* readPictures(
  paths: readonly string[],
  similar: SimilarImages,
  values: OptionValues,
  { signal, log }: Pick<CommandContext, 'signal' | 'log'>,
): AsyncGenerator<NamedImage> {
  for (const file of paths.filter(isIdxName)) {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(file);
    } catch (error) {
      throw new UserError(`${file}: cannot be read: ${messageOf(error)}; check the path`);
    }
    let number = 0;
    for (const pixels of idxImages(file, bytes)) yield { id: String(number++), pixels };
  }
  const others = paths.filter((file) => !isIdxName(file));
  if (others.length === 0) return;
  const options = { similar, signal, respectIgnore: values['no-ignore'] !== true };
  const { numFiles, stoppedBy } = yield* collectImages(plainRoots(others), options);
  if (stoppedBy !== null) log(`only the first ${numFiles} images are read; give some of the folders to choose others`);
}

/** What was wished for, and for the rest what suits most of the images. */
async function shapeOf(images: AsyncIterable<NamedImage>, wishes: ImageWishes): Promise<SuggestedShape> {
  const tally = new ShapeTally();
  for await (const { pixels } of images) tally.add(pixels);
  const suggested = tally.suggest();
  if (suggested === null) {
    throw new UserError('the data holds no image; give a folder with PNG, JPEG, WebP, GIF or BMP files in it');
  }
  const { binarization: _, ...given } = wishes;
  return { ...suggested, ...given };
}

async function* inShape(images: AsyncIterable<NamedImage>, shape: SuggestedShape): AsyncGenerator<NamedImage> {
  for await (const { id, pixels } of images) yield { id, pixels: fits(pixels, shape) ? pixels : shaped(pixels, shape) };
}

function fits({ width, height, channels }: Pixels, shape: SuggestedShape): boolean {
  return width === shape.width && height === shape.height && channels === shape.channels;
}

function listed(leftOut: LeftOutCounts): string {
  const parts = Object.entries(leftOut).map(([reason, number]) => `${number} ${reason}`);
  return parts.length > 0 ? `passed over: ${parts.join(', ')}` : 'every file was read';
}
