// BMP (Microsoft's BITMAPCOREHEADER, BITMAPINFOHEADER and what grew from it), uncompressed: 1, 4 and 8 bits with a palette, 16, 24
// and 32 bits with any masks. Rows stand from the bottom unless the height is negative, and are padded to four bytes.
import { corrupt, dataView, type Rgba, type StoredImage, truncated, unsupported } from './imageFile.ts';

interface BmpFile {
  readonly width: number;
  readonly height: number;
  readonly fromTop: boolean;
  readonly bits: number;
  /** Blue, green, red and, but for the oldest header, a byte without meaning. */
  readonly palette: Uint8Array;
  readonly paletteStep: 3 | 4;
  readonly masks: Masks;
  readonly rows: Uint8Array;
  readonly rowBytes: number;
}

/** Bits of a pixel that hold each channel; alpha is 0 where there is none. */
interface Masks {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

const coreHeader = 12;
const plain = 0;
const bitFields = [3, 6];
const masks16: Masks = { red: 0x7c00, green: 0x3e0, blue: 0x1f, alpha: 0 };
const masks32: Masks = { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 };

export function openBmp(bytes: Uint8Array): StoredImage {
  const view = dataView(bytes);
  const begin = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const isCore = headerBytes === coreHeader;
  if (!isCore && (headerBytes < 40 || headerBytes > 124)) {
    throw corrupt(`BMP: expected a header of 12 or 40 to 124 bytes, got ${headerBytes}`);
  }
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? plain : view.getUint32(30, true);
  if (compression !== plain && !bitFields.includes(compression)) {
    throw unsupported(`BMP: a compressed one (kind ${compression})`, 'save it uncompressed, or as PNG');
  }
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw corrupt(`BMP: expected 1 to 32 bits in a pixel, got ${bits}`);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const numBytes = rowBytes * height;
  if (begin + numBytes > bytes.length) {
    throw truncated(`BMP: expected ${numBytes} bytes of pixels, got ${Math.max(0, bytes.length - begin)}`);
  }
  const paletteStep = isCore ? 3 : 4;
  const afterHeader = 14 + headerBytes;
  const numColors = bits > 8 ? 0 : (isCore ? 0 : Math.min(256, view.getUint32(46, true))) || 2 ** bits;
  const file: BmpFile = {
    width,
    height,
    fromTop: signedHeight < 0,
    bits,
    palette: bytes.subarray(afterHeader, afterHeader + numColors * paletteStep),
    paletteStep,
    masks: compression === plain ? (bits === 16 ? masks16 : masks32) : readMasks(view, headerBytes, compression),
    rows: bytes.subarray(begin, begin + numBytes),
    rowBytes,
  };
  return { format: 'bmp', width, height, orientation: 1, animated: false, decode: () => decode(file) };
}

/** They follow the shortest header, and are part of the longer ones. */
function readMasks(view: DataView, headerBytes: number, compression: number): Masks {
  const hasAlpha = headerBytes >= 56 || compression === 6;
  return {
    red: view.getUint32(54, true),
    green: view.getUint32(58, true),
    blue: view.getUint32(62, true),
    alpha: hasAlpha ? view.getUint32(66, true) : 0,
  };
}

function decode(file: BmpFile): Rgba {
  const { width, height, fromTop, rows, rowBytes } = file;
  const out = new Uint8Array(width * height * 4);
  const paint = file.bits <= 8 ? palettePainter(file, out) : file.bits === 24 ? paint24(out) : maskPainter(file, out);
  for (let y = 0; y < height; y++) {
    const from = (fromTop ? y : height - 1 - y) * rowBytes;
    const line = rows.subarray(from, from + rowBytes);
    for (let x = 0; x < width; x++) paint(line, x, (y * width + x) * 4);
  }
  // Many writers leave an alpha channel that they do not mean at zero.
  if (file.masks.alpha !== 0 && !out.some((value, i) => i % 4 === 3 && value > 0)) {
    for (let i = 3; i < out.length; i += 4) out[i] = 255;
  }
  return { width, height, data: out };
}

type Paint = (line: Uint8Array, x: number, at: number) => void;

function palettePainter({ bits, palette, paletteStep }: BmpFile, out: Uint8Array): Paint {
  const largest = 2 ** bits - 1;
  return (line, x, at) => {
    const bit = x * bits;
    const index = (line[bit >> 3]! >> (8 - bits - (bit & 7))) & largest;
    const color = index * paletteStep;
    if (color + 2 >= palette.length) throw corrupt(`BMP: expected a color of its palette, got ${index}`);
    for (let c = 0; c < 3; c++) out[at + c] = palette[color + 2 - c]!;
    out[at + 3] = 255;
  };
}

function paint24(out: Uint8Array): Paint {
  return (line, x, at) => {
    for (let c = 0; c < 3; c++) out[at + c] = line[x * 3 + 2 - c]!;
    out[at + 3] = 255;
  };
}

function maskPainter({ bits, masks }: BmpFile, out: Uint8Array): Paint {
  const channels = [masks.red, masks.green, masks.blue, masks.alpha].map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, largest: mask >>> shift };
  });
  return (line, x, at) => {
    const pixel =
      bits === 16
        ? line[2 * x]! | (line[2 * x + 1]! << 8)
        : line[4 * x]! | (line[4 * x + 1]! << 8) | (line[4 * x + 2]! << 16) | (line[4 * x + 3]! << 24);
    channels.forEach(({ mask, shift, largest }, c) => {
      out[at + c] = mask === 0 ? (c === 3 ? 255 : 0) : Math.round((((pixel & mask) >>> shift) * 255) / largest);
    });
  };
}
