import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitsText, percentText } from '../../../src/base/chances.ts';
import { readToExplainView } from '../../../src/protocol/explainMessages.ts';
import type { ExplanationMessage } from '../../../src/protocol/hostMessages.ts';
import { explanationView } from '../../../src/shell/explanation.ts';
import { spokenText, visibleText } from '../../../src/webview/visibleText.ts';

const symbol = (text: string, part: Partial<ExplanationMessage['symbols'][number]> = {}) => ({
  ...{ kind: 'text' as const, text, logProb: Math.log(0.5), isShown: true, numTyped: 0, numPossible: 1024, rank: 1 },
  copiedShare: 0,
  alternatives: [{ kind: 'text' as const, text, logProb: Math.log(0.5) }],
  ...part,
});
const explanation: ExplanationMessage = {
  kind: 'explanation',
  request: 1,
  numPromptSymbols: 1234,
  layout: 'infill',
  typed: 'retu',
  logProbNats: 2 * Math.log(0.5),
  symbols: [
    symbol('return', { numTyped: 4, numPossible: 3 }),
    symbol(' x;', { copiedShare: 0.9 }),
    symbol('\n', { isShown: false }),
  ],
};
const notesOf = (part: Partial<ExplanationMessage>, typedSince = '') =>
  explanationView({ explanation: { ...explanation, ...part }, typedSince, model: 'm' }).notes.map(({ text }) => text);

test('what is said: the whole, what it is among, where it stopped', () => {
  const view = explanationView({ explanation, typedSince: '', model: 'default (gpt, 1024 symbols)' });
  assert.deepEqual(readToExplainView(view), view);
  assert.equal(view.headline, '2 tokens, 2.00 bits in all: probability 25.0 %');
  assert.deepEqual(Object.fromEntries(view.facts.map(({ label, value }) => [label, value])), {
    'Probability as a whole': '25.0 %',
    Surprisal: '2.00 bits, 1.00 per token',
    Copied:
      '45 % of the probability of its tokens is from where they stood before in the file, the rest from the model',
    Prompt: '1,234 tokens, the text before and after the cursor',
    'Made again of what was typed': '"retu"',
    Model: 'default (gpt, 1024 symbols)',
  });
  assert.match(view.notes[0]!.text, /^The first token had to begin with "retu".*among the tokens that do\.$/);
  assert.match(view.notes[1]!.text, /^It stopped there: a line end .* beginning with "\\n" \(50\.0 %\)\.$/);
});

test('several lines, several tokens made again, typed along, ended by the model', () => {
  const symbols = [symbol('a', { numTyped: 1 }), symbol('b\n', { numTyped: 1 }), symbol('c')];
  const view = explanationView({ explanation: { ...explanation, symbols }, typedSince: '', model: 'm' });
  assert.match(view.headline, /^3 tokens in 2 lines/);
  assert.match(notesOf({ symbols })[0]!, /^The first 2 tokens/);
  assert.match(notesOf({}, 'rn')[1]!, /"rn" was typed since/);
  const end = symbol('end', { kind: 'special', isShown: false });
  assert.match(notesOf({ symbols: [...symbols, end] }).at(-1)!, /because the model ended the text/);
  assert.deepEqual(notesOf({ symbols: [symbol('a')], typed: '' }), []);
});

test('chances are said so that small ones differ', () => {
  const of = (chance: number) => percentText(Math.log(chance));
  assert.deepEqual([1, 0.99999, 0.9996, 0.5, 0.0123, 1.5e-4, 2e-5, 1e-6].map(of), [
    '100 %',
    '> 99.99 %',
    '99.96 %',
    '50.0 %',
    '1.23 %',
    '0.015 %',
    '0.0020 %',
    '1.0e-4 %',
  ]);
  assert.equal(percentText(-2000), '< 1e-300 %');
  assert.equal(percentText(1e-6), '100 %');
  assert.deepEqual([0, 1.5, 12.34].map(bitsText), ['0.00 bits', '1.50 bits', '12.3 bits']);
});

test('every character is seen, also those that hide or turn the text', () => {
  assert.equal(visibleText('a b\t\n'), 'a·b⇥↵');
  assert.equal(visibleText('\u202eevil\u0007\u00a0'), '\\u{202E}evil\\u{7}\\u{A0}');
  assert.equal(visibleText('größe 日本 🙂'), 'größe·日本·🙂');
  assert.deepEqual([' x ', '\n  ', '\t'].map(spokenText), ['x', 'line end  space  space', 'tab']);
});
