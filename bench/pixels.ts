// The PixelCNN that figures are compared with: 7 x 7 mask A, seven 3 x 3 mask B, 64 channels, 256 values, 28 x 28 grey.
import type { PixelCnnConfig } from '../src/models/pixelLayers.ts';

export const plainPixelCnn: PixelCnnConfig = {
  width: 28,
  height: 28,
  channels: 1,
  levels: 256,
  block: 'plain',
  hiddenSize: 64,
  numLayers: 7,
  firstKernel: 7,
  kernel: 3,
  outputSize: 0,
};
