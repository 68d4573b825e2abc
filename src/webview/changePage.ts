// The page of a change's bits: its files and hunks, in order or the most surprising first, each line with its share. A click goes to the
// place.
import { jsonObject } from '../base/json.ts';
import {
  type ChangedFile,
  type ChangeState,
  type FromChangeView,
  readToChangeView,
  type ToChangeView,
} from '../protocol/workspaceViewMessages.ts';
import { countText, densityText } from './amounts.ts';
import { fileText, hunkOrders, type ListedHunk, listHunks, placeText, totalsOf } from './changeRows.ts';
import { densityKey, paint } from './densityKey.ts';
import { connect, element, type Shell } from './dom.ts';
import { harmlessText } from './harmlessText.ts';

type HunkOrder = (typeof hunkOrders)[number];
type Action = Extract<FromChangeView, { kind: 'act' }>['action'];

let shell: Shell<FromChangeView> | undefined;
let order: HunkOrder = 'inOrder';
let files: ChangedFile[] = [];
let drawing = 0;
/** Hunks in the page: more are shown when they are asked for. */
const atOnce = 100;
let most = atOnce;

const send = (message: FromChangeView) => shell?.postMessage(message);
const act = (action: Action) => () => send({ kind: 'act', action });

const title = element('h1');
const headline = element('p', { class: 'headline', role: 'status' });
const note = element('p', { class: 'note' });
const progress = element('progress', { max: 1, 'aria-label': 'Progress' });
const refresh = button('Refresh', act('refresh'), true);
const cancel = button('Stop', act('cancel'));
const model = element('span', { class: 'model' });
const totals = element('dl', { class: 'totals' });
const orderSelect = element(
  'select',
  { 'aria-label': 'Hunks', change: () => chooseOrder(hunkOrders[orderSelect.selectedIndex]!) },
  element('option', { value: 'inOrder' }, 'in order'),
  element('option', { value: 'bits' }, 'most bits first'),
  element('option', { value: 'bitsPerByte' }, 'most bits per byte first'),
);
const list = element('div', { class: 'hunks' });
const more = button('Show More', () => {
  most += atOnce;
  draw();
});

document.body.replaceChildren(
  element(
    'main',
    { class: 'change' },
    title,
    headline,
    progress,
    note,
    element(
      'div',
      { class: 'buttons' },
      refresh,
      cancel,
      button('Choose Model...', act('chooseModel')),
      button('Export JSON...', act('exportJson')),
      model,
    ),
    totals,
    element(
      'div',
      { class: 'picked-row' },
      element('label', { class: 'field inline' }, element('span', {}, 'Hunks'), orderSelect),
      densityKey(),
    ),
    element(
      'p',
      { class: 'quiet' },
      'Bits of a line given all that stands before it in its file; a symbol that lies partly in a line counts by its share of bytes.',
    ),
    list,
    more,
  ),
);

connect<ToChangeView, FromChangeView>(
  readToChangeView,
  (message) => {
    if (message.kind === 'state') showState(message);
    else {
      if (message.index === 0) files = [];
      files[message.index] = message;
      drawSoon();
    }
  },
  (connected) => {
    shell = connected;
    order = readOrder(connected.getState()) ?? order;
  },
);
orderSelect.value = order;

function showState(state: ChangeState): void {
  title.textContent = harmlessText(state.title);
  if (headline.textContent !== state.headline) headline.textContent = harmlessText(state.headline);
  note.hidden = state.note === '';
  note.textContent = harmlessText(state.note);
  const running = state.phase === 'running';
  document.querySelector('main')?.setAttribute('data-state', state.phase);
  progress.hidden = !running;
  if (state.progress === null) progress.removeAttribute('value');
  else progress.value = state.progress;
  const focused = document.activeElement;
  [cancel.hidden, refresh.hidden] = [!running, running];
  if (focused === refresh && running) cancel.focus();
  if (focused === cancel && !running) refresh.focus();
  model.textContent = state.model === '' ? '' : `Model: ${harmlessText(state.model)}`;
  if (state.numFiles === 0 && files.length > 0) {
    files = [];
    drawSoon();
  }
}

function drawSoon(): void {
  if (drawing === 0) drawing = requestAnimationFrame(draw);
}

function draw(): void {
  drawing = 0;
  // The same place keeps the focus when it is drawn anew.
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['place'] : undefined;
  const { added, removed, numHunks, numFiles } = totalsOf(files);
  totals.hidden = numHunks === 0;
  totals.replaceChildren(
    tile('Added', `${countText(added.bits)} bits`, `${densityText(added.bits / added.bytes)} bits per byte`),
    tile('Removed', `${countText(removed.bits)} bits`, `${densityText(removed.bits / removed.bytes)} bits per byte`),
    tile('Hunks', countText(numHunks), `in ${countText(numFiles)} ${numFiles === 1 ? 'file' : 'files'}`),
  );
  const hunks = listHunks(files, order);
  const shown = hunks.slice(0, most);
  more.hidden = hunks.length <= most;
  list.replaceChildren(...(order === 'inOrder' ? inOrder(shown) : shown.map((one) => hunkOf(one, true))));
  if (focused !== undefined) {
    [...list.querySelectorAll<HTMLElement>('[data-place]')]
      .find(({ dataset }) => dataset['place'] === focused)
      ?.focus();
  }
}

