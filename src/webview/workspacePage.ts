// The page of a workspace's likelihood: what was scored as a treemap and as a table, both of the folder that is looked at. What is looked
// at is kept by the editor, so that it is the same when the page comes back.
import { jsonObject } from '../base/json.ts';
import { bitsPerByteOf, type FileScore, type FolderSums, folderAt, folderTree } from '../protocol/fileSums.ts';
import { scoringOrders } from '../protocol/workspaceScoringMessages.ts';
import {
  defaultChoices,
  type FromWorkspaceView,
  fileByteChoices,
  readToWorkspaceView,
  type ToWorkspaceView,
  totalByteChoices,
  type WorkspaceChoices,
  type WorkspaceState,
} from '../protocol/workspaceViewMessages.ts';
import { countText, densityText, sizeText } from './amounts.ts';
import { densityKey } from './densityKey.ts';
import { connect, element, filler, type Shell } from './dom.ts';
import { harmlessText } from './harmlessText.ts';
import { createRowsTable, type Sorting } from './rowsTable.ts';
import { type AreaMeasure, areaMeasures } from './treemapLayout.ts';
import { createTreemapView } from './treemapView.ts';
import { filteredRows, type RowGroup, rowColumns, rowGroups, rowsOf, sortedRows } from './workspaceRows.ts';

interface Kept extends Sorting {
  readonly folder: string;
  readonly area: AreaMeasure;
  readonly group: RowGroup;
  readonly filter: string;
}

let kept: Kept = { folder: '', area: 'bytes', group: 'files', filter: '', column: 'bitsPerByte', descending: true };
let shell: Shell<FromWorkspaceView> | undefined;
let choices: WorkspaceChoices = defaultChoices;
const files = new Map<string, FileScore>();
let drawing = 0;
/** Set while more of what comes is awaited before it is drawn: of many files that takes a while. */
let later: ReturnType<typeof setTimeout> | undefined;
const manyFiles = 1000;

const send = (message: FromWorkspaceView) => shell?.postMessage(message);
const act = (action: Extract<FromWorkspaceView, { kind: 'act' }>['action']) => () => send({ kind: 'act', action });

const title = element('h1');
const headline = element('p', { class: 'headline', role: 'status' });
const note = element('p', { class: 'note' });
const progress = element('progress', { max: 1, 'aria-label': 'Progress' });
const start = button('Score Again', act('start'), true);
const cancel = button('Stop', act('cancel'));
const model = element('span', { class: 'model' });
const leftOut = element('div');
const leftOutSummary = element('summary');
const leftOutDetails = element('details', { class: 'left-out' }, leftOutSummary, leftOut);
const crumbs = element('nav', { class: 'crumbs', 'aria-label': 'Folder' });
const folderFacts = element('span', { class: 'folder-facts' });
const empty = element('p', { class: 'quiet' });

const order = chooser('Order', scoringOrders, { size: 'small files first', path: 'by path' }, (value) =>
  choose({ ...choices, order: value }),
);
const maxFileBytes = chooser('Of a file at most', fileByteChoices, byteLabels(fileByteChoices), (value) =>
  choose({ ...choices, maxFileBytes: value }),
);
const maxBytes = chooser('Of all at most', totalByteChoices, byteLabels(totalByteChoices), (value) =>
  choose({ ...choices, maxBytes: value }),
);
const area = chooser('Area', areaMeasures, { bytes: 'bytes', bits: 'bits' }, (value) => keep({ area: value }));
const group = chooser('Rows', rowGroups, { folders: 'folders', languages: 'languages', files: 'files' }, (value) =>
  keep({ group: value }),
);
const filter = element('input', {
  ...{ type: 'search', placeholder: 'Filter', 'aria-label': 'Filter rows by name or language' },
  input: () => keep({ filter: filter.value }),
});

