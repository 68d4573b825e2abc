// The layers of a PixelCNN, from its configuration: what each convolution sees, how its parameters begin, and which of its inputs are
// kept when an image is made one symbol at a time.
//
// The vertical stack of a gated model sees its own row to the end, so it knows a pixel only when pixels right of it are known: layer l
// is `lag` pixels behind, and it must have caught up when the row below needs it, one width later.
import { biasName, type CausalConvolution, weightShapes } from '../layers/causalConvolution.ts';
import type { KeptInput } from '../layers/symbolRows.ts';
import type { ParameterSpec } from './architecture.ts';

export interface PixelCnnConfig {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Values that a channel can have. */
  readonly levels: number;
  readonly block: 'plain' | 'residual' | 'gated';
  /** Features between blocks, those of all channels together; inside a residual block half as many. */
  readonly hiddenSize: number;
  /** After the first, which has the wide kernel. */
  readonly numLayers: number;
  /** Odd. */
  readonly firstKernel: number;
  readonly kernel: number;
  /** Features of the 1 x 1 layer before the last; 0: there is none. */
  readonly outputSize: number;
}

export interface ResidualBlock {
  readonly narrow: CausalConvolution;
  readonly convolution: CausalConvolution;
  readonly widen: CausalConvolution;
}

export interface GatedLayer {
  readonly vertical: CausalConvolution;
  /** Applied to the vertical stack; the horizontal one reads it a row above. */
  readonly link: CausalConvolution;
  readonly above: CausalConvolution;
  readonly horizontal: CausalConvolution;
  readonly output: CausalConvolution;
  /** Pixels that the vertical stack is behind, after this layer. */
  readonly lag: number;
}

export type Trunk =
  | { readonly block: 'plain'; readonly first: CausalConvolution; readonly layers: readonly CausalConvolution[] }
  | { readonly block: 'residual'; readonly first: CausalConvolution; readonly layers: readonly ResidualBlock[] }
  | { readonly block: 'gated'; readonly layers: readonly GatedLayer[] };

export interface PixelLayers {
  readonly trunk: Trunk;
  /** 1 x 1, one or two, the last of them to the logits. */
  readonly outputs: readonly CausalConvolution[];
  /** All that have parameters. */
  readonly all: readonly CausalConvolution[];
  readonly kept: readonly KeptInput[];
}

export function pixelLayers(config: PixelCnnConfig): PixelLayers {
  const { channels, levels, hiddenSize, outputSize } = config;
  const trunk = trunkOf(config);
  const outputs = [
    ...(outputSize > 0 ? [pointwise('output.hidden', hiddenSize, outputSize)] : []),
    pointwise('output.logits', outputSize > 0 ? outputSize : hiddenSize, levels * channels),
  ];
  const kept: KeptInput[] = [];
  // A 1 x 1 layer of grey images reads its own row alone.
  const keepPoint = (layer: CausalConvolution) => {
    if (channels > 1) kept.push(grouped(layer, 'points', kept, channels));
  };
  if (trunk.block === 'gated') keepGated(trunk.layers, kept, config, keepPoint);
  else {
    kept.push({ layer: trunk.first, state: 'values', part: 0, width: 1, afterStart: true });
    if (trunk.block === 'plain')
      for (const layer of trunk.layers) kept.push(grouped(layer, 'features', kept, channels));
    else
      for (const { narrow, convolution, widen } of trunk.layers) {
        keepPoint(narrow);
        kept.push(grouped(convolution, 'features', kept, channels));
        keepPoint(widen);
      }
  }
  for (const layer of outputs) keepPoint(layer);
  return { trunk, outputs, all: [...layersOf(trunk), ...outputs], kept };
}

/** Where the vertical stack of a gated model is after its last layer. */
export function lastLag({ firstKernel, kernel, numLayers }: PixelCnnConfig): number {
  return (firstKernel + 1) / 2 + (numLayers * (kernel - 1)) / 2;
}

export function parameterSpecs(config: PixelCnnConfig): ParameterSpec[] {
  const { all } = pixelLayers(config);
  return all.flatMap((layer) => {
    // He et al. 2015 (arXiv 1502.01852) where a ReLU comes before or after; gates and logits begin smaller.
    const gain = config.block === 'gated' || layer.name === 'output.logits' ? 1 : Math.SQRT2;
    const weights = weightShapes(layer, config.channels).map(
      ({ name, shape }): ParameterSpec => ({
        name,
        shape,
        initialization: { kind: 'normal', standardDeviation: gain / Math.sqrt(shape[1]) },
        decay: true,
      }),
    );
    const bias: ParameterSpec = {
      name: biasName(layer),
      shape: [layer.outputs],
      initialization: { kind: 'constant', value: 0 },
      decay: false,
    };
    return [...weights, bias];
  });
}