/** By file; also the files of which no hunk can be scored. */
function inOrder(shown: readonly ListedHunk[]): HTMLElement[] {
  const last = shown.at(-1)?.index;
  const all = last === undefined || shown.length < most ? files : files.slice(0, last + 1);
  return all.map((file) =>
    element(
      'section',
      { class: 'changed-file' },
      element(
        'h2',
        {},
        placeButton(
          { index: file.index, line: 1, side: file.status === 'deleted' ? 'removed' : 'added' },
          harmlessText(file.path),
        ),
        element('span', { class: `status ${file.status}` }, file.status),
      ),
      element('p', { class: 'quiet' }, harmlessText(fileText(file))),
      ...shown.filter(({ index }) => index === file.index).map((one) => hunkOf(one, false)),
    ),
  );
}

function hunkOf({ index, path, hunk }: ListedHunk, named: boolean): HTMLElement {
  const { added, removed, lines, numLines } = hunk;
  const isAdded = added.bytes > 0;
  const first = lines.find(({ kind }) => kind === (isAdded ? 'added' : 'removed'));
  const place = { index, line: first?.line ?? hunk.newStart, side: isAdded ? 'added' : 'removed' } as const;
  const density = element('span', { class: 'density' });
  const part = isAdded ? added : removed;
  paint(density, part.bits / part.bytes);
  const rows = lines.map(({ kind, line, text, bits, bytes }) => {
    const mark = element('span', { class: 'density' });
    paint(mark, bits / bytes);
    const goTo = { index, line, side: kind };
    const code = element('code', {}, harmlessText(text));
    return element(
      'tr',
      { class: kind },
      element(
        'td',
        { class: 'number' },
        placeButton(goTo, String(line), `${kind === 'added' ? 'New' : 'Old'} line ${line}`, 'link quiet-link'),
      ),
      element('td', { class: 'sign' }, kind === 'added' ? '+' : '-'),
      element('td', { class: 'code' }, code),
      element('td', { class: 'number' }, bits.toFixed(1)),
      element('td', { class: 'number' }, mark, densityText(bits / bytes)),
    );
  });
  const rest = numLines - lines.length;
  return element(
    'article',
    { class: 'hunk' },
    element(
      'h3',
      {},
      density,
      placeButton(place, `${named ? `${harmlessText(path)}: ` : ''}${placeText(hunk)}`),
      element('span', { class: 'hunk-facts' }, hunkText(hunk)),
    ),
    element(
      'table',
      { class: 'lines' },
      element('caption', { class: 'unseen' }, `Lines of the hunk at ${placeText(hunk)}`),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['Line', 'Change', 'Text', 'Bits', 'Per byte'].map((one) => element('th', { scope: 'col' }, one)),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
    ...(rest > 0 ? [element('p', { class: 'quiet' }, `and ${countText(rest)} more lines`)] : []),
  );
}

function hunkText({ added, removed }: ListedHunk['hunk']): string {
  const came = `${countText(added.bits)} bits, ${densityText(added.bits / added.bytes)} per byte`;
  const went = `${countText(removed.bits)} bits, ${densityText(removed.bits / removed.bytes)} per byte`;
  if (removed.bytes === 0) return `added: ${came}`;
  return added.bytes === 0 ? `removed: ${went}` : `added: ${came}; removed: ${went}`;
}

function placeButton(
  { index, line, side }: { readonly index: number; readonly line: number; readonly side: 'added' | 'removed' },
  text: string,
  label = `Open ${text}`,
  kind = 'link',
): HTMLButtonElement {
  return element(
    'button',
    {
      ...{ type: 'button', class: kind, 'aria-label': label, 'data-place': `${index} ${side} ${line} ${text}` },
      click: () => send({ kind: 'open', index, line, side }),
    },
    text,
  );
}

function tile(label: string, value: string, detail: string): HTMLElement {
  return element(
    'div',
    { class: 'tile' },
    element('dt', {}, label),
    element('dd', { class: 'amount' }, value),
    element('dd', { class: 'per' }, detail),
  );
}

function chooseOrder(chosen: HunkOrder): void {
  [order, most] = [chosen, atOnce];
  shell?.setState({ order });
  drawSoon();
}

function readOrder(state: unknown): HunkOrder | undefined {
  try {
    return jsonObject(state, 'state of the page').oneOf('order', hunkOrders);
  } catch {
    return undefined;
  }
}

function button(label: string, press: () => void, primary = false): HTMLButtonElement {
  return element('button', { type: 'button', class: primary ? 'primary' : 'secondary', click: press }, label);
}
