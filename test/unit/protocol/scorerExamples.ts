// An example of every message of the scorer's wire, subject by subject.
import type { FromScorer, ToScorer } from '../../../src/protocol/scorerMessages.ts';

interface Examples {
  toScorer: ToScorer[];
  fromScorer: FromScorer[];
}

const shared: Examples = {
  toScorer: [
    { kind: 'hello', protocolVersion: 1 },
    { kind: 'configure', threads: 2, logLevel: 'info', storagePath: '/storage' },
    { kind: 'describeModel', request: 1, modelPath: '/models/a' },
    { kind: 'cancel', request: 1 },
    { kind: 'shutdown' },
  ],
  fromScorer: [
    { kind: 'ready', protocolVersion: 1, pid: 42 },
    {
      ...{ kind: 'model', request: 1, signal: 'image', architecture: 'pixelCnn', contextLength: 784 },
      ...{ vocabularySize: 257, width: 28, height: 28, channels: 1 },
    },
    {
      ...{ kind: 'model', request: 1, signal: 'text', architecture: 'charRnn', contextLength: null },
      ...{ vocabularySize: 96, width: 0, height: 0, channels: 0 },
    },
    { kind: 'log', level: 'info', text: 'hello' },
    { kind: 'failed', request: 1, cancelled: false, reason: 'choose another' },
  ],
};

export const documentExamples = {
  toScorer: [
    { kind: 'openDocument', document: 1, version: 0, modelPath: '/m', length: 5, text: 'abc' },
    { kind: 'documentPiece', document: 1, text: 'de' },
    { kind: 'changeDocument', document: 1, version: 1, length: 4, edits: [{ start: 1, end: 2, text: '' }] },
    { kind: 'watchDocument', document: 1, version: 1, ranges: [{ start: 0, end: 4 }], part: null },
    { kind: 'watchDocument', document: 1, version: 1, ranges: [], part: { start: 1, end: 2 } },
    { kind: 'closeDocument', document: 1 },
    { kind: 'placeInDocument', request: 1, document: 1, version: 1, offset: 2 },
    { kind: 'continueDocument', request: 2, document: 1, version: 1, start: 2, symbol: 300, maxSymbols: 64 },
  ],
  fromScorer: [
    {
      kind: 'documentSpans',
      document: 1,
      version: 1,
      from: 0,
      to: 4,
      starts: [0, 1],
      lengths: [1, 3],
      bits: [0.5, 12],
    },
    {
      ...{ kind: 'documentSummary', document: 1, version: 1, exactSymbols: 2, symbols: 3, bits: 12.5, bytes: 4 },
      marks: [{ start: 1, end: 4 }],
      unusual: [{ start: 0, end: 4, bitsPerSymbol: 6.2, usual: 2 }],
    },
    { kind: 'reopenDocument', document: 1 },
    { kind: 'documentFailed', document: 1, reason: 'no model' },
    {
      ...{ kind: 'place', request: 1, start: 1, end: 4, bits: 12, rank: 40, vocabularySize: 8192, entropyBits: 3 },
      alternatives: [{ symbol: 5, text: 'x', isText: true, bits: 1 }],
    },
    { kind: 'continued', request: 2, text: ' = 1;' },
  ],
} as const satisfies Examples;

const text: Examples = {
  toScorer: [
    { kind: 'textPart', textId: 'abc', start: 0, length: 5, text: 'let a' },
    { kind: 'scoreText', request: 1, textId: 'abc', modelPath: '/m' },
    { kind: 'compressText', request: 2, textId: 'abc' },
    { kind: 'proveText', request: 3, textId: 'abc', modelPath: '/m' },
  ],
  fromScorer: [
    { kind: 'textProgress', request: 1, done: 1, total: 2 },
    {
      ...{ kind: 'scoredTokens', request: 1, total: 2, first: 0, starts: Int32Array.of(0, 3) },
      ...{ bits: Float32Array.of(1, Infinity), entropy: Float32Array.of(0.5, 2), rank: Int32Array.of(0, 7) },
    },
    { kind: 'scoredText', request: 1, numTokens: 2, bits: 7.25, numBytes: 5, cached: false },
    { kind: 'compressedText', request: 2, numBytes: 5, gzipBytes: 25, brotliBytes: 9 },
    { kind: 'provedText', request: 3, numBytes: 5, compressedBytes: 400, headerBytes: 398, bits: 7.25, same: true },
  ],
};