function trunkOf(config: PixelCnnConfig): Trunk {
  const { block, channels, hiddenSize, numLayers, firstKernel, kernel } = config;
  const [firstReach, reach] = [(firstKernel - 1) / 2, (kernel - 1) / 2];
  const first = square('input', channels, hiddenSize, firstReach, 'A');
  if (block === 'gated') {
    const layers = Array.from({ length: numLayers + 1 }, (_, layer) =>
      gatedLayer(config, layer === 0 ? channels : hiddenSize, layer, layer === 0 ? firstReach : reach),
    );
    return { block, layers };
  }
  const names = Array.from({ length: numLayers }, (_, layer) => `layers.${layer}`);
  if (block === 'plain') {
    return { block, first, layers: names.map((name) => square(name, hiddenSize, hiddenSize, reach, 'B')) };
  }
  const half = hiddenSize / 2;
  const layers = names.map((name) => ({
    narrow: pointwise(`${name}.narrow`, hiddenSize, half),
    convolution: square(`${name}.convolution`, half, half, reach, 'B'),
    widen: pointwise(`${name}.widen`, half, hiddenSize),
  }));
  return { block, first, layers };
}

function gatedLayer(config: PixelCnnConfig, inputs: number, layer: number, reach: number): GatedLayer {
  const { hiddenSize } = config;
  const name = `layers.${layer}`;
  const open = { mask: 'none', above: 0, left: 0, right: 0 } as const;
  const wide = 2 * hiddenSize;
  return {
    vertical: { ...open, name: `${name}.vertical`, inputs, outputs: wide, above: reach, left: reach, right: reach },
    link: { ...open, name: `${name}.link`, inputs: wide, outputs: wide },
    above: { ...open, name: `${name}.above`, inputs: wide, outputs: wide },
    horizontal: {
      name: `${name}.horizontal`,
      inputs,
      outputs: wide,
      mask: layer === 0 ? 'A' : 'B',
      above: 0,
      left: reach,
      right: 0,
    },
    output: pointwise(`${name}.output`, hiddenSize, hiddenSize),
    lag: lastLag({ ...config, numLayers: layer }),
  };
}

function keepGated(
  layers: readonly GatedLayer[],
  kept: KeptInput[],
  { channels, hiddenSize, width }: PixelCnnConfig,
  keepPoint: (layer: CausalConvolution) => void,
): void {
  let inputLag = 0;
  for (const [index, { vertical, above, horizontal, output, lag }] of layers.entries()) {
    if (index === 0) {
      const values = { state: 'values', part: 0, width: 1, afterStart: true };
      kept.push({ ...values, layer: vertical, lag }, { ...values, layer: horizontal });
    } else {
      const stack = { state: `vertical.${index - 1}`, part: 0, width: hiddenSize, allGroups: true };
      kept.push({ ...stack, layer: vertical, inputLag, lag }, grouped(horizontal, 'features', kept, channels));
    }
    const rows = { state: `above.${index}`, part: 0, width: 2 * hiddenSize, allGroups: true };
    kept.push({ ...rows, layer: above, inputLag: lag, lag: width });
    keepPoint(output);
    inputLag = lag;
  }
}

/** The next part of a state whose rows have the features of their own group. */
function grouped(layer: CausalConvolution, state: string, kept: readonly KeptInput[], channels: number): KeptInput {
  const part = kept.filter((other) => other.state === state).length;
  return { layer, state, part, width: layer.inputs / channels };
}

function layersOf(trunk: Trunk): CausalConvolution[] {
  if (trunk.block === 'plain') return [trunk.first, ...trunk.layers];
  if (trunk.block === 'residual') {
    return [trunk.first, ...trunk.layers.flatMap(({ narrow, convolution, widen }) => [narrow, convolution, widen])];
  }
  return trunk.layers.flatMap(({ vertical, link, horizontal, output }) => [vertical, link, horizontal, output]);
}

function square(name: string, inputs: number, outputs: number, reach: number, mask: 'A' | 'B'): CausalConvolution {
  return { name, inputs, outputs, mask, above: reach, left: reach, right: reach };
}

function pointwise(name: string, inputs: number, outputs: number): CausalConvolution {
  return { name, inputs, outputs, mask: 'B', above: 0, left: 0, right: 0 };
}
