// PNG (ISO/IEC 15948, W3C PNG 3rd edition) over zlib: all colour types, depths and Adam7. What the pixels unpack to is known from
// the header, and not a byte more is unpacked: a small file cannot ask for much memory. Of an animated PNG the still is taken.
import { inflateSync } from 'node:zlib';
import { crc32 } from './crc32.ts';
import { exifOrientation } from './exif.ts';
import {
  asciiAt,
  corrupt,
  dataView,
  type ImageError,
  type Orientation,
  type Rgba,
  type StoredImage,
  truncated,
  unsupported,
} from './imageFile.ts';

interface PngFile {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array | undefined;
  readonly data: readonly Uint8Array[];
}

const grey = 0;
const truecolor = 2;
const indexed = 3;
const greyAlpha = 4;
const truecolorAlpha = 6;
const channelsOf: Readonly<Record<number, number>> = {
  [grey]: 1,
  [truecolor]: 3,
  [indexed]: 1,
  [greyAlpha]: 2,
  [truecolorAlpha]: 4,
};
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  [grey]: [1, 2, 4, 8, 16],
  [truecolor]: [8, 16],
  [indexed]: [1, 2, 4, 8],
  [greyAlpha]: [8, 16],
  [truecolorAlpha]: [8, 16],
};

export function openPng(bytes: Uint8Array): StoredImage {
  const chunks = readChunks(bytes);
  const header = chunks.find(({ type }) => type === 'IHDR')?.body;
  if (chunks[0]?.type !== 'IHDR' || header?.length !== 13) throw corrupt('PNG: expected a header first');
  const view = dataView(header);
  const [depth, colorType, interlace] = [header[8]!, header[9]!, header[12]!];
  if (!depthsOf[colorType]?.includes(depth) || interlace > 1) {
    throw corrupt(`PNG: expected a known kind of pixels, got depth ${depth}, color type ${colorType}`);
  }
  const body = (type: string) => chunks.find((chunk) => chunk.type === type)?.body;
  const file: PngFile = {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth,
    colorType,
    interlaced: interlace === 1,
    palette: body('PLTE') ?? new Uint8Array(0),
    transparency: body('tRNS'),
    data: chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.body),
  };
  if (file.data.length === 0) throw corrupt('PNG: expected pixels, got none');
  if (colorType === indexed && file.palette.length === 0) throw corrupt('PNG: expected a palette, got none');
  const exif = body('eXIf');
  const orientation: Orientation = exif === undefined ? 1 : exifOrientation(exif);
  return {
    format: 'png',
    width: file.width,
    height: file.height,
    orientation,
    animated: body('acTL') !== undefined,
    deep: depth > 8,
    decode: () => decode(file),
  };
}

const knownCritical = ['IHDR', 'PLTE', 'IDAT', 'IEND'];
const mostChunks = 100_000;

function readChunks(bytes: Uint8Array): { type: string; body: Uint8Array }[] {
  const view = dataView(bytes);
  const chunks: { type: string; body: Uint8Array }[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = asciiAt(bytes, at + 4, 4);
    if (at + 12 + length > bytes.length) break;
    if (!/^[a-zA-Z]{4}$/.test(type) || chunks.length >= mostChunks) {
      throw corrupt(`PNG: expected a chunk at byte ${at}, got ${JSON.stringify(type)}`);
    }
    const isCritical = type[0]! < 'a';
    if (isCritical && !knownCritical.includes(type)) throw unsupported(`PNG: a chunk ${type}`, 'save it as plain PNG');
    // The pixels bear a checksum of their own.
    if (
      isCritical &&
      type !== 'IDAT' &&
      crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)
    ) {
      throw corrupt(`PNG: the checksum of ${type} does not fit`);
    }
    if (type === 'IEND') return chunks;
    chunks.push({ type, body: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  throw truncated('PNG: expected its end mark');
}

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const whole: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
const adam7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

function decode(file: PngFile): Rgba {
  const { width, height, depth, colorType } = file;
  const bitsPerPixel = depth * channelsOf[colorType]!;
  const sizes = (file.interlaced ? adam7 : whole)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.x) / pass.dx),
      rows: Math.ceil((height - pass.y) / pass.dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, rowBytes: Math.ceil((pass.columns * bitsPerPixel) / 8) }));
  const raw = inflate(
    file.data,
    sizes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0),
  );
  const out = new Uint8Array(width * height * 4);
  const paint = painter(file, out);
  const bytesPerPixel = Math.max(1, bitsPerPixel >> 3);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows, rowBytes } of sizes) {
    let above = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + rowBytes);
      unfilter(raw[at]!, line, above, bytesPerPixel);
      for (let column = 0; column < columns; column++) {
        paint(line, column, ((y + row * dy) * width + x + column * dx) * 4);
      }
      above = line;
      at += 1 + rowBytes;
    }
  }
  return { width, height, data: out };
}

