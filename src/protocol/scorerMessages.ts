// The wire between the shell and one more role of the forked process: the scorer, which tells how likely texts and images are under models.
// What all of its questions share is here; the rows of each subject lie in a file of its own. A question is answered exactly once, by
// `scored...` of its subject or by `failed`; news of it may come before.
import type { JsonObject } from '../base/json.ts';
import { documentScoring } from './documentScoringMessages.ts';
import { logLevels } from './hostMessages.ts';
import { imageScoring } from './imageScoringMessages.ts';
import { countOf, type MessageOf, readMessage, textOf } from './messageTable.ts';
import { textScoring } from './textScoringMessages.ts';
import { workspaceScoring } from './workspaceScoringMessages.ts';

export const scorerProtocolVersion = 1;

export type ScorerRole = 'scorer';

export const scorerLimits = { pathLength: 4096, nameLength: 200, reasonLength: 2000, threads: 64 } as const;

const toScorer = {
  /** First of all; answered by `ready`. */
  hello: (m: JsonObject) => ({ protocolVersion: countOf(m, 'protocolVersion') }),
  /** Models are loaded with so many threads. */
  configure: (m: JsonObject) => ({
    threads: m.integer('threads', { min: 1, max: scorerLimits.threads }),
    logLevel: m.oneOf('logLevel', logLevels),
    /** The folder in which results may be remembered; '' for none. */
    storagePath: textOf(m, 'storagePath', scorerLimits.pathLength),
  }),
  /** What a folder holds; answered by `model`. */
  describeModel: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    modelPath: textOf(m, 'modelPath', scorerLimits.pathLength),
  }),
  cancel: (m: JsonObject) => ({ request: countOf(m, 'request') }),
  /** The process ends by itself; the shell kills it when it does not. */
  shutdown: () => ({}),
  ...documentScoring.toScorer,
  ...textScoring.toScorer,
  ...workspaceScoring.toScorer,
  ...imageScoring.toScorer,
};

const fromScorer = {
  ready: (m: JsonObject) => ({ protocolVersion: countOf(m, 'protocolVersion'), pid: countOf(m, 'pid') }),
  model: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    signal: m.oneOf('signal', ['text', 'image']),
    architecture: textOf(m, 'architecture', scorerLimits.nameLength),
    /** Symbols; null: no bound. */
    contextLength: m.nullable('contextLength', (name) => m.integer(name, { min: 1 })),
    vocabularySize: countOf(m, 'vocabularySize'),
    /** Of images, in pixels; 0 for text. */
    width: countOf(m, 'width'),
    height: countOf(m, 'height'),
    channels: countOf(m, 'channels'),
  }),
  log: (m: JsonObject) => ({ level: m.oneOf('level', logLevels), text: textOf(m, 'text', 4096) }),
  /** A question came to nothing, and why, fit to be shown; cancelled ones are answered by it, too. */
  failed: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    cancelled: m.boolean('cancelled'),
    reason: textOf(m, 'reason', scorerLimits.reasonLength),
  }),
  ...documentScoring.fromScorer,
  ...textScoring.fromScorer,
  ...workspaceScoring.fromScorer,
  ...imageScoring.fromScorer,
};

export type ToScorer = MessageOf<typeof toScorer>;
export type FromScorer = MessageOf<typeof fromScorer>;

/** @throws UserError naming the field, when the value is no message that the scorer may receive. */
export function readToScorer(value: unknown): ToScorer {
  return readMessage(toScorer, value, 'message to the scorer');
}

/** @throws UserError naming the field, when the value is no message that the shell may receive. */
export function readFromScorer(value: unknown): FromScorer {
  return readMessage(fromScorer, value, 'message of the scorer');
}

export const scorerMessageNames = { toScorer: Object.keys(toScorer), fromScorer: Object.keys(fromScorer) };
