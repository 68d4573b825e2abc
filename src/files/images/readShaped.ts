// An image file that is named, as a model takes it: of its size, by the rule that it learnt with, in its channels.
import { messageOf, UserError } from '../../base/errors.ts';
import type { Pixels } from '../../base/pixels.ts';
import { isSecretPath } from '../../base/secretPaths.ts';
import { nodeFileSystem } from '../fileSystem.ts';
import { type ImageTarget, shaped } from './collectImages.ts';
import { type DecodedImage, defaultImageLimits, type OpenedImage, openImage } from './decodeImage.ts';

/** What a model takes of a file, and what the file holds. */
export interface ShapedFile extends DecodedImage {
  /** As the model takes it. */
  readonly shaped: Pixels;
  readonly opened: OpenedImage;
}

/** @throws UserError when the file cannot be read or holds no image. */
export async function readShaped(file: string, target: ImageTarget): Promise<Pixels> {
  return (await readShapedFile(file, target)).shaped;
}

/** @throws UserError when the file cannot be read or holds no image. */
export async function readShapedFile(file: string, target: ImageTarget): Promise<ShapedFile> {
  if (isSecretPath(file)) throw new UserError(`${file}: expected an image, got a file that may hold secrets`);
  try {
    const opened = openImage(await nodeFileSystem.read(file, defaultImageLimits.maxBytes + 1));
    const decoded = await opened.decode();
    return { ...decoded, opened, shaped: shaped(decoded.pixels, target) };
  } catch (error) {
    throw new UserError(`${file}: expected an image: ${messageOf(error)}; choose another file`);
  }
}

/** What is to be completed: the lines above the middle. */
export function upperHalf(image: Pixels): Pixels {
  return upperLines(image, Math.floor(image.height / 2));
}

/** The lines above a row; none above the first. */
export function upperLines({ width, channels, data }: Pixels, lines: number): Pixels {
  return { width, height: lines, channels, data: data.subarray(0, lines * width * channels) };
}
