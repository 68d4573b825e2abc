// JPEG (ITU-T T.81): the structure is walked here, from mark to mark, to know the size, how the camera was held and whether the
// file is whole; the pixels are mozjpeg's.
import { exifOrientation } from './exif.ts';
import { asciiAt, corrupt, dataView, type Orientation, type StoredImage, truncated, unsupported } from './imageFile.ts';

const endOfImage = 0xd9;
const startOfScan = 0xda;
const app1 = 0xe1;
/** Baseline, extended and progressive, Huffman coded: what libjpeg decodes. */
const knownFrames = [0xc0, 0xc1, 0xc2];
/** DHT, JPG and DAC lie among the frame marks and are none. */
const noFrames = [0xc4, 0xc8, 0xcc];

export function openJpeg(bytes: Uint8Array): StoredImage {
  const { frame, orientation } = walk(bytes);
  if (frame === undefined) throw corrupt('JPEG: expected a picture, got none');
  const view = dataView(frame.body);
  const [precision, height, width, numComponents] = [
    view.getUint8(0),
    view.getUint16(1),
    view.getUint16(3),
    view.getUint8(5),
  ];
  if (!knownFrames.includes(frame.mark) || precision !== 8) {
    throw unsupported('JPEG: a lossless, arithmetic or 12-bit one', 'save it as an ordinary JPEG, or as PNG');
  }
  if (numComponents !== 1 && numComponents !== 3) {
    throw unsupported(`JPEG: one of ${numComponents} inks (CMYK)`, 'save it in RGB');
  }
  return {
    format: 'jpeg',
    width,
    height,
    orientation,
    animated: false,
    decode: async () => {
      const { decodeJpeg } = await import('./wasmDecoders.ts');
      return decodeJpeg(bytes, { width, height });
    },
  };
}

interface Walked {
  readonly frame: { readonly mark: number; readonly body: Uint8Array } | undefined;
  readonly orientation: Orientation;
}

/** From the start mark to the end mark. */
function walk(bytes: Uint8Array): Walked {
  const view = dataView(bytes);
  let frame: Walked['frame'];
  let orientation: Orientation = 1;
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at] !== 0xff) throw corrupt(`JPEG: expected a mark at byte ${at}, got ${bytes[at]}`);
    const mark = bytes[at + 1];
    if (mark === 0xff) {
      at += 1; // Filled up.
      continue;
    }
    if (mark === endOfImage) return { frame, orientation };
    if (mark === undefined || at + 4 > bytes.length) break;
    const length = view.getUint16(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2) throw corrupt(`JPEG: expected a segment of 2 bytes and more, got ${length}`);
    if (at + 2 + length > bytes.length) break;
    if (mark >= 0xc0 && mark <= 0xcf && !noFrames.includes(mark)) frame ??= { mark, body };
    if (mark === app1 && asciiAt(body, 0, 6) === 'Exif\0\0') orientation = exifOrientation(body);
    at += 2 + length;
    if (mark === startOfScan) at = endOfScan(bytes, at);
  }
  throw truncated('JPEG: expected its end mark');
}

/** Behind the coded pixels: the next mark that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, begin: number): number {
  for (let at = begin; ; at += 2) {
    at = bytes.indexOf(0xff, at);
    const next = at < 0 ? undefined : bytes[at + 1];
    if (next === undefined) throw truncated('JPEG: its pixels end early');
    if (next === 0xff) at -= 1;
    else if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
}
