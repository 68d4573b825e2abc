// What draws behind the sampler role: model folders of text by the long-text rule, of images with their sampler.

import { UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import { Random } from '../base/random.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import { drawText } from '../engine/drawText.ts';
import { loadImageModel } from '../engine/loadImageModel.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { nodeFileSystem } from '../files/fileSystem.ts';
import { shaped } from '../files/images/collectImages.ts';
import { decodeImage, defaultImageLimits } from '../files/images/decodeImage.ts';
import { encodePng } from '../files/images/encodePng.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type { DrawingModel, LoadDrawing, TextWish } from './samplerRole.ts';

/** Bridges the moment between two steps, as for completions. */
const spinMicroseconds = 200;

export function drawingLoader(openRuntime: () => Promise<Runtime>): LoadDrawing {
  return async (kind, { modelPath, threads }) => {
    const options = { runtime: await openRuntime(), threads, spinMicroseconds, verify: true, readConfig };
    return kind === 'text' ? drawsText(await loadTextModel(modelPath, options)) : drawsImages(modelPath, options);
  };
}

function drawsText(model: TextModel): DrawingModel {
  return {
    text: (wish, onText, signal) => tellText(model, wish, onText, signal),
    dispose: () => model.dispose(),
  };
}

/** Characters are told as soon as they are whole. */
async function tellText(
  { model, codec }: TextModel,
  { prompt, temperature, maxSymbols, seed }: TextWish,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const tell = (text: string) => {
    if (text !== '') onText(text);
  };
  const options = { prompt, temperature, maxSymbols, random: new Random(seed), signal };
  for await (const { symbol } of drawText({ model, codec }, options)) {
    tell(decoder.decode(codec.symbolBytes(symbol), { stream: true }));
  }
  tell(decoder.decode());
}

async function drawsImages(modelPath: string, options: Parameters<typeof loadImageModel>[1]): Promise<DrawingModel> {
  const { sampler, codec, dispose } = await loadImageModel(modelPath, options);
  const { width, height, channels } = codec;
  return {
    async images({ count, temperature, seed, completes }, onImages, signal) {
      const upper = completes === null ? undefined : upperHalf(await readShaped(completes, width, height, channels));
      await sampler.sample({
        count,
        temperature,
        seed,
        upper,
        signal,
        onLine: ({ images, first }) => onImages(() => images.map(base64Png), first),
      });
    },
    dispose,
  };
}

function base64Png(image: Pixels): string {
  return Buffer.from(encodePng(image)).toString('base64');
}

/** The image as the model would see it. @throws UserError saying what is wrong with the file. */
async function readShaped(file: string, width: number, height: number, channels: 1 | 3): Promise<Pixels> {
  if (isSecretPath(file)) throw new UserError(`${file}: expected an image, got a file that may hold secrets`);
  const bytes = await nodeFileSystem.read(file, defaultImageLimits.maxBytes + 1).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${file}: expected an image, got an error: ${reason}; choose another file`);
  });
  return shaped(await decodeImage(bytes), { width, height, channels, rule: 'crop' });
}

export function upperHalf({ width, height, channels, data }: Pixels): Pixels {
  const lines = Math.floor(height / 2);
  return { width, height: lines, channels, data: data.subarray(0, lines * width * channels) };
}
