// What draws behind the sampler role: model folders of text by the long-text rule, of images with their sampler.

import type { Pixels } from '../base/pixels.ts';
import { Random } from '../base/random.ts';
import { drawText } from '../engine/drawText.ts';
import { loadImageModel } from '../engine/loadImageModel.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { encodePng } from '../files/images/encodePng.ts';
import { readShaped, upperHalf } from '../files/images/readShaped.ts';
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
  return {
    async images({ count, temperature, seed, completes }, onImages, signal) {
      const upper = completes === null ? undefined : upperHalf(await readShaped(completes, codec));
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
