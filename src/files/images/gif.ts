// GIF 87a and 89a (CompuServe 1990), the first frame: later ones only change it. Blocks are walked to the end, so that animation
// and missing data are known before a pixel is decoded.
import { corrupt, dataView, type Rgba, type StoredImage, truncated } from './imageFile.ts';

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  readonly transparent: number | undefined;
  readonly minCodeSize: number;
  readonly blocks: readonly Uint8Array[];
}

const extension = 0x21;
const graphicControl = 0xf9;
const imageDescriptor = 0x2c;
const trailer = 0x3b;

export function openGif(bytes: Uint8Array): StoredImage {
  const view = dataView(bytes);
  const [screenWidth, screenHeight] = [view.getUint16(6, true), view.getUint16(8, true)];
  const globalPalette = paletteAt(bytes, 13, view.getUint8(10));
  let at = 13 + globalPalette.length;
  let numFrames = 0;
  let first: Frame | undefined;
  let transparent: number | undefined;
  while (at < bytes.length && bytes[at] !== trailer) {
    const block = bytes[at];
    if (block === extension) {
      const control = bytes[at + 1] === graphicControl ? at + 3 : undefined;
      if (control !== undefined) transparent = view.getUint8(control) & 1 ? view.getUint8(control + 3) : undefined;
      at = skipBlocks(bytes, at + 2);
    } else if (block === imageDescriptor) {
      const flags = view.getUint8(at + 9);
      const palette = paletteAt(bytes, at + 10, flags);
      const data = at + 10 + palette.length;
      const blocks: Uint8Array[] = [];
      const end = skipBlocks(bytes, data + 1, (part) => blocks.push(part));
      first ??= {
        x: view.getUint16(at + 1, true),
        y: view.getUint16(at + 3, true),
        width: view.getUint16(at + 5, true),
        height: view.getUint16(at + 7, true),
        interlaced: (flags & 0x40) !== 0,
        palette: palette.length > 0 ? palette : globalPalette,
        transparent,
        minCodeSize: view.getUint8(data),
        blocks,
      };
      numFrames += 1;
      transparent = undefined;
      at = end;
    } else throw corrupt(`GIF: expected a block at byte ${at}, got ${block}`);
  }
  if (first === undefined) throw truncated('GIF: expected a picture, got none');
  const frame = first;
  // Some writers leave the screen smaller than what is drawn on it; browsers show it all.
  const width = Math.max(screenWidth, frame.x + frame.width);
  const height = Math.max(screenHeight, frame.y + frame.height);
  return {
    format: 'gif',
    width,
    height,
    orientation: 1,
    animated: numFrames > 1,
    decode: () => decode(frame, width, height),
  };
}

/** Empty where the flags say that there is none. */
function paletteAt(bytes: Uint8Array, at: number, flags: number): Uint8Array {
  return flags & 0x80 ? bytes.subarray(at, at + 3 * 2 ** ((flags & 7) + 1)) : new Uint8Array(0);
}

/** Blocks of up to 255 bytes, each after its length, until an empty one; returns the place behind that. */
function skipBlocks(bytes: Uint8Array, begin: number, each: (part: Uint8Array) => void = () => undefined): number {
  let at = begin;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length) throw truncated('GIF: it ends within a block');
    at += 1 + length;
    if (length === 0) return at;
    each(bytes.subarray(at - length, at));
  }
}

function decode(frame: Frame, width: number, height: number): Rgba {
  const indices = unpack(frame);
  const out = new Uint8Array(width * height * 4);
  const rows = frame.interlaced ? interlacedRows(frame.height) : undefined;
  for (let row = 0; row < frame.height; row++) {
    const y = frame.y + (rows?.[row] ?? row);
    for (let column = 0; column < frame.width; column++) {
      const index = indices[row * frame.width + column]!;
      if (index === frame.transparent) continue;
      const at = (y * width + frame.x + column) * 4;
      for (let c = 0; c < 3; c++) out[at + c] = frame.palette[index * 3 + c] ?? 0;
      out[at + 3] = 255;
    }
  }
  return { width, height, data: out };
}

/** Where the stored rows belong: every eighth, those between, and so on. */
function interlacedRows(height: number): number[] {
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const;
  return passes.flatMap(([begin, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - begin) / step)) }, (_, i) => begin + i * step),
  );
}

const mostCodes = 4096;

/** LZW with codes of growing length, the lowest bit first. */
function unpack({ width, height, minCodeSize, blocks }: Frame): Uint8Array {
  if (minCodeSize < 1 || minCodeSize > 8) throw corrupt(`GIF: expected a code size from 1 to 8, got ${minCodeSize}`);
  const out = new Uint8Array(width * height);
  const clear = 1 << minCodeSize;
  const prefix = new Uint16Array(mostCodes);
  const last = Uint8Array.from({ length: mostCodes }, (_, code) => code);
  const lengths = new Uint16Array(mostCodes).fill(1, 0, clear);
  let numCodes = clear + 2;
  let codeSize = minCodeSize + 1;
  let previous = -1;
  let written = 0;
  let bits = 0;
  let numBits = 0;
  for (const byte of Buffer.concat(blocks)) {
    bits |= byte << numBits;
    numBits += 8;
    while (numBits >= codeSize && written < out.length) {
      const code = bits & ((1 << codeSize) - 1);
      bits >>>= codeSize;
      numBits -= codeSize;
      if (code === clear) {
        numCodes = clear + 2;
        codeSize = minCodeSize + 1;
        previous = -1;
        continue;
      }
      if (code === clear + 1) throw truncated(`GIF: expected ${out.length} pixels, got ${written}`);
      if (code > numCodes || (code === numCodes && previous < 0))
        throw corrupt(`GIF: expected a known code, got ${code}`);
      // A code that is about to be made: what came before, and its own first pixel.
      const known = code < numCodes ? code : previous;
      const end = written + lengths[known]!;
      let at = end;
      for (let walk = known; ; walk = prefix[walk]!) {
        if (--at < out.length) out[at] = last[walk]!;
        if (at === written) break;
      }
      const firstPixel = out[written]!;
      if (known !== code && end < out.length) out[end] = firstPixel;
      written = known === code ? end : end + 1;
      if (previous >= 0 && numCodes < mostCodes) {
        prefix[numCodes] = previous;
        last[numCodes] = firstPixel;
        lengths[numCodes] = lengths[previous]! + 1;
        numCodes += 1;
        if (numCodes === 1 << codeSize && codeSize < 12) codeSize += 1;
      }
      previous = code;
    }
  }
  if (written < out.length) throw truncated(`GIF: expected ${out.length} pixels, got ${written}`);
  return out;
}
