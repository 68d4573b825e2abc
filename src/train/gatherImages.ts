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

/** All of them. @throws UserError when there is no image, or more than fits. */
export async function storeImages(images: AsyncIterable<NamedImage>, maxBytes?: number): Promise<ImageStore> {
  return (await store(images, maxBytes)).all;
}

/** Split in two. @throws UserError when there is no image, or more than fits. */
export async function gatherImages(images: AsyncIterable<NamedImage>, maxBytes?: number): Promise<GatheredImages> {
  const { all, ids } = await store(images, maxBytes);
  const { training, heldOut } = splitHeldOut(ids, () => 1);
  if (heldOut.length === 0) return { training: all };
  const pick = (some: typeof training) => {
    const picked = new ImageStore(all.shape, maxBytes);
    for (const { index } of some) picked.add({ ...all.shape, data: all.at(index) });
    return picked;
  };
  return { training: pick(training), heldOut: pick(heldOut) };
}

async function store(images: AsyncIterable<NamedImage>, maxBytes: number | undefined) {
  const ids: { readonly id: string; readonly index: number }[] = [];
  let all: ImageStore | undefined;
  for await (const { id, pixels } of images) {
    all ??= new ImageStore(pixels, maxBytes);
    all.add(pixels);
    ids.push({ id, index: ids.length });
  }
  if (all) return { all, ids };
  throw new UserError('the data holds no image; give a folder with PNG, JPEG, WebP, GIF or BMP files in it');
}
