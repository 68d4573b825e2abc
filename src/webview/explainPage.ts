// The page that explains a suggestion: its text in the colors of surprisal, and a table of its tokens with what else could have come.
import { bitsOfNats, bitsText, percentText } from '../base/chances.ts';
import { type ExplanationView, type FromExplainView, readToExplainView } from '../protocol/explainMessages.ts';
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';
import { onThemeChange, themeKind } from './chartColors.ts';
import { connect, element } from './dom.ts';
import { factsOf } from './facts.ts';
import { spokenText, visibleText } from './visibleText.ts';

type ExplainedSymbol = ExplanationView['symbols'][number];
type SymbolText = Pick<ExplainedSymbol, 'kind' | 'text'>;

/** The others are in a list that opens. */
const alternativesAtOnce = 3;

const headline = element('p', { class: 'headline', role: 'status' });
const text = element('pre', { class: 'suggestion', tabindex: 0, role: 'region', 'aria-label': 'The suggestion' });
const key = element('ul', { class: 'key', 'aria-label': 'Colors: surprisal in bits' });
const notes = element('ul', { class: 'notes' });
const facts = element('dl', { class: 'facts' });
const body = element('tbody');
const column = (label: string) => element('th', { scope: 'col' }, label);
const table = element(
  'table',
  { class: 'explained' },
  element('caption', {}, 'Token by token'),
  element(
    'thead',
    {},
    element('tr', {}, ...['Token', 'Probability', 'Copied', 'Surprisal', 'Rank', 'Likeliest'].map(column)),
  ),
  body,
);
let latest: ExplanationView | undefined;

document.body.append(
  element('main', { class: 'explain' }, element('h1', {}, 'Suggestion'), headline, text, key, facts, notes, table),
);
onThemeChange(() => latest && draw(latest));

function draw(view: ExplanationView): void {
  if (headline.textContent !== view.headline) headline.textContent = view.headline;
  const shown = view.symbols.filter(({ isShown }) => isShown);
  text.replaceChildren(...shown.map(spanOf));
  key.replaceChildren(...keyItems(shown));
  facts.replaceChildren(...factsOf(view.facts));
  notes.replaceChildren(...view.notes.map((note) => element('li', {}, note.text)));
  body.replaceChildren(...view.symbols.map(rowOf));
}

/** As it stands in the editor; what was typed is only named. */
function spanOf(symbol: ExplainedSymbol): HTMLElement {
  const span = element('span', { title: `${bitsText(bitsOfNats(symbol.logProb))}, rank ${symbol.rank}` });
  if (symbol.numTyped > 0) span.append(element('span', { class: 'typed' }, symbol.text.slice(0, symbol.numTyped)));
  span.append(symbol.kind === 'text' ? symbol.text.slice(symbol.numTyped) : nameOf(symbol));
  tint(span, symbol.logProb);
  return span;
}

function keyItems(shown: readonly ExplainedSymbol[]): HTMLElement[] {
  const used = new Set(shown.map(({ logProb }) => stepOf(bitsOfNats(logProb))));
  return [...used]
    .sort((a, b) => a - b)
    .map((step) => {
      const { label, word } = surprisalSteps[step]!;
      const item = element('li', {}, `${label}: ${word}`);
      tintStep(item, step);
      return item;
    });
}

function rowOf(symbol: ExplainedSymbol): HTMLElement {
  const { logProb, copiedShare, rank, numPossible, isShown } = symbol;
  const token = element('th', { scope: 'row' }, codeOf(symbol));
  if (!isShown) token.append(element('span', { class: 'aside' }, ' not shown'));
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.width = `${(100 * Math.exp(Math.min(0, logProb))).toFixed(2)}%`;
  const bits = element('span', { class: 'tinted' }, bitsText(bitsOfNats(logProb)));
  tint(bits, logProb);
  return element(
    'tr',
    isShown ? {} : { class: 'after' },
    token,
    element('td', { class: 'number chance' }, percentText(logProb), element('span', { class: 'track' }, bar)),
    element('td', { class: 'number' }, `${Math.round(100 * copiedShare)} %`),
    element('td', { class: 'number' }, bits),
    element('td', { class: 'number' }, `${rank} of ${numPossible.toLocaleString('en-US')}`),
    element('td', {}, ...alternativesOf(symbol)),
  );
}

function alternativesOf({ alternatives, text: own, kind }: ExplainedSymbol): HTMLElement[] {
  const item = (one: ExplainedSymbol['alternatives'][number]) => {
    const isOwn = one.text === own && one.kind === kind;
    return element(
      'li',
      isOwn ? { class: 'own' } : {},
      codeOf(one),
      ` ${percentText(one.logProb)}`.replace(' %', '\u00a0%'),
    );
  };
  const first = element('ul', { class: 'alternatives' }, ...alternatives.slice(0, alternativesAtOnce).map(item));
  const rest = alternatives.slice(alternativesAtOnce);
  if (rest.length === 0) return [first];
  const more = element('ul', { class: 'alternatives' }, ...rest.map(item));
  return [first, element('details', {}, element('summary', {}, `${rest.length} more`), more)];
}

function codeOf(symbol: SymbolText): HTMLElement {
  if (symbol.kind !== 'text') return element('code', {}, nameOf(symbol));
  const spoken = element('span', { class: 'spoken' }, spokenText(symbol.text));
  return element('span', {}, element('code', { 'aria-hidden': 'true' }, visibleText(symbol.text)), spoken);
}

function nameOf({ kind, text: said }: SymbolText): string {
  return kind === 'bytes' ? `bytes ${said}` : `⟨${said}⟩`;
}

function tint(target: HTMLElement, logProb: number): void {
  tintStep(target, stepOf(bitsOfNats(logProb)));
}

function tintStep(target: HTMLElement, step: number): void {
  const { background, underline } = surprisalSteps[step]!.looks[themeKind()];
  target.style.background = background;
  target.style.borderBottom = underline ? `${underline.widthPx}px ${underline.style} ${underline.color}` : '';
}

connect<ReturnType<typeof readToExplainView>, FromExplainView>(readToExplainView, (message) => {
  latest = message;
  draw(message);
});
