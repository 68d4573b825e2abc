// Image files as a model takes them: decoded, brought to its size by cropping, in its channels.
import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { shaped } from '../files/images/collectImages.ts';
import { decodeImage } from '../files/images/decodeImage.ts';

/** @throws UserError when the file cannot be read or holds no image. */
export async function readImageFile(file: string, { width, height, channels }: ImageCodec): Promise<Pixels> {
  try {
    return shaped(await decodeImage(await readFile(file)), { width, height, channels, rule: 'crop' });
  } catch (error) {
    throw new UserError(`${file}: expected an image: ${messageOf(error)}`);
  }
}

/** What is to be completed: the lines above the middle. */
export function upperHalf({ width, height, channels, data }: Pixels): Pixels {
  const lines = Math.floor(height / 2);
  return { width, height: lines, channels, data: data.subarray(0, lines * width * channels) };
}
