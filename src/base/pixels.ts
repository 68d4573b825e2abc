// A picture as plain numbers, between decoders, codecs and models.

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  /** Rows from the top, pixels from the left, the channels of a pixel side by side. */
  readonly data: Uint8Array; // [height, width, channels]
}
