// The exact information of an image under a model: bits for each value of a channel, of what the codec keeps of it.
import type { AutoregressiveModel } from '../base/model.ts';
import type { Pixels } from '../base/pixels.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { bitsOf, type SurprisalOptions } from './bits.ts';

export interface ImageBits {
  readonly bits: number;
  readonly numDimensions: number;
  readonly bitsPerDimension: number;
}

export async function bitsOfImage(
  model: AutoregressiveModel,
  codec: ImageCodec,
  image: Pixels,
  options: Pick<SurprisalOptions, 'signal' | 'by'> = {},
): Promise<ImageBits> {
  const { bits, numSymbols } = await bitsOf(model, codec.encode(image), options);
  return { bits, numDimensions: numSymbols, bitsPerDimension: bits / numSymbols };
}
