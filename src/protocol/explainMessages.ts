// The wire between the shell and the page that explains a suggestion. The page is told everything at once, also when it was hidden and made
// again; it draws what it is told and keeps nothing.
import type { JsonObject } from '../base/json.ts';
import { limits, readSymbol } from './hostMessages.ts';
import { countOf, type MessageOf, readMessage, rowsOf, textOf } from './messageTable.ts';

const sentenceLength = 2000;

const toExplainView = {
  explanation: (m: JsonObject) => ({
    /** One sentence, read out by screen readers. */
    headline: textOf(m, 'headline', sentenceLength),
    /** What must be known to read the numbers; each a sentence or two. */
    notes: rowsOf(m, 'notes', 8, (row) => ({ text: textOf(row, 'text', sentenceLength) })),
    facts: rowsOf(m, 'facts', 16, (row) => ({
      label: textOf(row, 'label', sentenceLength),
      value: textOf(row, 'value', sentenceLength),
    })),
    symbols: rowsOf(m, 'symbols', limits.explainedSymbols, (row) => ({
      ...readSymbol(row),
      isShown: row.boolean('isShown'),
      numTyped: countOf(row, 'numTyped'),
      numPossible: countOf(row, 'numPossible'),
      copiedShare: row.number('copiedShare', { min: 0, max: 1 }),
      rank: row.integer('rank', { min: 1 }),
      alternatives: rowsOf(row, 'alternatives', limits.explainedAlternatives, readSymbol),
    })),
  }),
};

const fromExplainView = {
  /** The page listens; everything is sent again. */
  ready: () => ({}),
};

export type ToExplainView = MessageOf<typeof toExplainView>;
export type FromExplainView = MessageOf<typeof fromExplainView>;
export type ExplanationView = Extract<ToExplainView, { kind: 'explanation' }>;

const origin = 'message of a view';

/** Each throws a UserError that names the field, when the value is no message of that wire. */
export const readToExplainView = (value: unknown) => readMessage(toExplainView, value, origin);
export const readFromExplainView = (value: unknown) => readMessage(fromExplainView, value, origin);