const roots = [{ path: '/w', excludes: ['**/out/**'] }];
const line = { line: 3, text: 'let a = 1;', bytes: 11, bits: 22.5 };
const added = { bytes: 11, bits: 22.5 };
const removed = { bytes: 0, bits: 0 };
const hunk = {
  ...{ oldStart: 2, oldLines: 0, newStart: 3, newLines: 1, added, removed, numLines: 1 },
  lines: [{ ...line, kind: 'added' as const }],
};

const workspace: Examples = {
  toScorer: [
    { kind: 'scoreFolders', request: 1, modelPath: '/m', roots, order: 'size', maxFileBytes: 2048, maxBytes: 4096 },
    { kind: 'scoreChange', request: 2, modelPath: '/m', path: 'src/a.ts', newFile: '/w/src/a.ts', oldContent: 'YQ==' },
    { kind: 'scoreChange', request: 2, modelPath: '/m', path: 'src/b.ts', newFile: '/w/src/b.ts', oldContent: null },
    { kind: 'scoreSubmission', request: 3, modelPath: '/m', type: 'diff', text: '', path: '', roots, maxTokens: 10 },
  ],
  fromScorer: [
    { kind: 'folderProgress', request: 1, done: 1, total: 2 },
    {
      ...{ kind: 'folderFiles', request: 1 },
      files: [
        {
          ...{ path: 'src/a.ts', absolutePath: '/w/src/a.ts', language: 'TypeScript', sizeBytes: 11, bytes: 11 },
          ...{ bits: 22.5, numSymbols: 6, remembered: false },
        },
      ],
    },
    {
      ...{ kind: 'scoredFolders', request: 1, stoppedBy: null, numUnseen: 0 },
      leftOut: [{ reason: 'minified', numFiles: 1, examples: ['a.min.js'] }],
    },
    { kind: 'scoredChange', request: 2, unscored: '', detail: '', hunks: [hunk], numLeftOut: 0 },
    {
      ...{ kind: 'scoredSubmission', request: 3 },
      parts: [
        {
          ...{
            path: 'src/a.ts',
            problem: '',
            context: 'file',
            added,
            removed,
            numSymbols: 6,
            hunks: [hunk],
            numLines: 1,
          },
          lines: [line],
          tokens: [{ text: 'let', line: 3, bits: 4, rank: 2 }],
          places: [line],
        },
      ],
    },
  ],
};

export const png = 'iVBORw0KGgoAAAANSUhEUg==';

export const imageFacts = {
  format: 'png',
  fileWidth: 640,
  fileHeight: 480,
  fileChannels: 3,
  animated: false,
  deep: true,
  transparent: false,
  width: 28,
  height: 28,
  channels: 1,
  numLevels: 16,
  rule: 'crop',
  picture: png,
  preview: png,
} as const;

export const imagePiece = {
  first: 0,
  levels: [1, 2],
  bits: [0.5, 7.25],
  ranks: [0, 3],
  entropies: [1, 2],
  likeliest: [1, 9],
  likeliestBits: [0.5, 1],
};

const pictured = { modelPath: '/m', file: '/p/a.png' };

const image: Examples = {
  toScorer: [
    { kind: 'scoreImage', request: 1, ...pictured },
    { kind: 'completeImage', request: 2, ...pictured, row: 14, count: 8, temperature: 0.8, seed: 7 },
  ],
  fromScorer: [
    { kind: 'imageRead', request: 1, ...imageFacts },
    { kind: 'imageNumbers', request: 1, ...imagePiece },
    { kind: 'imageScored', request: 1, numValues: 2, bits: 7.75, pngBits: 800 },
    { kind: 'imageCompletion', request: 2, index: 0, png },
    { kind: 'imageCompleted', request: 2 },
  ],
};

const subjects = [shared, documentExamples, text, workspace, image];

export const toScorer: readonly ToScorer[] = subjects.flatMap((subject) => subject.toScorer);
export const fromScorer: readonly FromScorer[] = subjects.flatMap((subject) => subject.fromScorer);
