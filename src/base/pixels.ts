// A picture in memory: whole numbers from 0 to 255, row after row, the channels of a pixel side by side.

export type Channels = 1 | 3;

/** How a picture takes another shape: `crop` fills it with the middle; `fit` shows all with a border; `stretch` distorts. */
export const resizeRules = ['crop', 'fit', 'stretch'] as const;
export type ResizeRule = (typeof resizeRules)[number];

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1: grey. 3: red, green, blue. */
  readonly channels: Channels;
  readonly data: Uint8Array; // [height, width, channels]
}

/** @throws RangeError when the data does not fill the picture. */
export function pixels(width: number, height: number, channels: Channels, data: Uint8Array): Pixels {
  const size = width * height * channels;
  if (data.length !== size) {
    throw new RangeError(`pixels: expected ${size} values for ${width} x ${height} x ${channels}, got ${data.length}`);
  }
  return { width, height, channels, data };
}

/** The value from 0 to 255 that one of `numLevels` evenly spaced levels stands for. */
export function intensityOf(level: number, numLevels: number): number {
  return Math.round((level * 255) / (numLevels - 1));
}
