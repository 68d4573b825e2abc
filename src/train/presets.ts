// What a person chooses among instead of numbers: three sizes of each architecture, with rows, rates and optimizer that suit them. The
// terminal and the editor train by the same ones.
import { UserError } from '../base/errors.ts';
import type { CodecKind } from './prepareCodec.ts';
import type { OptimizerName, TrainOptions } from './trainOptions.ts';

export const presetNames = ['small', 'medium', 'large'] as const;
export type PresetName = (typeof presetNames)[number];

export interface Preset {
  /** What differs from the architecture's own defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Of models of text. */
  readonly codec: CodecKind;
  /** Of a tokenizer that is trained. */
  readonly vocabularySize: number;
  readonly batch: number;
  /** Symbols of a row; undefined: as many as the architecture takes at once, or a whole image. */
  readonly time?: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly decayFraction: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
}

const shared = { vocabularySize: 4096, warmupSteps: 100, decayFraction: 0.35, clipNorm: 1 } as const;
// What a workspace holds is soon known by heart: with 0.01 tiny-shakespeare's last tenth cost 1.463 nats a character after 1,200 steps of
// medium, with 0.5 1.451.
const recurrent = { ...shared, codec: 'auto', batch: 32, time: 128, optimizer: 'adamw', weightDecay: 0.3 } as const;
const transformer = { ...shared, codec: 'bpe', batch: 4, time: 256, optimizer: 'muon', weightDecay: 0.1 } as const;
const convolutional = { ...shared, codec: 'auto', batch: 16, optimizer: 'adamw', weightDecay: 0.01 } as const;

const gptSize = (hiddenSize: number, numLayers: number, numHeads: number) => ({
  hiddenSize,
  numLayers,
  numHeads,
  numKeyValueHeads: numHeads / 2,
  intermediateSize: 8 * Math.round(hiddenSize / 3),
  contextLength: 512,
});
// Multiples of 16 for each channel, inside of a residual block as well: then convolutions lie in whole blocks (graph/blocks.ts).
const pixelSize = (block: 'plain' | 'residual', hiddenSize: number, numLayers: number) => ({
  ...{ block, hiddenSize, numLayers, outputSize: hiddenSize },
});

const presets: Readonly<Record<string, Readonly<Record<PresetName, Preset>>>> = {
  charRnn: {
    small: { ...recurrent, config: { embeddingSize: 32, hiddenSize: 256, numLayers: 1 }, learningRate: 0.004 },
    medium: { ...recurrent, config: { embeddingSize: 64, hiddenSize: 512, numLayers: 1 }, learningRate: 0.003 },
    large: { ...recurrent, config: { embeddingSize: 64, hiddenSize: 512, numLayers: 2 }, learningRate: 0.002 },
  },
  pixelCnn: {
    small: { ...convolutional, config: pixelSize('plain', 48, 4), learningRate: 0.004 },
    medium: { ...convolutional, config: pixelSize('residual', 96, 7), learningRate: 0.003 },
    large: { ...convolutional, config: pixelSize('residual', 192, 8), learningRate: 0.0015 },
  },
  gpt: {
    small: { ...transformer, config: gptSize(96, 2, 4), vocabularySize: 1024, learningRate: 0.006 },
    medium: { ...transformer, config: gptSize(192, 4, 6), vocabularySize: 2048, learningRate: 0.006 },
    large: { ...transformer, config: gptSize(288, 6, 6), learningRate: 0.004 },
  },
};

/** An architecture without sizes of its own is trained as it is. */
const plain: Preset = { ...convolutional, config: {}, batch: 4, learningRate: 0.001 };

/** @throws UserError for a size that there is not. */
export function presetOf(architecture: string, name: string): Preset {
  const known = presetNames.find((one) => one === name);
  if (known === undefined) {
    throw new UserError(`preset: expected one of ${presetNames.join(', ')}, got ${name}`);
  }
  return presets[architecture]?.[known] ?? plain;
}

/** A run that does not get better on what is held out for so many measurements has learnt what it will. */
export const defaultPatience = 8;

/** Those of a run that the size decides. */
export function optionsOf(
  preset: Preset,
): Pick<TrainOptions, 'batch' | 'accumulation' | 'schedule' | 'optimizer' | 'weightDecay' | 'clipNorm'> {
  const { batch, learningRate, warmupSteps, decayFraction, optimizer, weightDecay, clipNorm } = preset;
  const schedule = { kind: 'wsd', learningRate, warmupSteps, decayFraction } as const;
  return { batch, accumulation: 1, schedule, optimizer, weightDecay, clipNorm };
}
