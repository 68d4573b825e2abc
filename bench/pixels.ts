// The PixelCNN that figures are compared with: 7 x 7 mask A, seven 3 x 3 mask B, 64 channels, 256 values, 28 x 28 grey.
import { Random } from '../src/base/random.ts';
import { imageCodec } from '../src/codecs/image.ts';
import { exportModel } from '../src/export/exportModel.ts';
import type { PixelCnnConfig } from '../src/models/pixelLayers.ts';
import { architectureNamed } from '../src/models/registry.ts';
import { ParameterMemory } from '../src/train/parameterMemory.ts';

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

/** A model folder of that configuration, with random parameters: what it costs does not depend on what it knows. */
export async function writePixelCnn(dir: string, config: PixelCnnConfig): Promise<void> {
  const architecture = architectureNamed('pixelCnn');
  const memory = new ParameterMemory(architecture.parameters(config));
  memory.initialize(new Random(1));
  await exportModel(dir, {
    architecture,
    config,
    codec: imageCodec(config),
    parameters: memory.tensors('parameters'),
    provenance: { data: 'nothing', steps: 0, symbols: 0, seed: 1 },
    bitsPerByte: null,
  });
}
