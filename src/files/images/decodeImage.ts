// Bytes of a file -> a picture as numbers. What the bytes are decides, not what the file is called. The size is checked before a
// pixel is decoded: 20,000 x 20,000 pixels are refused after reading their header.
import type { Pixels } from '../../base/pixels.ts';
import { openBmp } from './bmp.ts';
import { isTurned, upright } from './exif.ts';
import { openGif } from './gif.ts';
import { asciiAt, corrupt, ImageError, type ImageFormat, type Rgba, type StoredImage, truncated } from './imageFile.ts';
import { openJpeg } from './jpeg.ts';
import { openPng } from './png.ts';
import { openWebp } from './webp.ts';

export interface ImageLimits {
  /** Of a file. */
  readonly maxBytes: number;
  /** Of an image: while it is decoded each takes some 12 bytes. */
  readonly maxPixels: number;
}

/** A photograph of 32 megapixels is read, with 400 MB at most. */
export const defaultImageLimits: ImageLimits = { maxBytes: 1 << 25, maxPixels: 1 << 25 };

/** What is known without decoding, as the image is to be looked at. */
export interface OpenedImage {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly animated: boolean;
  /** More than 8 bits a channel, of which the upper 8 are taken. */
  readonly deep: boolean;
  /** Transparent pixels are laid on white; one channel when every pixel is grey. @throws ImageError. */
  pixels(): Promise<Pixels>;
  /** The same, and whether any pixel was transparent. @throws ImageError. */
  decode(): Promise<DecodedImage>;
}

export interface DecodedImage {
  readonly pixels: Pixels;
  readonly transparent: boolean;
}

/** @throws ImageError, whose `fault` says what is wrong. */
export function openImage(bytes: Uint8Array, limits: ImageLimits = defaultImageLimits): OpenedImage {
  if (bytes.length === 0) throw new ImageError('empty', 'image: expected an image, got no bytes; save it again');
  if (bytes.length > limits.maxBytes) {
    throw new ImageError(
      'tooLarge',
      `image: expected at most ${limits.maxBytes} bytes, got ${bytes.length}; make it smaller`,
    );
  }
  const stored = open(bytes);
  const { width, height, orientation } = stored;
  if (!(width > 0 && height > 0)) throw corrupt(`image: expected pixels, got ${width} x ${height}`);
  if (width * height > limits.maxPixels) {
    throw new ImageError(
      'tooLarge',
      `image: expected at most ${limits.maxPixels} pixels, got ${width} x ${height}; make it smaller`,
    );
  }
  const turned = isTurned(orientation);
  const decode = async () => {
    const { pixels, transparent } = onWhite(await stored.decode());
    return { pixels: upright(pixels, orientation), transparent };
  };
  return {
    format: stored.format,
    width: turned ? height : width,
    height: turned ? width : height,
    animated: stored.animated,
    deep: stored.deep ?? false,
    pixels: async () => (await decode()).pixels,
    decode,
  };
}

/** @throws ImageError. */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits = defaultImageLimits): Promise<Pixels> {
  return openImage(bytes, limits).pixels();
}

interface Format {
  readonly isIn: (head: string) => boolean;
  readonly open: (bytes: Uint8Array) => StoredImage;
}

/** By how the files begin. */
const formats: readonly Format[] = [
  { isIn: (head) => head.startsWith('\x89PNG\r\n\x1a\n'), open: openPng },
  { isIn: (head) => head.startsWith('\xff\xd8\xff'), open: openJpeg },
  { isIn: (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8), open: openWebp },
  { isIn: (head) => head.startsWith('GIF87a') || head.startsWith('GIF89a'), open: openGif },
  { isIn: (head) => head.startsWith('BM'), open: openBmp },
];

function open(bytes: Uint8Array): StoredImage {
  const head = asciiAt(bytes, 0, 64);
  const format = formats.find(({ isIn }) => isIn(head));
  if (format === undefined) throw notAnImage(head);
  try {
    return format.open(bytes);
  } catch (error) {
    // Reading behind the last byte.
    if (error instanceof RangeError) throw truncated('image: it ends within its header');
    throw error;
  }
}

function notAnImage(head: string): ImageError {
  if (head.startsWith('version https://git-lfs')) {
    return new ImageError('notAnImage', 'image: expected an image, got a Git LFS pointer; fetch it with git lfs pull');
  }
  return new ImageError(
    'notAnImage',
    'image: expected PNG, JPEG, WebP, GIF or BMP, got something else; convert it, or rename the file',
  );
}

/** Transparent pixels on white: c a + 255 (1 - a), as the numbers are stored, not in linear light. */
function onWhite({ width, height, data }: Rgba): DecodedImage {
  const numPixels = width * height;
  const rgb = new Uint8Array(numPixels * 3);
  let [isGrey, transparent] = [true, false];
  for (let i = 0; i < numPixels; i++) {
    const alpha = data[4 * i + 3]!;
    if (alpha !== 255) transparent = true;
    for (let c = 0; c < 3; c++) {
      const value = data[4 * i + c]!;
      rgb[3 * i + c] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
    if (rgb[3 * i] !== rgb[3 * i + 1] || rgb[3 * i] !== rgb[3 * i + 2]) isGrey = false;
  }
  if (!isGrey) return { pixels: { width, height, channels: 3, data: rgb }, transparent };
  const grey = new Uint8Array(numPixels);
  for (let i = 0; i < numPixels; i++) grey[i] = rgb[3 * i]!;
  return { pixels: { width, height, channels: 1, data: grey }, transparent };
}
