// The orientation out of EXIF data: the one field of it that changes what is seen. Cameras store what the sensor gave and how
// the camera was held (CIPA DC-008-2019, 4.6.4; the container is TIFF 6.0). Data that is broken says nothing, and is no error.
import type { Pixels } from '../../base/pixels.ts';
import { asciiAt, dataView, type Orientation } from './imageFile.ts';

const orientationTag = 0x0112;
const shortType = 3;
const entryBytes = 12;

/** `bytes` begins with the TIFF header, or with `Exif\0\0` before it. */
export function exifOrientation(bytes: Uint8Array): Orientation {
  const tiff = asciiAt(bytes, 0, 6) === 'Exif\0\0' ? bytes.subarray(6) : bytes;
  const order = asciiAt(tiff, 0, 2);
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return 1;
  const little = order === 'II';
  const view = dataView(tiff);
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const numEntries = view.getUint16(directory, little);
  for (let i = 0; i < numEntries; i++) {
    const at = directory + 2 + i * entryBytes;
    if (at + entryBytes > tiff.length) return 1;
    if (view.getUint16(at, little) !== orientationTag || view.getUint16(at + 2, little) !== shortType) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** Whether width and height change places. */
export function isTurned(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** The image as it is to be looked at. */
export function upright(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { width, height, channels, data } = pixels;
  const turned = isTurned(orientation);
  const [newWidth, newHeight] = turned ? [height, width] : [width, height];
  // 2: mirrored; 3: half a turn; 4: upside down; 5: transposed; 6: to the right; 7: transposed over the other diagonal; 8: to the left.
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const out = new Uint8Array(data.length);
  let at = 0;
  for (let y = 0; y < newHeight; y++) {
    for (let x = 0; x < newWidth; x++) {
      const [alongWidth, alongHeight] = turned ? [y, x] : [x, y];
      const column = fromRight ? width - 1 - alongWidth : alongWidth;
      const row = fromBottom ? height - 1 - alongHeight : alongHeight;
      const from = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) out[at++] = data[from + c]!;
    }
  }
  return { width: newWidth, height: newHeight, channels, data: out };
}
