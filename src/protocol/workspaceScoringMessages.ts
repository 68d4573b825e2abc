// The scorer's rows for folders, changes and what an agent hands in: bits of files as they are read, a changed file hunk by hunk, a text or a
// unified diff.
import { type JsonObject, objectAt } from '../base/json.ts';
import { countOf, listOf, rowsOf, textOf, textsOf } from './messageTable.ts';
import type { SourceRoot } from './trainerMessages.ts';

export const workspaceLimits = {
  pathLength: 4096,
  nameLength: 200,
  roots: 100,
  excludes: 1000,
  /** Files of a run, and of one message. */
  files: 20_000,
  filesAtOnce: 256,
  fileBytes: { min: 1024, max: 2 ** 20 },
  totalBytes: { min: 1024, max: 2 ** 30 },
  rows: 64,
  examples: 5,
  reasonLength: 2000,
  /** Of one side of a changed file. */
  changedBytes: 2 ** 20,
  hunks: 2000,
  /** Of a hunk that are told with their text, and how much of each. */
  shownLines: 40,
  lineLength: 400,
  /** UTF-16 units of what an agent hands in. */
  submittedLength: 2 ** 18,
  submittedFiles: 50,
  tokens: 2000,
  tokenLength: 200,
  submittedLines: 500,
  places: 20,
} as const;

export const scoringOrders = ['size', 'path'] as const;
export type ScoringOrder = (typeof scoringOrders)[number];

/** What keeps a changed file from being scored; '' when nothing does. */
export const unscoredReasons = [
  '',
  'binary',
  'secret',
  'generated',
  'minified',
  'tooLarge',
  'unreadable',
  'vanished',
  'lineEnds',
  'notAFile',
] as const;
export type UnscoredReason = (typeof unscoredReasons)[number];

/** How much of a file the hunks of a diff were given. */
export const diffContexts = ['file', 'applied', 'notYetApplied', 'alone'] as const;

export const workspaceScoring = {
  toScorer: {
    /** Answered by `scoredFolders`; `folderProgress` and `folderFiles` are news. */
    scoreFolders: (m: JsonObject) => ({
      ...asked(m),
      roots: rootsOf(m),
      order: m.oneOf('order', scoringOrders),
      maxFileBytes: m.integer('maxFileBytes', workspaceLimits.fileBytes),
      maxBytes: m.integer('maxBytes', workspaceLimits.totalBytes),
    }),
    /** One changed file; answered by `scoredChange`. */
    scoreChange: (m: JsonObject) => ({
      ...asked(m),
      /** For the rules of what is not read; with forward slashes. */
      path: path(m, 'path'),
      /** Where the new one lies; '' when it is gone. */
      newFile: path(m, 'newFile'),
      /** The old one in base64; null when there was none. */
      oldContent: m.nullable('oldContent', (name) =>
        textOf(m, name, 4 * Math.ceil(workspaceLimits.changedBytes / 3) + 4),
      ),
    }),
    /** What an agent hands in; answered by `scoredSubmission`. */
    scoreSubmission: (m: JsonObject) => ({
      ...asked(m),
      type: m.oneOf('type', ['text', 'file', 'diff']),
      /** The text or the diff; '' for a file. */
      text: textOf(m, 'text', workspaceLimits.submittedLength),
      /** Of the file, or of what the text is; '' when it was not said. */
      path: path(m, 'path'),
      /** What may be read beside it. */
      roots: rootsOf(m),
      maxTokens: m.integer('maxTokens', { min: 0, max: workspaceLimits.tokens }),
    }),
  },
  fromScorer: {
    folderProgress: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      done: countOf(m, 'done'),
      total: countOf(m, 'total'),
    }),
    folderFiles: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      files: rowsOf(m, 'files', workspaceLimits.filesAtOnce, (row) => ({
        ...readFileScore(row),
        absolutePath: path(row, 'absolutePath'),
        /** Known from before. */
        remembered: row.boolean('remembered'),
      })),
    }),
    scoredFolders: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      leftOut: rowsOf(m, 'leftOut', workspaceLimits.rows, (row) => ({
        reason: textOf(row, 'reason', workspaceLimits.nameLength),
        numFiles: countOf(row, 'numFiles'),
        examples: textsOf(row, 'examples', workspaceLimits.examples, workspaceLimits.pathLength),
      })),
      stoppedBy: m.nullable('stoppedBy', (name) => m.oneOf(name, ['maxFiles', 'maxBytes'])),
      numUnseen: countOf(m, 'numUnseen'),
    }),
    scoredChange: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      unscored: m.oneOf('unscored', unscoredReasons),
      detail: textOf(m, 'detail', workspaceLimits.reasonLength),
      hunks: rowsOf(m, 'hunks', workspaceLimits.hunks, readHunkScore),
      /** Hunks beyond the bound. */
      numLeftOut: countOf(m, 'numLeftOut'),
    }),
    scoredSubmission: (m: JsonObject) => ({
      request: countOf(m, 'request'),
      parts: rowsOf(m, 'parts', workspaceLimits.submittedFiles, (row) => ({
        path: path(row, 'path'),
        /** Why it was not scored; ''. */
        problem: textOf(row, 'problem', workspaceLimits.reasonLength),
        context: row.oneOf('context', diffContexts),
        /** Of a text or a file all of it; of a diff what it adds. */
        added: readPart(row, 'added'),
        removed: readPart(row, 'removed'),
        numSymbols: countOf(row, 'numSymbols'),
        hunks: rowsOf(row, 'hunks', workspaceLimits.hunks, readHunkScore),
        lines: rowsOf(row, 'lines', workspaceLimits.submittedLines, readLineScore),
        numLines: countOf(row, 'numLines'),
        tokens: rowsOf(row, 'tokens', workspaceLimits.tokens, (token) => ({
          text: textOf(token, 'text', workspaceLimits.tokenLength),
          line: countOf(token, 'line'),
          bits: token.number('bits', { min: 0 }),
          /** 1: the likeliest. */
          rank: token.integer('rank', { min: 1 }),
        })),
        places: rowsOf(row, 'places', workspaceLimits.places, readLineScore),
      })),
    }),
  },
};

