// The rows for documents that are edited while they are scored: what does not fit is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { documentLimits } from '../../../src/protocol/documentScoringMessages.ts';
import { readFromScorer, readToScorer } from '../../../src/protocol/scorerMessages.ts';
import { documentExamples } from './scorerExamples.ts';

test('what does not fit is refused by the name of its field', () => {
  const [open, piece, change, watch] = documentExamples.toScorer;
  const [spans, summary] = documentExamples.fromScorer;
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