const treemap = createTreemapView({
  openFile: (path) => send({ kind: 'open', path }),
  goInto: (folder) => keep({ folder }),
  goOut: () => keep({ folder: kept.folder.slice(0, Math.max(0, kept.folder.lastIndexOf('/'))) }),
});
const table = createRowsTable({
  sort: (sorting) => keep(sorting),
  open: ({ kind, path, name }) => {
    if (kind === 'file') send({ kind: 'open', path });
    else if (kind === 'folder') keep({ folder: path });
    else {
      filter.value = name;
      keep({ group: 'files', filter: name });
    }
  },
});

const map = element(
  'section',
  { 'aria-label': 'Treemap' },
  element('div', { class: 'picked-row' }, crumbs, folderFacts, area.root),
  densityKey(),
  treemap.root,
);
const list = element(
  'section',
  { 'aria-label': 'Table' },
  element('div', { class: 'picked-row' }, group.root, filter),
  table.root,
);

document.body.replaceChildren(
  element(
    'main',
    { class: 'workspace' },
    title,
    headline,
    progress,
    note,
    element(
      'div',
      { class: 'buttons' },
      ...[start, cancel, button('Choose Model...', act('chooseModel'))],
      ...[button('Export CSV...', act('exportCsv')), button('Export JSON...', act('exportJson')), model],
    ),
    element('div', { class: 'buttons choices-row' }, order.root, maxFileBytes.root, maxBytes.root),
    leftOutDetails,
    empty,
    map,
    list,
  ),
);

const fillLeftOut = filler<WorkspaceState['leftOut']>(leftOut, (rows) => [
  element(
    'table',
    {},
    element('thead', {}, row('th', 'Why', 'Files', 'Such as')),
    element(
      'tbody',
      {},
      ...rows.map(({ reason, numFiles, examples }) =>
        row('td', reason, countText(numFiles), examples.map(harmlessText).join(', ')),
      ),
    ),
  ),
]);

connect<ToWorkspaceView, FromWorkspaceView>(
  readToWorkspaceView,
  (message) => {
    if (message.kind === 'files') {
      if (message.first === 0) files.clear();
      for (const file of message.files) files.set(file.path, file);
      if (later === undefined) later = setTimeout(drawNow, files.size > manyFiles ? 500 : 50);
    } else showState(message);
  },
  (connected) => {
    shell = connected;
    kept = readKept(connected.getState()) ?? kept;
  },
);
[filter.value, area.select.value, group.select.value] = [kept.filter, kept.area, kept.group];
drawSoon();

function showState(state: WorkspaceState): void {
  ({ choices } = state);
  title.textContent = harmlessText(state.title);
  if (headline.textContent !== state.headline) headline.textContent = state.headline;
  note.hidden = state.note === '';
  if (note.textContent !== state.note) note.textContent = state.note;
  document.querySelector('main')?.setAttribute('data-state', state.phase);
  const running = state.phase === 'running';
  progress.hidden = !running;
  if (state.progress === null) progress.removeAttribute('value');
  else progress.value = state.progress;
  const focused = document.activeElement;
  cancel.hidden = !running;
  start.hidden = running;
  // A button that went hands the focus to the one in its place.
  if (focused === start && running) cancel.focus();
  if (focused === cancel && !running) start.focus();
  start.textContent = state.phase === 'idle' ? 'Score' : 'Score Again';
  model.textContent = state.model === '' ? '' : `Model: ${harmlessText(state.model)}`;
  for (const [select, value] of [
    [order.select, choices.order],
    [maxFileBytes.select, choices.maxFileBytes],
    [maxBytes.select, choices.maxBytes],
  ] as const) {
    if (document.activeElement !== select) select.value = String(value);
    select.disabled = running;
  }
  const numLeftOut = state.leftOut.reduce((sum, { numFiles }) => sum + numFiles, 0);
  leftOutDetails.hidden = numLeftOut === 0;
  leftOutSummary.textContent = `${countText(numLeftOut)} files and folders are left out, and why`;
  fillLeftOut(state.leftOut);
  empty.textContent = running ? 'The first files come in a moment.' : 'There is nothing to show yet.';
}