/** A file and what it takes. */
export function readFileScore(row: JsonObject) {
  return {
    path: path(row, 'path'),
    language: textOf(row, 'language', workspaceLimits.nameLength),
    sizeBytes: countOf(row, 'sizeBytes'),
    bytes: countOf(row, 'bytes'),
    bits: row.number('bits', { min: 0 }),
    numSymbols: countOf(row, 'numSymbols'),
  };
}

export type PartScore = ReturnType<typeof readPart>;
export type HunkScore = ReturnType<typeof readHunkScore>;
export type LineScore = ReturnType<typeof readLineScore>;

export function readHunkScore(row: JsonObject) {
  return {
    oldStart: countOf(row, 'oldStart'),
    oldLines: countOf(row, 'oldLines'),
    newStart: countOf(row, 'newStart'),
    newLines: countOf(row, 'newLines'),
    added: readPart(row, 'added'),
    removed: readPart(row, 'removed'),
    /** The first of them. */
    lines: rowsOf(row, 'lines', workspaceLimits.shownLines, (line) => ({
      ...readLineScore(line),
      kind: line.oneOf('kind', ['added', 'removed']),
    })),
    /** Of all its changed lines. */
    numLines: countOf(row, 'numLines'),
  };
}

export function readLineScore(row: JsonObject) {
  return {
    /** From 1. */
    line: row.integer('line', { min: 1 }),
    /** Its beginning, without its end. */
    text: textOf(row, 'text', workspaceLimits.lineLength),
    bytes: countOf(row, 'bytes'),
    bits: row.number('bits', { min: 0 }),
  };
}

function readPart(row: JsonObject, name: string) {
  const part = row.object(name);
  const value = { bytes: countOf(part, 'bytes'), bits: part.number('bits', { min: 0 }) };
  part.rejectUnknownKeys();
  return value;
}

function asked(m: JsonObject) {
  return { request: countOf(m, 'request'), modelPath: path(m, 'modelPath') };
}

function rootsOf(m: JsonObject): SourceRoot[] {
  return listOf(m, 'roots', workspaceLimits.roots, (item, place) => {
    const root = objectAt(item, place);
    const value = {
      path: path(root, 'path'),
      excludes: textsOf(root, 'excludes', workspaceLimits.excludes, workspaceLimits.pathLength),
    };
    root.rejectUnknownKeys();
    return value;
  });
}

function path(m: JsonObject, name: string): string {
  return textOf(m, name, workspaceLimits.pathLength);
}
