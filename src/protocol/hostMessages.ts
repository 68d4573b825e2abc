// The wire between the shell (in the extension host) and a forked engine process. One row per message: its name and the
// reader that checks it where it enters, on both sides; the types follow from the rows. Every text and list is bounded.
// Offsets count UTF-16 units in the mirrored text, which may be a window of a larger document.

import { type JsonObject, jsonObject } from '../base/json.ts';
import { weightsChoices } from '../base/weightsChoice.ts';
import { countOf as count, listOf, type MessageOf, readMessage, rowsOf, textOf as text } from './messageTable.ts';

export const protocolVersion = 1;

/** What a forked process may be; its first argument. */
export type HostRole = 'engine';

export const limits = {
  /** UTF-16 units of one mirrored document. */
  documentLength: 512 * 1024,
  editsPerChange: 200,
  pathLength: 1024,
  languageIdLength: 128,
  logTextLength: 4096,
  reasonLength: 2000,
  suggestionLength: 16 * 1024,
  suggestions: 3,
  maxSymbols: 1024,
  deadlineMs: 60_000,
  explainedSymbols: 1025,
  explainedAlternatives: 10,
  symbolTextLength: 1024,
  threads: 64,
  tabSize: 100,
} as const;

export const logLevels = ['trace', 'debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Whether a completion may go on after its first line: where a block begins, never, or wherever the model does. */
export const multilineChoices = ['auto', 'never', 'always'] as const;
export type Multiline = (typeof multilineChoices)[number];

export const symbolKinds = ['text', 'bytes', 'special'] as const;

export const engineStates = ['loading', 'ready', 'failed'] as const;

/** Replaces [start, end) of the text as the edits before it in the list left it. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const toHost = {
  /** First of all; answered by `ready`. */
  hello: (m: JsonObject) => ({ protocolVersion: count(m, 'protocolVersion') }),
  /** Loads the model when it is another one than before; answered by `status`. */
  configure: (m: JsonObject) => ({
    modelPath: text(m, 'modelPath', limits.pathLength * 4),
    /** 0: the engine measures which number is best. */
    threads: m.integer('threads', { min: 0, max: limits.threads }),
    /** The folder in which it may remember that; '' for none. */
    storagePath: text(m, 'storagePath', limits.pathLength * 4),
    weights: m.oneOf('weights', weightsChoices),
    logLevel: m.oneOf('logLevel', logLevels),
    /** Whether to compute what nobody has asked for yet, while nobody asks. */
    workAhead: m.boolean('workAhead'),
  }),
  /** The whole text, or a window of it around the cursor. Replaces what was open under this number. */
  open: (m: JsonObject) => ({
    document: count(m, 'document'),
    version: count(m, 'version'),
    languageId: text(m, 'languageId', limits.languageIdLength),
    path: text(m, 'path', limits.pathLength),
    text: text(m, 'text', limits.documentLength),
  }),
  /** From the version before (`version - 1`) to this one; `length` is what the text must have afterwards. */
  change: (m: JsonObject) => ({
    document: count(m, 'document'),
    version: count(m, 'version'),
    length: count(m, 'length'),
    edits: readEdits(m),
  }),
  close: (m: JsonObject) => ({ document: count(m, 'document') }),
  /** Answered exactly once by `suggestion`, `nothing` or `failed`. A newer request for the same document supersedes it. */
  complete: (m: JsonObject) => ({
    ...readQuestion(m),
    maxSuggestions: m.integer('maxSuggestions', { min: 1, max: limits.suggestions }),
  }),
  /**
   * About the suggestion that this place was answered with, of which that text is shown. Answered exactly once by `explanation`, `nothing`
   * or `failed`; any `complete` ends it, and so does a newer one.
   */
  explain: (m: JsonObject) => ({ ...readQuestion(m), shown: text(m, 'shown', limits.suggestionLength) }),
  /**
   * The cursor is there and nobody asks: lead the model there in idle time, so that the first keystroke is answered as fast as the
   * next ones. Never answered; the newest counts.
   */
  prepare: (m: JsonObject) => ({
    document: count(m, 'document'),
    version: count(m, 'version'),
    offset: count(m, 'offset'),
    maxSymbols: m.integer('maxSymbols', { min: 1, max: limits.maxSymbols }),
  }),
  cancel: (m: JsonObject) => ({ request: count(m, 'request') }),
  reportMemory: () => ({}),
  /** The process ends by itself; the shell kills it when it does not. */
  shutdown: () => ({}),
};

