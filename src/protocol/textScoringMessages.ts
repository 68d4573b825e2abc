// The scorer's rows for whole texts: what the likelihood view shows. A text is sent ahead in parts, under the hash of its content, and then
// asked about; what a model makes of it comes back in pieces, token by token.
import type { JsonObject } from '../base/json.ts';
import { countOf, textOf } from './messageTable.ts';
import { readTokenPiece } from './numberArrays.ts';

export const textScoringLimits = {
  /** UTF-16 units of a text: of 4 MB of ASCII. */
  textLength: 4 * 2 ** 20,
  partLength: 2 ** 16,
  idLength: 64,
  pathLength: 4096,
} as const;

const { textLength, partLength, idLength, pathLength } = textScoringLimits;

const question = (m: JsonObject) => ({ request: countOf(m, 'request'), textId: textOf(m, 'textId', idLength) });
const modelQuestion = (m: JsonObject) => ({ ...question(m), modelPath: textOf(m, 'modelPath', pathLength) });
const progress = (m: JsonObject) => ({
  request: countOf(m, 'request'),
  done: countOf(m, 'done'),
  total: countOf(m, 'total'),
});

export const textScoring = {
  toScorer: {
    /** Where in the text it begins, and how long all of it is. In order, and as often as one likes. Only the last few texts are kept. */
    textPart: (m: JsonObject) => ({
      textId: textOf(m, 'textId', idLength),
      start: m.integer('start', { min: 0, max: textLength }),
      length: m.integer('length', { min: 0, max: textLength }),
      text: textOf(m, 'text', partLength),
    }),
    /** Answered by `scoredText`; before it come `scoredTokens` in order, and `textProgress`. */
    scoreText: modelQuestion,
    /** What common compressors take; answered by `compressedText`. */
    compressText: question,
    /** There and back through arithmetic coding; answered by `provedText`. */
    proveText: modelQuestion,
  },
  fromScorer: {
    textProgress: progress,
    scoredTokens: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      /** Of all pieces together. */
      total: m.integer('total', { min: 1 }),
      ...readTokenPiece(m),
    }),
    scoredText: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      numTokens: countOf(m, 'numTokens'),
      /** The sum over all tokens, added up in double precision. */
      bits: m.number('bits'),
      numBytes: countOf(m, 'numBytes'),
      /** It was remembered. */
      cached: m.boolean('cached'),
    }),
    compressedText: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      numBytes: countOf(m, 'numBytes'),
      gzipBytes: countOf(m, 'gzipBytes'),
      brotliBytes: countOf(m, 'brotliBytes'),
    }),
    provedText: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      numBytes: countOf(m, 'numBytes'),
      /** Of the whole compressed file, and of its header. */
      compressedBytes: countOf(m, 'compressedBytes'),
      headerBytes: countOf(m, 'headerBytes'),
      bits: m.number('bits'),
      /** It came back byte for byte. */
      same: m.boolean('same'),
    }),
  },
};
