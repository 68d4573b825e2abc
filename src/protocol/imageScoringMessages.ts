// The scorer's rows for images: bits of each value of a channel, and completions from a row on. An image is named by its file and comes
// back as the model takes it; its numbers come in pieces, in order, before the answer.
import { integerAt, type JsonObject, type JsonPlace, numberAt } from '../base/json.ts';
import { resizeRules } from '../base/pixels.ts';
import { countOf, listOf, pngOf, textOf } from './messageTable.ts';

export const imageLimits = {
  pathLength: 4096,
  /** Of what a model takes. */
  side: 256,
  /** Values of a piece; there are seven lists in it. */
  piece: 2048,
  completions: 16,
  /** Of the picture as it is in the file, made smaller to be shown. */
  previewSide: 320,
  temperature: { min: 0, max: 4 },
  seed: { min: 0, max: 2 ** 32 - 1 },
} as const;

export const imageFormats = ['png', 'jpeg', 'webp', 'gif', 'bmp'] as const;

/** Lists of one length; the numbers of values first, first + 1 and so on, in the order of the model: row after row, red, green, blue. */
export interface ImagePiece {
  readonly first: number;
  /** From 0 to levels - 1. */
  readonly levels: readonly number[];
  readonly bits: readonly number[];
  /** How many levels are likelier. */
  readonly ranks: readonly number[];
  /** The expected bits. */
  readonly entropies: readonly number[];
  /** The level that the model holds likeliest, and its bits. */
  readonly likeliest: readonly number[];
  readonly likeliestBits: readonly number[];
}

/** What was read, and how the model takes it. */
export type ImageFacts = ReturnType<typeof readImageFacts>;

export function readImageFacts(m: JsonObject) {
  const side = { min: 1, max: imageLimits.side };
  return {
    format: m.oneOf('format', imageFormats),
    /** Of the file, in pixels. */
    fileWidth: m.integer('fileWidth', { min: 1 }),
    fileHeight: m.integer('fileHeight', { min: 1 }),
    fileChannels: m.oneOf('fileChannels', [1, 3]),
    animated: m.boolean('animated'),
    deep: m.boolean('deep'),
    transparent: m.boolean('transparent'),
    /** Of the model. */
    width: m.integer('width', side),
    height: m.integer('height', side),
    channels: m.oneOf('channels', [1, 3]),
    numLevels: m.integer('numLevels', { min: 2, max: 256 }),
    rule: m.oneOf('rule', resizeRules),
    /** As the model takes it. */
    picture: pngOf(m, 'picture'),
    /** As it is in the file, no larger than is shown. */
    preview: pngOf(m, 'preview'),
  };
}

export function readImagePiece(m: JsonObject): ImagePiece {
  const levelAt = (item: unknown, place: JsonPlace) => integerAt(item, place, { min: 0, max: 255 });
  const bitsAt = (item: unknown, place: JsonPlace) => numberAt(item, place, { min: 0 });
  const piece = {
    first: m.integer('first', { min: 0, max: 3 * imageLimits.side ** 2 }),
    levels: listOf(m, 'levels', imageLimits.piece, levelAt),
    bits: listOf(m, 'bits', imageLimits.piece, bitsAt),
    ranks: listOf(m, 'ranks', imageLimits.piece, levelAt),
    entropies: listOf(m, 'entropies', imageLimits.piece, bitsAt),
    likeliest: listOf(m, 'likeliest', imageLimits.piece, levelAt),
    likeliestBits: listOf(m, 'likeliestBits', imageLimits.piece, bitsAt),
  };
  for (const name of ['bits', 'ranks', 'entropies', 'likeliest', 'likeliestBits'] as const) {
    if (piece[name].length !== piece.levels.length) {
      throw m.problem(name, `${piece.levels.length} numbers, one for each of the levels`);
    }
  }
  return piece;
}

export const imageScoring = {
  toScorer: {
    /** Answered by `imageScored`; before that one `imageRead` and its `imageNumbers`. */
    scoreImage: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      modelPath: textOf(m, 'modelPath', imageLimits.pathLength),
      file: textOf(m, 'file', imageLimits.pathLength),
    }),
    /** Keeps the rows above `row` and draws the others; answered by `imageCompleted`, before that `imageCompletion`s. */
    completeImage: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      modelPath: textOf(m, 'modelPath', imageLimits.pathLength),
      file: textOf(m, 'file', imageLimits.pathLength),
      row: m.integer('row', { min: 0, max: imageLimits.side }),
      count: m.integer('count', { min: 1, max: imageLimits.completions }),
      temperature: m.number('temperature', imageLimits.temperature),
      seed: m.integer('seed', imageLimits.seed),
    }),
  },
  fromScorer: {
    imageRead: (m: JsonObject) => ({ request: countOf(m, 'request'), ...readImageFacts(m) }),
    imageNumbers: (m: JsonObject) => ({ request: countOf(m, 'request'), ...readImagePiece(m) }),
    imageScored: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      numValues: m.integer('numValues', { min: 1, max: 3 * imageLimits.side ** 2 }),
      bits: m.number('bits', { min: 0 }),
      /** Of the smallest PNG of the same pixels. */
      pngBits: m.number('pngBits', { min: 0 }),
    }),
    /** One of those that are being made, such as it is; it comes again as it grows. */
    imageCompletion: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      index: m.integer('index', { min: 0, max: imageLimits.completions - 1 }),
      png: pngOf(m, 'png'),
    }),
    imageCompleted: (m: JsonObject) => ({ request: countOf(m, 'request') }),
  },
};
