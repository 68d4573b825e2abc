// What a run needs besides numbers: architecture and configuration, the codec, and the data behind the seam. Text and images come to the
// same; the terminal and the editor begin here.
import { mkdir } from 'node:fs/promises';
import { UserError } from '../base/errors.ts';
import type { ResizeRule } from '../base/pixels.ts';
import { type ImageCodec, imageCodec } from '../codecs/image.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type AnyArchitecture, architectureNamed } from '../models/registry.ts';
import { type Corpora, gatherCorpora, type SourceText } from './gatherCorpus.ts';
import type { GatheredImages } from './gatherImages.ts';
import { type Binarization, imageData } from './imageRows.ts';
import { type CodecKind, prepareCodec } from './prepareCodec.ts';
import { recipe } from './recipe.ts';
import { defaultMix } from './rowSampler.ts';
import { streamData, windowData } from './textData.ts';
import type { TrainingData } from './trainingData.ts';

export interface Prepared {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  readonly codec: TextCodec | ImageCodec;
  readonly data: TrainingData;
  /** Symbols of a row. */
  readonly time: number;
}

export interface TextRequest {
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The folder of the model: the codec's file is kept there. */
  readonly dir: string;
  readonly codec: CodecKind;
  readonly tokenizer?: string | undefined;
  readonly vocabularySize: number;
  /** Undefined: the most that suits the architecture. */
  readonly time?: number | undefined;
  readonly resume: boolean;
  /** Read once to make the codec, where it is not there yet, and once to be encoded. */
  readonly texts: (purpose: 'codec' | 'corpus') => AsyncIterable<SourceText>;
  readonly validationTexts?: (() => AsyncIterable<SourceText>) | undefined;
  readonly maxSymbols?: number | undefined;
}

export async function prepareText(
  request: TextRequest,
  log: (line: string) => void,
): Promise<Prepared & { readonly codec: TextCodec; readonly corpora: Corpora }> {
  const { dir, tokenizer, vocabularySize, resume, texts, validationTexts, maxSymbols } = request;
  const kind = request.codec;
  const codec = await prepareCodec({ dir, kind, tokenizer, vocabularySize, resume, texts: () => texts('codec') }, log);
  const { architecture, config, time } = recipe(request.architecture, request.config, codec, request.time);
  const corpora = await gatherCorpora({
    codec,
    texts: texts('corpus'),
    ...(validationTexts && { validationTexts: validationTexts() }),
    ...(maxSymbols !== undefined && { maxSymbols }),
  });
  const data =
    architecture.rows === 'stream'
      ? streamData(corpora, codec, defaultMix.header)
      : windowData(corpora, codec, defaultMix);
  return { architecture, config, codec, data, time, corpora };
}

export interface ImageRequest {
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly dir: string;
  readonly levels: number;
  readonly rule: ResizeRule;
  readonly binarization: Binarization;
  readonly images: GatheredImages;
}

export async function prepareImages(request: ImageRequest): Promise<Prepared & { readonly codec: ImageCodec }> {
  const { dir, levels, rule, binarization, images } = request;
  await mkdir(dir, { recursive: true });
  const codec = imageCodec({ ...images.training.shape, levels, rule });
  const { architecture, config, time } = imageRecipe(request.architecture, request.config, codec);
  return { architecture, config, codec, data: imageData({ codec, ...images, binarization }), time };
}

/** @throws UserError when the architecture does not take images or a field does not fit. */
export function imageRecipe(name: string, wishes: Readonly<Record<string, unknown>>, codec: ImageCodec) {
  const architecture = architectureNamed(name);
  if (architecture.consumes !== 'image') {
    throw new UserError(`${name} learns from ${architecture.consumes}, not from images; choose another architecture`);
  }
  const { width, height, channels, levels, vocabulary } = codec;
  const wished = { ...architecture.defaultConfig, ...wishes, width, height, channels, levels };
  const config = architecture.withVocabulary(architecture.parseConfig(wished), vocabulary);
  return { architecture, config, time: architecture.contextLength(config) };
}
