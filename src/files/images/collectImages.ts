// The images of a workspace, one by one: found by their names, judged by their bytes, decoded, each only once, and brought to one
// shape where one is given. `surveyImages` walks the same way and keeps nothing but the report.
import { throwIfCancelled } from '../../base/errors.ts';
import type { Pixels } from '../../base/pixels.ts';
import { nodeFileSystem } from '../fileSystem.ts';
import { type LeftOutReason, LeftOutTally } from '../leftOut.ts';
import { type ReadFile, type RootsOptions, readRoots, type SourceRoot } from '../roots.ts';
import { type Survey, SurveyTally } from '../survey.ts';
import type { WalkLimits } from '../walk.ts';
import { decodeImage, defaultImageLimits, type ImageLimits, type OpenedImage, openImage } from './decodeImage.ts';
import { encodePng } from './encodePng.ts';
import { ImageError, type ImageFault } from './imageFile.ts';
import { type ResizeTo, resizeImage, withChannels } from './resizeImage.ts';
import { SimilarImages } from './similarImages.ts';
import { ShapeTally, type SuggestedShape } from './suggestShape.ts';

export interface ImageTarget extends ResizeTo {
  readonly channels: 1 | 3;
}

export interface CollectImagesOptions extends Omit<RootsOptions, 'maxNamedBytes'> {
  /** What every image becomes; as it is without. */
  readonly target?: ImageTarget;
  readonly imageLimits?: ImageLimits;
  /** Shared between calls, an image is given by one of them only. */
  readonly similar?: SimilarImages;
}

export interface SourceImage {
  /** The root's own name and the path below it. */
  readonly id: string;
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly pixels: Pixels;
}

export interface ImageSurvey extends Survey {
  /** What suits most of them; null without images. */
  readonly suggested: SuggestedShape | null;
  /** A few from all over the list, to be shown: absolute paths. */
  readonly previewFiles: readonly string[];
}

export const defaultImageWalkLimits: Partial<WalkLimits> = {
  maxFiles: 100_000,
  maxBytes: 2 ** 31,
  maxFileBytes: defaultImageLimits.maxBytes,
};

const imageName = /\.(?:png|apng|jpe?g|jpe|jfif|webp|gif|bmp|dib)$/i;

/** The report comes as the return value. @throws CancelledError. */
export async function* collectImages(
  roots: readonly SourceRoot[],
  options: CollectImagesOptions,
): AsyncGenerator<SourceImage, ImageSurvey> {
  const imageLimits = options.imageLimits ?? defaultImageLimits;
  const similar = options.similar ?? new SimilarImages();
  const leftOut = new LeftOutTally();
  const tally = new SurveyTally();
  const shapes = new ShapeTally();
  const shown = new SpreadList(mostPreviews);
  const files = readRoots(roots, (name) => imageName.test(name), leftOut, {
    ...options,
    limits: { ...defaultImageWalkLimits, maxFileBytes: imageLimits.maxBytes, ...options.limits },
    maxNamedBytes: imageLimits.maxBytes,
  });
  for (;;) {
    const next = await files.next();
    if (next.done) {
      const { stoppedBy } = next.value;
      const report = { ...tally.finish(), leftOut: leftOut.list(), stoppedBy };
      return { ...report, suggested: shapes.suggest(), previewFiles: shown.list() };
    }
    const { id, path, label, absolutePath, bytes } = next.value;
    const decoded = await decode(next.value, imageLimits);
    if ('reason' in decoded) {
      leftOut.add(decoded.reason, label, decoded.detail);
      continue;
    }
    const { opened, pixels } = decoded;
    const before = similar.earlier(label, pixels);
    if (before !== undefined) {
      leftOut.add(
        before.kind,
        label,
        `it is ${before.kind === 'duplicate' ? '' : 'nearly '}the same as ${before.path}`,
      );
      continue;
    }
    shapes.add(pixels);
    shown.add(absolutePath);
    tally.add(`${opened.width} x ${opened.height}`, bytes.length);
    yield { id, path, pixels: options.target === undefined ? pixels : shaped(pixels, options.target) };
  }
}

/** What `collectImages` will read and leave out. Everything is decoded: a broken image is known only then. @throws CancelledError. */
export async function surveyImages(roots: readonly SourceRoot[], options: CollectImagesOptions): Promise<ImageSurvey> {
  const images = collectImages(roots, options);
  for (;;) {
    const next = await images.next();
    if (next.done) return next.value;
  }
}

/** Image files as they will be learnt from, as PNG; what cannot be read any more is passed over. @throws CancelledError. */
export async function previewImages(
  files: readonly string[],
  target: ImageTarget,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const previews: Uint8Array[] = [];
  for (const file of files.slice(0, mostPreviews)) {
    throwIfCancelled(signal);
    const bytes = await nodeFileSystem.read(file, defaultImageLimits.maxBytes + 1).catch(() => undefined);
    const pixels = bytes && (await decodeImage(bytes).catch(() => undefined));
    if (pixels !== undefined) previews.push(encodePng(shaped(pixels, target)));
  }
  return previews;
}

/** Of the size, by the rule, and in as many channels as asked for. */
export function shaped(pixels: Pixels, target: ImageTarget): Pixels {
  return withChannels(resizeImage(pixels, target), target.channels);
}

type Decoded =
  | { readonly opened: OpenedImage; readonly pixels: Pixels }
  | { readonly reason: LeftOutReason; readonly detail: string };

const reasonOf: Readonly<Record<ImageFault, LeftOutReason>> = {
  empty: 'empty',
  notAnImage: 'corrupt',
  truncated: 'corrupt',
  corrupt: 'corrupt',
  tooLarge: 'tooLarge',
  unsupported: 'unsupported',
};

async function decode({ bytes }: ReadFile, limits: ImageLimits): Promise<Decoded> {
  try {
    const opened = openImage(bytes, limits);
    return { opened, pixels: await opened.pixels() };
  } catch (error) {
    if (error instanceof ImageError) return { reason: reasonOf[error.fault], detail: error.message };
    // What the runtime throws when there is no room for an array.
    if (error instanceof RangeError) return { reason: 'tooLarge', detail: 'there is not enough memory for its pixels' };
    throw error;
  }
}

const mostPreviews = 16;

/** Up to so many of a list whose length is not known, evenly from all of it: when it is full, every other one goes. */
class SpreadList {
  readonly #most: number;
  #kept: string[] = [];
  #stride = 1;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(item: string): void {
    if (this.#count++ % this.#stride !== 0) return;
    this.#kept.push(item);
    if (this.#kept.length <= this.#most) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  list(): readonly string[] {
    return this.#kept;
  }
}
