// Many pictures as one: what a person looks through, and saves.
import type { Pixels } from '../../base/pixels.ts';
import { paste, withChannels } from './resizeImage.ts';

/** Between and around the pictures: dark enough for white ones, light enough for black ones. */
const background = 128;

/** In rows of `columns`, from the left and the top, each in the upper left of a cell that fits the largest. */
export function contactSheet(images: readonly Pixels[], columns: number, gap: number): Pixels {
  const numColumns = Math.max(1, Math.min(columns, images.length));
  const numRows = Math.max(1, Math.ceil(images.length / numColumns));
  const cell = {
    width: images.reduce((most, image) => Math.max(most, image.width), 1),
    height: images.reduce((most, image) => Math.max(most, image.height), 1),
  };
  const channels = images.some((image) => image.channels === 3) ? 3 : 1;
  const width = gap + numColumns * (cell.width + gap);
  const height = gap + numRows * (cell.height + gap);
  const data = new Uint8Array(width * height * channels).fill(background);
  for (const [i, image] of images.entries()) {
    const left = gap + (i % numColumns) * (cell.width + gap);
    const top = gap + Math.floor(i / numColumns) * (cell.height + gap);
    paste(withChannels(image, channels), data, width, left, top);
  }
  return { width, height, channels, data };
}
