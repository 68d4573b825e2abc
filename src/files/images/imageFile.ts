// What every reader of an image format is given and gives. A file is opened first: its structure is read from end to end, and
// whatever is wrong with it gets a name, before any memory is spent on pixels.
import { UserError } from '../../base/errors.ts';

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'bmp';

/** As EXIF counts them (CIPA DC-008-2019, tag 0x0112): how the stored rows are turned; 1 is as they are. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Red, green, blue, alpha; alpha is not multiplied in. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray; // [height, width, 4]
}

export interface StoredImage {
  readonly format: ImageFormat;
  /** As stored, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Of an animated image the first frame is taken. */
  readonly animated: boolean;
  /** More than 8 bits a channel, of which the upper 8 are taken. */
  readonly deep?: boolean;
  /** @throws ImageError. */
  decode(): Rgba | Promise<Rgba>;
}

export type ImageFault = 'empty' | 'notAnImage' | 'truncated' | 'corrupt' | 'tooLarge' | 'unsupported';

/** Why a file is no image to us. */
export class ImageError extends UserError {
  readonly fault: ImageFault;

  constructor(fault: ImageFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export function corrupt(what: string): ImageError {
  return new ImageError('corrupt', `${what}; save the image again`);
}

export function truncated(what: string): ImageError {
  return new ImageError('truncated', `${what}; the file is not whole, fetch or save it again`);
}

export function unsupported(what: string, remedy: string): ImageError {
  return new ImageError('unsupported', `${what}; ${remedy}`);
}

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The characters that stand at a place; fewer at the end of the bytes. */
export function asciiAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
