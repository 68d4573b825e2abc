// The scorer's rows for documents that are edited while their symbols are colored by surprisal. A document is sent whole, in pieces, and
// then followed by edits, each from one version to the next; offsets count UTF-16 units of that version. What is known of the parts that
// are watched is sent as spans, at once and whenever it changes; what holds for the whole as summaries.
import { type JsonObject, type JsonPlace, jsonObject, mismatch } from '../base/json.ts';
import type { TextEdit } from './hostMessages.ts';
import { countOf, listOf, rowsOf, textOf } from './messageTable.ts';

export const documentLimits = {
  /** UTF-16 units of a document. */
  length: 2 * 2 ** 20,
  /** UTF-16 units of what one message carries of it. */
  pieceLength: 128 * 1024,
  documents: 16,
  editsPerChange: 200,
  /** Ranges of a document that are watched. */
  ranges: 32,
  /** Spans of one message. */
  spans: 4096,
  /** Surprising places, and unusual lines, of a document. */
  marks: 200,
  unusualLines: 100,
  alternatives: 10,
  symbolLength: 1000,
  continuationLength: 4096,
  maxSymbols: 256,
  pathLength: 4096,
  reasonLength: 2000,
} as const;

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface UnusualLine extends TextRange {
  readonly bitsPerSymbol: number;
  /** The file's own norm: the median over its lines. */
  readonly usual: number;
}

export const documentScoring = {
  toScorer: {
    /** Replaces what was open under this number. Complete as soon as `length` units of text have come. */
    openDocument: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      modelPath: textOf(m, 'modelPath', documentLimits.pathLength),
      length: m.integer('length', { min: 0, max: documentLimits.length }),
      text: textOf(m, 'text', documentLimits.pieceLength),
    }),
    documentPiece: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      text: textOf(m, 'text', documentLimits.pieceLength),
    }),
    /** From the version before (`version - 1`) to this one; `length` is what the text must have afterwards. */
    changeDocument: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      length: m.integer('length', { min: 0, max: documentLimits.length }),
      edits: readEdits(m),
    }),
    /** What is seen of it, the most urgent first, and the part that the sums are asked of: null for the whole. */
    watchDocument: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      ranges: rowsOf(m, 'ranges', documentLimits.ranges, readRange),
      part: m.nullable('part', (name) => readRange(m.object(name))),
    }),
    closeDocument: (m: JsonObject) => ({ document: countOf(m, 'document') }),
    /** The symbol that holds the offset and what else could have come there; answered by `place`. */
    placeInDocument: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      offset: countOf(m, 'offset'),
    }),
    /** How the model would go on if `symbol` came in place of the one that begins at `start`; answered by `continued`. */
    continueDocument: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      start: countOf(m, 'start'),
      symbol: countOf(m, 'symbol'),
      maxSymbols: m.integer('maxSymbols', { min: 1, max: documentLimits.maxSymbols }),
    }),
  },
  fromScorer: {
    /** All that is known of [from, to), in order: span i is [starts[i], starts[i] + lengths[i]). */
    documentSpans: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      from: countOf(m, 'from'),
      to: countOf(m, 'to'),
      starts: readIntegers(m, 'starts'),
      lengths: readIntegers(m, 'lengths'),
      bits: listOf(m, 'bits', documentLimits.spans, readNumber),
    }),
    documentSummary: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      version: countOf(m, 'version'),
      /** Of the part that was asked for: how much of it holds the long-text rule's numbers. */
      exactSymbols: countOf(m, 'exactSymbols'),
      symbols: countOf(m, 'symbols'),
      /** The sum over what is known; that of `bits` when all symbols are exact. */
      bits: m.number('bits', { min: 0 }),
      /** UTF-8. */
      bytes: countOf(m, 'bytes'),
      /** The most surprising places. */
      marks: rowsOf(m, 'marks', documentLimits.marks, readRange),
      unusual: rowsOf(m, 'unusual', documentLimits.unusualLines, (row) => ({
        ...readRange(row),
        bitsPerSymbol: row.number('bitsPerSymbol', { min: 0 }),
        usual: row.number('usual', { min: 0 }),
      })),
    }),
    /** The mirror has a gap: send it afresh. */
    reopenDocument: (m: JsonObject) => ({ document: countOf(m, 'document') }),
    /** Nothing more comes of it until it is opened anew; why, fit to be shown. */
    documentFailed: (m: JsonObject) => ({
      document: countOf(m, 'document'),
      reason: textOf(m, 'reason', documentLimits.reasonLength),
    }),
    place: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      ...readRange(m),
      bits: m.number('bits', { min: 0 }),
      /** How many symbols are likelier. */
      rank: countOf(m, 'rank'),
      vocabularySize: countOf(m, 'vocabularySize'),
      entropyBits: m.number('entropyBits', { min: 0 }),
      /** The likeliest first. */
      alternatives: rowsOf(m, 'alternatives', documentLimits.alternatives, (row) => ({
        symbol: countOf(row, 'symbol'),
        /** What would stand there; the symbol's name where it is no text of its own. */
        text: textOf(row, 'text', documentLimits.symbolLength),
        isText: row.boolean('isText'),
        bits: row.number('bits', { min: 0 }),
      })),
    }),
    /** Without the line end. */
    continued: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      text: textOf(m, 'text', documentLimits.continuationLength),
    }),
  },
};

function readRange(row: JsonObject): TextRange {
  const start = countOf(row, 'start');
  return { start, end: row.integer('end', { min: start }) };
}

function readIntegers(message: JsonObject, name: string): number[] {
  return listOf(message, name, documentLimits.spans, (item, place) => {
    const value = readNumber(item, place);
    if (!Number.isInteger(value)) throw message.problem(name, 'integers');
    return value;
  });
}

function readNumber(item: unknown, place: JsonPlace): number {
  if (typeof item !== 'number' || !(item >= 0)) throw mismatch(place, 'a number of 0 or more', item);
  return item;
}

function readEdits(message: JsonObject): TextEdit[] {
  return listOf(message, 'edits', documentLimits.editsPerChange, (item, place) => {
    const edit = jsonObject(item, `${place.file}: ${place.path}`);
    const start = countOf(edit, 'start');
    return {
      start,
      end: edit.integer('end', { min: start }),
      text: textOf(edit, 'text', documentLimits.pieceLength),
    };
  });
}
