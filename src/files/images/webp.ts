// WebP (RFC 9649): the chunks are walked here, to know the size and whether the file is whole; the pixels are libwebp's. Of an
// animated one the first frame is taken out and decoded as a still, and laid on its canvas.
import { exifOrientation } from './exif.ts';
import { asciiAt, corrupt, dataView, type Orientation, type Rgba, type StoredImage, truncated } from './imageFile.ts';

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

const alphaFlag = 0x10;

export function openWebp(bytes: Uint8Array): StoredImage {
  const size = dataView(bytes).getUint32(4, true);
  if (size + 8 > bytes.length) throw truncated(`WebP: expected ${size + 8} bytes, got ${bytes.length}`);
  const chunks = readChunks(bytes.subarray(12, size + 8));
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.body;
  const exif = find('EXIF');
  const orientation: Orientation = exif === undefined ? 1 : exifOrientation(exif);
  const frame = find('ANMF');
  const extended = find('VP8X');
  if (frame !== undefined && extended !== undefined) {
    const canvas = { width: uint24(extended, 4) + 1, height: uint24(extended, 7) + 1 };
    const decode = () => decodeFrame(frame, canvas);
    return { format: 'webp', ...canvas, orientation, animated: true, decode };
  }
  const still = pictureSize(chunks);
  return {
    format: 'webp',
    ...still,
    orientation,
    animated: false,
    decode: async () => {
      const { decodeWebp } = await import('./wasmDecoders.ts');
      return decodeWebp(bytes, still);
    },
  };
}

function readChunks(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = dataView(bytes).getUint32(at + 4, true);
    if (at + 8 + length > bytes.length) throw truncated('WebP: it ends within a chunk');
    chunks.push({ type: asciiAt(bytes, at, 4), body: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** As the coded picture itself says it (RFC 6386, 9.1, and RFC 9649, 3.4). */
function pictureSize(chunks: readonly Chunk[]): Size {
  const lossy = chunks.find(({ type }) => type === 'VP8 ')?.body;
  if (lossy !== undefined) {
    const view = dataView(lossy);
    if (asciiAt(lossy, 3, 3) !== '\x9d\x01\x2a') throw corrupt('WebP: expected a key frame');
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
  }
  const lossless = chunks.find(({ type }) => type === 'VP8L')?.body;
  if (lossless === undefined) throw corrupt('WebP: expected a picture, got none');
  const bits = dataView(lossless).getUint32(1, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** ANMF: place and size, duration, flags, and then the chunks of a still. */
async function decodeFrame(frame: Uint8Array, canvas: Size): Promise<Rgba> {
  const [x, y] = [uint24(frame, 0) * 2, uint24(frame, 3) * 2];
  const chunks = readChunks(frame.subarray(16));
  const size = pictureSize(chunks);
  if (x + size.width > canvas.width || y + size.height > canvas.height) {
    throw corrupt('WebP: expected a frame within its canvas');
  }
  const { decodeWebp } = await import('./wasmDecoders.ts');
  const picture = await decodeWebp(stillOf(chunks, size), size);
  const out = new Uint8Array(canvas.width * canvas.height * 4);
  for (let row = 0; row < size.height; row++) {
    const line = picture.data.subarray(row * size.width * 4, (row + 1) * size.width * 4);
    out.set(line, ((y + row) * canvas.width + x) * 4);
  }
  return { ...canvas, data: out };
}

function stillOf(chunks: readonly Chunk[], { width, height }: Size): Uint8Array {
  const picture = chunks.filter(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type));
  const extended = Buffer.alloc(10);
  extended.writeUInt8(alphaFlag, 0);
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const all = picture.some(({ type }) => type === 'ALPH') ? [{ type: 'VP8X', body: extended }, ...picture] : picture;
  const parts = all.flatMap(({ type, body }) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return [head, body, Buffer.alloc(body.length & 1)];
  });
  const riff = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  riff.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return Buffer.concat([riff, ...parts]);
}

function uint24(bytes: Uint8Array, at: number): number {
  if (at + 3 > bytes.length) throw truncated('WebP: it ends within a chunk');
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}