/** Once for a frame, however many messages come. */
function drawSoon(): void {
  if (drawing === 0) drawing = requestAnimationFrame(draw);
}

function drawNow(): void {
  later = undefined;
  drawSoon();
}

function draw(): void {
  drawing = 0;
  const whole = folderTree(files.values());
  const folder = shownFolder(whole);
  const nothing = whole.numFiles === 0;
  [map.hidden, list.hidden, empty.hidden] = [nothing, nothing, !nothing];
  fillCrumbs(folder.path.split('/'));
  const { numFiles, bytes } = folder;
  const density = `${densityText(bitsPerByteOf(folder))} bits per byte`;
  folderFacts.textContent = `${countText(numFiles)} ${numFiles === 1 ? 'file' : 'files'}, ${sizeText(bytes)}, ${density}`;
  treemap.show(folder, kept.area);
  const all = rowsOf(kept.group, folder);
  const rows = sortedRows(filteredRows(all, kept.filter), kept.column, kept.descending);
  const of = rows.length === all.length ? '' : ` of ${countText(all.length)}`;
  table.show(rows, `${countText(rows.length)}${of} ${kept.group}`, kept);
}

/** One root alone is where it begins; a folder that is gone gives way to what holds it. */
function shownFolder(whole: FolderSums): FolderSums {
  let path = kept.folder;
  for (;;) {
    const found = folderAt(whole, path);
    if (found && path !== '') return found;
    if (path === '') return whole.files.length === 0 && whole.folders.length === 1 ? whole.folders[0]! : whole;
    path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  }
}

const fillCrumbs = filler<readonly string[]>(crumbs, (names) =>
  names.map((name, index) => {
    const folder = names.slice(0, index + 1).join('/');
    const isLast = index === names.length - 1;
    const label = harmlessText(name === '' ? 'All folders' : name);
    if (isLast) return element('span', { 'aria-current': 'location' }, label);
    return element('button', { type: 'button', class: 'link', click: () => keep({ folder }) }, label);
  }),
);

function keep(change: Partial<Kept>): void {
  kept = { ...kept, ...change };
  shell?.setState(kept);
  group.select.value = kept.group;
  drawSoon();
}

/** What an earlier page kept, unless an older one kept something else. */
function readKept(state: unknown): Kept | undefined {
  try {
    const read = jsonObject(state, 'state of the page');
    return {
      folder: read.string('folder'),
      area: read.oneOf('area', areaMeasures),
      group: read.oneOf('group', rowGroups),
      filter: read.string('filter'),
      column: read.oneOf('column', rowColumns),
      descending: read.boolean('descending'),
    };
  } catch {
    return undefined;
  }
}

function choose(changed: WorkspaceChoices): void {
  choices = changed;
  send({ kind: 'choose', choices });
}

function button(label: string, press: () => void, primary = false): HTMLButtonElement {
  return element('button', { type: 'button', class: primary ? 'primary' : 'secondary', click: press }, label);
}

function chooser<const T extends string | number>(
  label: string,
  values: readonly T[],
  labels: Readonly<Record<T, string>>,
  choose: (value: T) => void,
): { readonly root: HTMLElement; readonly select: HTMLSelectElement } {
  const options = values.map((value) => element('option', { value: String(value) }, labels[value]));
  const select = element(
    'select',
    { 'aria-label': label, change: () => choose(values[select.selectedIndex]!) },
    ...options,
  );
  return { root: element('label', { class: 'field inline' }, element('span', {}, label), select), select };
}

function byteLabels<T extends number>(values: readonly T[]): Record<T, string> {
  const label = (bytes: number) =>
    bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GB` : bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MB` : `${bytes / 2 ** 10} KB`;
  return Object.fromEntries(values.map((value) => [value, label(value)])) as Record<T, string>;
}

function row(tag: 'th' | 'td', ...texts: readonly string[]): HTMLElement {
  return element('tr', {}, ...texts.map((text) => element(tag, tag === 'th' ? { scope: 'col' } : {}, text)));
}
