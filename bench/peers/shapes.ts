// The shapes that are measured: three with random parameters (9, 29 and 110 million), and the model that is shipped.
import type { GptConfig } from '../../src/models/gpt.ts';

const common = { contextLength: 2304, rotaryBase: 10000, normEpsilon: 1e-5 };

export const randomShapes = {
  a: {
    ...common,
    vocabularySize: 4096,
    hiddenSize: 320,
    numLayers: 6,
    numHeads: 5,
    numKeyValueHeads: 5,
    intermediateSize: 864,
  },
  b: {
    ...common,
    vocabularySize: 8192,
    hiddenSize: 512,
    numLayers: 8,
    numHeads: 8,
    numKeyValueHeads: 8,
    intermediateSize: 1376,
  },
  c: {
    ...common,
    vocabularySize: 32000,
    hiddenSize: 768,
    numLayers: 12,
    numHeads: 12,
    numKeyValueHeads: 12,
    intermediateSize: 2048,
  },
} satisfies Record<string, GptConfig>;

export const shapeNames = ['a', 'b', 'c', 'default'] as const;
export type ShapeName = (typeof shapeNames)[number];
