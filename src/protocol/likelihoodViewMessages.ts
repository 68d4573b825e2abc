// The wire between the shell and the likelihood view. Every text and score goes to the page once for each time that the page is made, in
// parts; `view` is a whole and comes at every change. A page is not to be trusted: what it asks is checked, and it names models and
// places by numbers that the shell knows.
import { type JsonObject, jsonObject } from '../base/json.ts';
import { countOf, type MessageOf, readMessage, rowsOf, textOf } from './messageTable.ts';
import { bytesOf, readTokenPiece } from './numberArrays.ts';
import { textScoringLimits } from './textScoringMessages.ts';

export const likelihoodViewLimits = {
  models: 100,
  rows: 110,
  nameLength: 4000,
  noteLength: 4000,
  partBytes: 2 ** 20,
  /** Of one exported file. */
  exportBytes: 512 * 2 ** 20,
} as const;

export const viewStates = ['waiting', 'scoring', 'ready', 'failed'] as const;
export const sides = ['a', 'b'] as const;
export type Side = (typeof sides)[number];
export const exportFormats = ['png', 'svg', 'csv', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];
export const exportSubjects = ['heat-map', 'curves', 'histogram', 'tokens'] as const;
export type ExportSubject = (typeof exportSubjects)[number];
export const showChoices = ['a', 'b', 'difference', 'both', 'all'] as const;
export type ShowChoice = (typeof showChoices)[number];
export const smoothingChoices = [1, 16, 64, 256, 1024] as const;
export type Smoothing = (typeof smoothingChoices)[number];
export const comparisonStates = ['known', 'unknown', 'computing', 'failed'] as const;

const origin = 'message of the likelihood view';
const { nameLength, noteLength } = likelihoodViewLimits;
const size = (m: JsonObject, name: string) => m.nullable(name, (key) => m.number(key));

const toPage = {
  view: (m: JsonObject) => ({
    /** Counts texts that were scored: parts and scores of another one are not for this view. */
    text: countOf(m, 'text'),
    name: textOf(m, 'name', nameLength),
    /** Beside the name, such as its folder; '' for none. */
    place: textOf(m, 'place', nameLength),
    models: rowsOf(m, 'models', likelihoodViewLimits.models, (row) => ({ name: textOf(row, 'name', nameLength) })),
    /** Numbers of models; null: none. */
    a: m.nullable('a', (name) => m.integer(name, { min: 0 })),
    b: m.nullable('b', (name) => m.integer(name, { min: 0 })),
    state: m.oneOf('state', viewStates),
    headline: textOf(m, 'headline', noteLength),
    /** What stands in the way or is to be known, and what to do; '' for nothing. */
    note: textOf(m, 'note', noteLength),
    /** Scoring again would bring something else. */
    stale: m.boolean('stale'),
    progress: size(m, 'progress'),
    /** Of the text, in UTF-16 units and in bytes. */
    length: m.integer('length', { min: 0, max: textScoringLimits.textLength }),
    numBytes: countOf(m, 'numBytes'),
    /** Against what the text was measured. */
    comparisons: rowsOf(m, 'comparisons', likelihoodViewLimits.rows, (row) => ({
      name: textOf(row, 'name', nameLength),
      /** The number of a model; null: a compressor. */
      model: row.nullable('model', (name) => row.integer(name, { min: 0 })),
      state: row.oneOf('state', comparisonStates),
      bits: size(row, 'bits'),
      /** From 0 to 1, or why it failed. */
      progress: size(row, 'progress'),
      reason: textOf(row, 'reason', noteLength),
    })),
    proof: readProof(m.object('proof')),
  }),
  textPart: (m: JsonObject) => ({
    text: countOf(m, 'text'),
    first: m.integer('first', { min: 0 }),
    part: textOf(m, 'part', textScoringLimits.partLength),
  }),
  tokens: (m: JsonObject) => ({
    text: countOf(m, 'text'),
    side: m.oneOf('side', sides),
    /** Of all pieces together. */
    total: m.integer('total', { min: 1, max: textScoringLimits.textLength * 4 }),
    ...readTokenPiece(m),
  }),
  /** What the page remembers over a reload, beside what it chose itself. */
  remember: (m: JsonObject) => ({ remembered: readRemembered(m.object('remembered')) }),
};