const toShell = {
  ready: (m: JsonObject) => ({ protocolVersion: count(m, 'protocolVersion'), pid: count(m, 'pid') }),
  /** `detail` names the model when ready, and the reason, fit to be shown, when failed. */
  status: (m: JsonObject) => ({
    state: m.oneOf('state', engineStates),
    detail: text(m, 'detail', limits.reasonLength),
  }),
  /** The mirror has a gap: send `open` before the next request. */
  reopen: (m: JsonObject) => ({ document: count(m, 'document') }),
  /** Distinct texts, the best first, that continue at the offset (after the replacement, which is not repeated). */
  suggestion: (m: JsonObject) => ({
    request: count(m, 'request'),
    texts: readTexts(m),
    numSymbols: count(m, 'numSymbols'),
    elapsedMs: m.number('elapsedMs', { min: 0 }),
  }),
  /** Logarithms are natural; the symbols that are shown come first, behind them those that ended the suggestion. */
  explanation: (m: JsonObject) => ({
    request: count(m, 'request'),
    numPromptSymbols: count(m, 'numPromptSymbols'),
    layout: m.oneOf('layout', ['document', 'infill']),
    typed: text(m, 'typed', limits.symbolTextLength),
    logProbNats: m.number('logProbNats', { max: 1 }),
    symbols: rowsOf(m, 'symbols', limits.explainedSymbols, readExplained),
  }),
  nothing: (m: JsonObject) => ({ request: count(m, 'request'), reason: text(m, 'reason', limits.reasonLength) }),
  failed: (m: JsonObject) => ({ request: count(m, 'request'), reason: text(m, 'reason', limits.reasonLength) }),
  log: (m: JsonObject) => ({ level: m.oneOf('level', logLevels), text: text(m, 'text', limits.logTextLength) }),
  memory: (m: JsonObject) => ({
    residentBytes: count(m, 'residentBytes'),
    heapBytes: count(m, 'heapBytes'),
    numDocuments: count(m, 'numDocuments'),
    documentLength: count(m, 'documentLength'),
  }),
};

/** What the shell sends. */
export type ToHost = MessageOf<typeof toHost>;
/** What the engine process sends. */
export type ToShell = MessageOf<typeof toShell>;

export type CompleteMessage = Extract<ToHost, { kind: 'complete' }>;
export type ConfigureMessage = Extract<ToHost, { kind: 'configure' }>;
export type OpenMessage = Extract<ToHost, { kind: 'open' }>;
export type ChangeMessage = Extract<ToHost, { kind: 'change' }>;
export type PrepareMessage = Extract<ToHost, { kind: 'prepare' }>;
export type StatusMessage = Extract<ToShell, { kind: 'status' }>;
export type ExplainMessage = Extract<ToHost, { kind: 'explain' }>;
export type ExplanationMessage = Extract<ToShell, { kind: 'explanation' }>;
export type SuggestionMessage = Extract<ToShell, { kind: 'suggestion' }>;
export type MemoryMessage = Extract<ToShell, { kind: 'memory' }>;

/** @throws UserError naming the field, when the value is no message that a host may receive. */
export function readToHost(value: unknown): ToHost {
  return readMessage(toHost, value, 'message to the host');
}

/** @throws UserError naming the field, when the value is no message that the shell may receive. */
export function readToShell(value: unknown): ToShell {
  return readMessage(toShell, value, 'message to the shell');
}

/** Cuts a text to what a message may carry, so that no message is refused for its length. */
export function bounded(value: string, maxLength: number): string {
  return value.length <= maxLength ? value : value.slice(0, maxLength);
}

export const messageNames = { toHost: Object.keys(toHost), toShell: Object.keys(toShell) };

function readEdits(message: JsonObject): TextEdit[] {
  return listOf(message, 'edits', limits.editsPerChange, (item, place) => {
    const edit = jsonObject(item, `${place.file}: ${place.path}`);
    const start = count(edit, 'start');
    return { start, end: edit.integer('end', { min: start }), text: text(edit, 'text', limits.documentLength) };
  });
}

/** A place in a version of a document, and what is asked there. */
function readQuestion(m: JsonObject) {
  return {
    request: count(m, 'request'),
    document: count(m, 'document'),
    version: count(m, 'version'),
    offset: count(m, 'offset'),
    /** As if [offset - replaceLength, offset) were `replacement`: the item selected in the suggest widget. */
    replaceLength: count(m, 'replaceLength'),
    replacement: text(m, 'replacement', limits.suggestionLength),
    multiline: m.oneOf('multiline', multilineChoices),
    maxSymbols: m.integer('maxSymbols', { min: 1, max: limits.maxSymbols }),
    /** How the editor indents this document. */
    insertSpaces: m.boolean('insertSpaces'),
    tabSize: m.integer('tabSize', { min: 1, max: limits.tabSize }),
    deadlineMs: m.integer('deadlineMs', { min: 1, max: limits.deadlineMs }),
  };
}

/** A symbol of a suggestion, and what else could have come. */
export function readExplained(row: JsonObject) {
  return {
    ...readSymbol(row),
    isShown: row.boolean('isShown'),
    /** The first characters of its text, typed already. */
    numTyped: count(row, 'numTyped'),
    /** How many symbols could have come: all, or those that begin with what was typed. */
    numPossible: count(row, 'numPossible'),
    /** Of its probability, from 0 to 1: from where it stood before in the text. */
    copiedShare: row.number('copiedShare', { min: 0, max: 1 }),
    rank: row.integer('rank', { min: 1 }),
    alternatives: rowsOf(row, 'alternatives', limits.explainedAlternatives, readSymbol),
  };
}

/** Bytes that are no characters are told as `E6 97`, a special symbol by its name. */
function readSymbol(row: JsonObject) {
  return {
    kind: row.oneOf('kind', symbolKinds),
    text: text(row, 'text', limits.symbolTextLength),
    /** Rounding may bring what is certain a little above 0. */
    logProb: row.number('logProb', { max: 1e-3 }),
  };
}

function readTexts(message: JsonObject): string[] {
  const { suggestions, suggestionLength } = limits;
  const texts = message.strings('texts');
  const fits = texts.length > 0 && texts.length <= suggestions && texts.every((one) => one.length <= suggestionLength);
  if (!fits) throw message.problem('texts', `1 to ${suggestions} texts of at most ${suggestionLength} characters`);
  return texts;
}
