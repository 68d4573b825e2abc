// What the panel says of a suggestion, from what the engine told. Knows no editor.
import { bitsOfNats, bitsText, percentText } from '../base/chances.ts';
import type { ExplanationView } from '../protocol/explainMessages.ts';
import type { ExplanationMessage } from '../protocol/hostMessages.ts';
import { countText } from './quantities.ts';

export interface Explained {
  readonly explanation: ExplanationMessage;
  /** Characters that were typed since it was made. */
  readonly typedSince: string;
  /** Such as `default`. */
  readonly model: string;
}

const lineEnd = '\n';

export function explanationView({ explanation, typedSince, model }: Explained): ExplanationView {
  const { symbols, logProbNats, numPromptSymbols, layout, typed } = explanation;
  const shown = symbols.filter(({ isShown }) => isShown);
  const bits = bitsOfNats(logProbNats);
  const made = shown.map(({ text, kind, numTyped }) => (kind === 'text' ? text.slice(numTyped) : ''));
  const numLines = made.join('').split(lineEnd).length;
  const lines = numLines > 1 ? ` in ${numLines} lines` : '';
  return {
    kind: 'explanation',
    headline: `${tokensText(shown.length)}${lines}, ${bitsText(bits)} in all: probability ${percentText(logProbNats)}`,
    notes: notesOf(explanation, typedSince).map((text) => ({ text })),
    facts: [
      { label: 'Probability as a whole', value: percentText(logProbNats) },
      { label: 'Surprisal', value: `${bitsText(bits)}, ${(bits / Math.max(1, shown.length)).toFixed(2)} per token` },
      { label: 'Copied', value: copiedText(shown) },
      { label: 'Prompt', value: `${countText(numPromptSymbols)} tokens, ${layoutTexts[layout]}` },
      ...(typed === '' ? [] : [{ label: 'Made again of what was typed', value: JSON.stringify(typed) }]),
      { label: 'Model', value: model },
    ],
    symbols: symbols.map((one) => ({ ...one, alternatives: [...one.alternatives] })),
  };
}

const layoutTexts = { document: 'the text before the cursor', infill: 'the text before and after the cursor' } as const;

function notesOf({ symbols, typed }: ExplanationMessage, typedSince: string): string[] {
  const notes: string[] = [];
  const constrained = symbols.filter(({ numTyped }) => numTyped > 0).length;
  if (typed !== '') {
    const which = constrained > 1 ? `The first ${constrained} tokens` : 'The first token';
    notes.push(
      `${which} had to begin with ${JSON.stringify(typed)}, which was typed: their probabilities and ranks are among the tokens that do.`,
    );
  }
  if (typedSince !== '')
    notes.push(`Of it ${JSON.stringify(typedSince)} was typed since; the numbers are of when it was made.`);
  const after = symbols.filter(({ isShown }) => !isShown);
  if (after.length > 0) notes.push(endingText(after));
  return notes;
}

function endingText(after: ExplanationMessage['symbols']): string {
  const [first] = after;
  const last = after.at(-1)!;
  const chance = percentText(first!.logProb);
  if (last.kind === 'special') return `It stopped there because the model ended the text (${chance}).`;
  const text = after.map((one) => (one.kind === 'text' ? one.text : '')).join('');
  const said = text.includes(lineEnd) ? 'a line end or what follows it' : 'more';
  return `It stopped there: ${said} would have come next, beginning with ${JSON.stringify(first!.text)} (${chance}).`;
}

/** The mean: each token counts the same, however unlikely it was. */
function copiedText(shown: ExplanationMessage['symbols']): string {
  const sum = shown.reduce((total, { copiedShare }) => total + copiedShare, 0);
  const percent = Math.round((100 * sum) / Math.max(1, shown.length));
  return `${percent} % of the probability of its tokens is from where they stood before in the file, the rest from the model`;
}

function tokensText(count: number): string {
  return count === 1 ? '1 token' : `${countText(count)} tokens`;
}