const fromPage = {
  ready: () => ({}),
  scoreAgain: () => ({}),
  cancel: () => ({}),
  /** Null: no second model. */
  choose: (m: JsonObject) => ({
    side: m.oneOf('side', sides),
    model: m.nullable('model', (name) => m.integer(name, { min: 0, max: likelihoodViewLimits.models })),
  }),
  goTo: (m: JsonObject) => ({
    from: m.integer('from', { min: 0, max: textScoringLimits.textLength }),
    to: m.integer('to', { min: 0, max: textScoringLimits.textLength }),
  }),
  /** All that are not known yet: null. */
  compare: (m: JsonObject) => ({ model: m.nullable('model', (name) => m.integer(name, { min: 0 })) }),
  cancelComparing: () => ({}),
  prove: () => ({}),
  cancelProof: () => ({}),
  /** A file to be saved, part by part. */
  exportPart: (m: JsonObject) => ({
    subject: m.oneOf('subject', exportSubjects),
    format: m.oneOf('format', exportFormats),
    first: m.boolean('first'),
    last: m.boolean('last'),
    bytes: bytesOf(m, 'bytes', likelihoodViewLimits.partBytes),
  }),
};

function readProof(proof: JsonObject) {
  const read = {
    state: proof.oneOf('state', ['none', 'running', 'done', 'failed']),
    progress: size(proof, 'progress'),
    text: textOf(proof, 'text', noteLength),
  };
  proof.rejectUnknownKeys();
  return read;
}

/** What a view is, over reloads: which document and which models. */
export interface Remembered {
  readonly document: string;
  readonly a: string;
  /** '' for none. */
  readonly b: string;
}

function readRemembered(value: JsonObject): Remembered {
  const read = {
    document: textOf(value, 'document', nameLength),
    a: textOf(value, 'a', nameLength),
    b: textOf(value, 'b', nameLength),
  };
  value.rejectUnknownKeys();
  return read;
}

/** What the page keeps for itself. */
export interface PageOptions {
  readonly show: ShowChoice;
  readonly smoothing: Smoothing;
  /** The first line that is seen, and the token that has the cursor. */
  readonly line: number;
  readonly token: number;
}

export const firstOptions: PageOptions = { show: 'a', smoothing: 64, line: 0, token: 0 };

/** What a reload brought back; what is wrong with it is no reason not to open: it begins anew. */
export function readKept(value: unknown): { remembered: Remembered | undefined; options: PageOptions } {
  try {
    const kept = jsonObject(value, 'state of the likelihood view');
    const options = kept.object('options');
    return {
      remembered: readRemembered(kept.object('remembered')),
      options: {
        show: options.oneOf('show', showChoices),
        smoothing: options.oneOf('smoothing', smoothingChoices),
        line: options.integer('line', { min: 0 }),
        token: options.integer('token', { min: 0 }),
      },
    };
  } catch {
    return { remembered: undefined, options: firstOptions };
  }
}

export type ToLikelihoodView = MessageOf<typeof toPage>;
export type FromLikelihoodView = MessageOf<typeof fromPage>;
export type LikelihoodViewMessage = Extract<ToLikelihoodView, { kind: 'view' }>;
export type TokensMessage = Extract<ToLikelihoodView, { kind: 'tokens' }>;
export type Comparison = LikelihoodViewMessage['comparisons'][number];
export type ProofView = LikelihoodViewMessage['proof'];

/** Each throws a UserError that names the field, when the value is no message of that wire. */
export const readToLikelihoodView = (value: unknown) => readMessage(toPage, value, origin);
export const readFromLikelihoodView = (value: unknown) => readMessage(fromPage, value, origin);

export const likelihoodViewMessageNames = { toPage: Object.keys(toPage), fromPage: Object.keys(fromPage) };
