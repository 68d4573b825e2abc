// An image file that is named, as a model takes it: of its size, by the rule that it learnt with, in its channels.
import { messageOf, UserError } from '../../base/errors.ts';
import type { Pixels } from '../../base/pixels.ts';
import { isSecretPath } from '../../base/secretPaths.ts';
import { nodeFileSystem } from '../fileSystem.ts';
import { type ImageTarget, shaped } from './collectImages.ts';
import { decodeImage, defaultImageLimits } from './decodeImage.ts';

/** @throws UserError when the file cannot be read or holds no image. */
export async function readShaped(file: string, target: ImageTarget): Promise<Pixels> {
  if (isSecretPath(file)) throw new UserError(`${file}: expected an image, got a file that may hold secrets`);
  try {
    const bytes = await nodeFileSystem.read(file, defaultImageLimits.maxBytes + 1);
    return shaped(await decodeImage(bytes), target);
  } catch (error) {
    throw new UserError(`${file}: expected an image: ${messageOf(error)}; choose another file`);
  }
}

/** What is to be completed: the lines above the middle. */
export function upperHalf({ width, height, channels, data }: Pixels): Pixels {
  const lines = Math.floor(height / 2);
  return { width, height: lines, channels, data: data.subarray(0, lines * width * channels) };
}
