// What is said of the token under the mouse or the cursor, and the tokens of its line as a table.
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';
import { element } from './dom.ts';
import type { NamedScores } from './likelihoodCharts.ts';
import { groupAt, type Scores, type TokenGroup } from './likelihoodLayout.ts';
import { type TextRows, visibleText } from './likelihoodText.ts';

export interface TokenDetails {
  readonly root: HTMLElement;
  readonly table: HTMLElement;
  show(rows: TextRows, models: readonly NamedScores[], group: TokenGroup | undefined, how: 'mouse' | 'keyboard'): void;
}

const mostTableRows = 400;
const hint = 'Point at a token, or move with the arrow keys; a click or Enter goes to the place in the editor';

export function createTokenDetails(): TokenDetails {
  const root = element('p', { class: 'token-details' }, hint);
  const said = element('p', { class: 'unseen', role: 'status' });
  const body = element('tbody');
  const caption = element('caption');
  const table = element(
    'details',
    { class: 'chart-table', toggle: () => fill() },
    element('summary', {}, 'The tokens of the line as a table'),
    element(
      'table',
      {},
      caption,
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['Column', 'Token', 'Bits', 'Rank', 'Entropy'].map((label) => element('th', { scope: 'col' }, label)),
        ),
      ),
      body,
    ),
  );
  let latest: { rows: TextRows; scores: Scores; line: number } | undefined;
  let filled = '';

  function fill(): void {
    if (!table.open || !latest) return;
    const { rows, scores, line } = latest;
    const now = `${line} ${scores.bits.length} ${rows.text.length}`;
    if (now === filled) return;
    filled = now;
    const made: HTMLElement[] = [];
    let group = groupAt(scores, rows.lines[line]!);
    const end = line === rows.numLines - 1 ? rows.text.length + 1 : rows.lines[line + 1]!;
    while (group.from < end && made.length < mostTableRows) {
      for (let token = group.first; token < group.end; token++) made.push(rowOf(rows, scores, token, line));
      if (group.end >= scores.bits.length) break;
      group = groupAt(scores, group.to);
      if (group.to === group.from && group.first > 0 && made.length > 0 && group.end < scores.bits.length) break;
    }
    caption.textContent = `Line ${line + 1}${made.length >= mostTableRows ? `, its first ${mostTableRows} tokens` : ''}`;
    body.replaceChildren(...made);
  }

  return {
    root: element('div', { class: 'token-strip' }, root, said),
    table,
    show(rows, models, group, how) {
      const [main] = models;
      if (!main || !group) {
        root.replaceChildren(hint);
        return;
      }
      const line = rows.lineOfOffset(group.from);
      const where = `line ${line + 1}, column ${group.from - rows.lines[line]! + 1}`;
      const text = tokenText(rows, group);
      root.replaceChildren(
        element('bdi', { class: 'token', dir: 'ltr' }, text),
        element('span', { class: 'where' }, where),
        ...models.flatMap(({ name, scores }) => factsOf(scores, group, models.length > 1 ? name : undefined)),
      );
      latest = { rows, scores: main.scores, line };
      fill();
      if (how === 'keyboard')
        said.textContent = `${text}, ${where}, ${models.map(({ name, scores }) => `${models.length > 1 ? `${visibleText(name)}: ` : ''}${saidOf(scores, group)}`).join('; ')}`;
    },
  };
}

function tokenText(rows: TextRows, { from, to }: { from: number; to: number }): string {
  return from === to
    ? from === rows.text.length
      ? 'end of the text'
      : 'part of a character'
    : visibleText(rows.text.slice(from, to));
}

function factsOf(scores: Scores, { from }: TokenGroup, name: string | undefined): HTMLElement[] {
  const group = groupAt(scores, from);
  const swatch = element('span', { class: 'token-swatch' });
  swatch.style.background = surprisalSteps[stepOf(group.bits)]!.solid;
  return [
    element(
      'span',
      { class: 'token-facts' },
      swatch,
      ...(name === undefined ? [] : [element('bdi', { class: 'model' }, visibleText(name, 40))]),
      element('strong', {}, `${group.bits.toFixed(2)} bits`),
      ` ${detailsOf(scores, group)}`,
    ),
  ];
}

function saidOf(scores: Scores, { from }: TokenGroup): string {
  const group = groupAt(scores, from);
  return `${group.bits.toFixed(2)} bits, ${detailsOf(scores, group)}`;
}

function detailsOf({ rank, entropy }: Scores, { first, end, bits }: TokenGroup): string {
  const chance = 100 * 2 ** -bits;
  const percent = chance >= 0.1 ? `${chance.toFixed(1)} %` : 'under 0.1 %';
  if (end - first > 1) return `${percent}; one character in ${end - first} tokens`;
  return `${percent}; rank ${(rank[first]! + 1).toLocaleString('en-US')}; entropy ${entropy[first]!.toFixed(2)} bits`;
}

function rowOf(rows: TextRows, scores: Scores, token: number, line: number): HTMLElement {
  const [from, to] = [scores.starts[token]!, scores.starts[token + 1]!];
  const cells = [
    scores.bits[token]!.toFixed(2),
    (scores.rank[token]! + 1).toLocaleString('en-US'),
    scores.entropy[token]!.toFixed(2),
  ];
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, String(from - rows.lines[line]! + 1)),
    element('td', {}, element('bdi', { dir: 'ltr', class: 'token' }, tokenText(rows, { from, to }))),
    ...cells.map((cell) => element('td', {}, cell)),
  );
}
