// Images of one shape -> what a run learns from and what it holds out, by file (split.ts).
import { UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import { ImageStore } from './imageRows.ts';
import { splitHeldOut } from './split.ts';

export interface NamedImage {
  /** Names the image for the split. */
  readonly id: string;
  readonly pixels: Pixels;
}

export interface GatheredImages {
  readonly training: ImageStore;
  /** Absent when there is but one image. */
  readonly heldOut?: ImageStore;
}

/** @throws UserError when there is no image, or more than fits. */
export async function gatherImages(images: AsyncIterable<NamedImage>, maxBytes?: number): Promise<GatheredImages> {
  const ids: { readonly id: string; readonly index: number }[] = [];
  let all: ImageStore | undefined;
  for await (const { id, pixels } of images) {
    all ??= new ImageStore(pixels, maxBytes);
    all.add(pixels);
    ids.push({ id, index: ids.length });
  }
  if (all === undefined) {
    throw new UserError('the data holds no image; give a folder with PNG, JPEG, WebP, GIF or BMP files in it');
  }
  const { training, heldOut } = splitHeldOut(ids, () => 1);
  if (heldOut.length === 0) return { training: all };
  const kept = all;
  const pick = (some: typeof training) => {
    const store = new ImageStore(kept.shape, maxBytes);
    for (const { index } of some) store.add({ ...kept.shape, data: kept.at(index) });
    return store;
  };
  return { training: pick(training), heldOut: pick(heldOut) };
}