function inflate(parts: readonly Uint8Array[], expectedBytes: number): Uint8Array<ArrayBuffer> {
  let raw: Buffer<ArrayBuffer>;
  try {
    raw = inflateSync(Buffer.concat(parts), { maxOutputLength: expectedBytes });
  } catch (error) {
    throw whyNotInflated(error);
  }
  if (raw.length < expectedBytes) throw truncated(`PNG: expected ${expectedBytes} bytes of pixels, got ${raw.length}`);
  return raw;
}

function whyNotInflated(error: unknown): ImageError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return corrupt('PNG: its pixels unpack to more than its size says');
  return code === 'Z_BUF_ERROR' ? truncated('PNG: its pixels end early') : corrupt('PNG: its pixels do not unpack');
}

/** In place (clause 9.2): each byte was stored as the difference to a guess from its neighbors. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw corrupt(`PNG: expected a filter from 0 to 4, got ${filter}`);
  if (filter === 0) return;
  for (let i = 0; i < line.length; i++) {
    const left = i >= step ? line[i - step]! : 0;
    const up = above[i]!;
    if (filter === 1) line[i]! += left;
    else if (filter === 2) line[i]! += up;
    else if (filter === 3) line[i]! += (left + up) >> 1;
    else line[i]! += paeth(left, up, i >= step ? above[i - step]! : 0);
  }
}

/** The neighbor nearest to left + up - corner, in this order among equals. */
export function paeth(left: number, up: number, corner: number): number {
  const byLeft = Math.abs(up - corner);
  const byUp = Math.abs(left - corner);
  const byCorner = Math.abs(left + up - 2 * corner);
  return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
}

type Paint = (line: Uint8Array, column: number, at: number) => void;

/** Writes one pixel of a line as red, green, blue, alpha. */
function painter({ depth, colorType, palette, transparency }: PngFile, out: Uint8Array): Paint {
  const channels = channelsOf[colorType]!;
  const largest = 2 ** depth - 1;
  const sample = (line: Uint8Array, i: number): number => {
    if (depth === 8) return line[i]!;
    if (depth === 16) return line[2 * i]! * 256 + line[2 * i + 1]!;
    const bit = i * depth;
    return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & largest;
  };
  if (colorType === indexed) {
    return (line, column, at) => {
      const index = sample(line, column);
      if (index * 3 + 2 >= palette.length) throw corrupt(`PNG: expected a color of its palette, got ${index}`);
      for (let c = 0; c < 3; c++) out[at + c] = palette[index * 3 + c]!;
      out[at + 3] = transparency?.[index] ?? 255;
    };
  }
  const toByte = (value: number) => (depth === 8 ? value : Math.round((value * 255) / largest));
  const hasAlpha = colorType === greyAlpha || colorType === truecolorAlpha;
  const numColors = hasAlpha ? channels - 1 : channels;
  const hidden = hasAlpha ? undefined : hiddenColor(transparency, numColors);
  return (line, column, at) => {
    const first = column * channels;
    for (let c = 0; c < 3; c++) out[at + c] = toByte(sample(line, first + (numColors === 1 ? 0 : c)));
    if (hasAlpha) out[at + 3] = toByte(sample(line, first + numColors));
    else out[at + 3] = hidden?.every((value, c) => sample(line, first + c) === value) ? 0 : 255;
  };
}

/** The one color that is transparent where there is no alpha channel, as samples. */
function hiddenColor(transparency: Uint8Array | undefined, numColors: number): number[] | undefined {
  if (transparency === undefined || transparency.length < 2 * numColors) return undefined;
  return Array.from({ length: numColors }, (_, c) => transparency[2 * c]! * 256 + transparency[2 * c + 1]!);
}
