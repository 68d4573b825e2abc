// IDX, the format of MNIST and its kin: a header, then the values of all images of one size, grey, one byte each; often gzipped.
//   0 0 | 8: bytes | 3: dimensions | count, height, width, each uint32, big endian | values
import { gunzipSync } from 'node:zlib';
import { UserError } from '../../base/errors.ts';
import type { Pixels } from '../../base/pixels.ts';

/** Some 1.3 million images of 28 x 28. */
const maxBytes = 2 ** 30;
const headerBytes = 16;
const magic = 0x00000803;

export function isIdxName(name: string): boolean {
  return /(?:[-.]idx3-ubyte|\.idx3?)(?:\.gz)?$/i.test(name);
}

/** `file` is how messages name it. @throws UserError when the bytes are something else or cut short. */
export function* idxImages(file: string, bytes: Uint8Array): Generator<Pixels> {
  const data = unpacked(file, bytes);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < headerBytes || view.getUint32(0) !== magic) {
    throw new UserError(
      `${file}: expected images as IDX, got something else; give train-images-idx3-ubyte or the like`,
    );
  }
  const [count, height, width] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  const size = width * height;
  if (size === 0 || data.length < headerBytes + count * size) {
    throw new UserError(`${file}: expected ${count} images of ${width} x ${height}, got fewer bytes; fetch it again`);
  }
  for (let i = 0; i < count; i++) {
    const begin = headerBytes + i * size;
    yield { width, height, channels: 1, data: data.subarray(begin, begin + size) };
  }
}

function unpacked(file: string, bytes: Uint8Array): Uint8Array {
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${file}: expected gzipped images, and they cannot be unpacked: ${reason}; fetch it again`);
  }
}
