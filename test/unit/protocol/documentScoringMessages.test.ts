// The rows for documents that are edited while they are scored: an example of each crosses the wire unchanged, and what does not fit is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { UserError } from '../../../src/base/errors.ts';
import { documentLimits, documentScoring } from '../../../src/protocol/documentScoringMessages.ts';
import { type FromScorer, readFromScorer, readToScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';

const toScorer: ToScorer[] = [
  { kind: 'openDocument', document: 1, version: 0, modelPath: '/m', length: 5, text: 'abc' },
  { kind: 'documentPiece', document: 1, text: 'de' },
  { kind: 'changeDocument', document: 1, version: 1, length: 4, edits: [{ start: 1, end: 2, text: '' }] },
  { kind: 'watchDocument', document: 1, version: 1, ranges: [{ start: 0, end: 4 }], part: null },
  { kind: 'watchDocument', document: 1, version: 1, ranges: [], part: { start: 1, end: 2 } },
  { kind: 'closeDocument', document: 1 },
  { kind: 'placeInDocument', request: 1, document: 1, version: 1, offset: 2 },
  { kind: 'continueDocument', request: 2, document: 1, version: 1, start: 2, symbol: 300, maxSymbols: 64 },
];
const fromScorer: FromScorer[] = [
  { kind: 'documentSpans', document: 1, version: 1, from: 0, to: 4, starts: [0, 1], lengths: [1, 3], bits: [0.5, 12] },
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
];

test('every row has an example, which crosses the wire unchanged', () => {
  const names = (messages: readonly { kind: string }[]) => [...new Set(messages.map(({ kind }) => kind))].sort();
  assert.deepEqual(names(toScorer), Object.keys(documentScoring.toScorer).sort());
  assert.deepEqual(names(fromScorer), Object.keys(documentScoring.fromScorer).sort());
  for (const message of toScorer) assert.deepEqual(readToScorer(deserialize(serialize(message))), message);
  for (const message of fromScorer) assert.deepEqual(readFromScorer(deserialize(serialize(message))), message);
});

test('what does not fit is refused by the name of its field', () => {
  const [open, piece, change, watch] = toScorer;
  const [spans, summary] = fromScorer;
  const long = 'x'.repeat(documentLimits.pieceLength + 1);
  const numbers = Array.from({ length: documentLimits.spans + 1 }, () => 1);
  const cases: [(value: unknown) => unknown, object, RegExp][] = [
    [readToScorer, { ...open, text: long }, /text/],
    [readToScorer, { ...open, length: documentLimits.length + 1 }, /length/],
    [readToScorer, { ...piece, more: 1 }, /more/],
    [readToScorer, { ...change, edits: [{ start: 3, end: 2, text: '' }] }, /end/],
    [readToScorer, { ...change, edits: Array.from({ length: 201 }, () => ({ start: 0, end: 0, text: '' })) }, /edits/],
    [readToScorer, { ...watch, ranges: [{ start: 5, end: 4 }] }, /end/],
    [readFromScorer, { ...spans, bits: [Number.NaN] }, /bits/],
    [readFromScorer, { ...spans, starts: [0.5] }, /starts/],
    [readFromScorer, { ...spans, starts: numbers }, /starts/],
    [readFromScorer, { ...summary, bits: -1 }, /bits/],
    [readFromScorer, { ...summary, marks: [{ start: 1 }] }, /end/],
  ];
  for (const [read, value, field] of cases) {
    assert.throws(
      () => read(value),
      (error) => error instanceof UserError && field.test(error.message),
      String(field),
    );
  }
});
