// A treemap that is seen, pointed at and walked with the keyboard: the arrows go to what lies there, Enter opens a file or goes into a
// folder, Backspace goes out. Areas are buttons, of which one takes part in the order of Tab.
import { bitsPerByteOf, type FolderSums } from '../protocol/fileSums.ts';
import { countText, densityText, sizeText } from './amounts.ts';
import { paint } from './densityKey.ts';
import { element } from './dom.ts';
import { harmlessText } from './harmlessText.ts';
import { type AreaMeasure, type Direction, neighborOf, type TreemapCell, treemapCells } from './treemapLayout.ts';

export interface TreemapView {
  readonly root: HTMLElement;
  show(folder: FolderSums, by: AreaMeasure): void;
}

export interface TreemapActions {
  readonly openFile: (path: string) => void;
  readonly goInto: (path: string) => void;
  readonly goOut: () => void;
}

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
/** In pixels: smaller areas carry no name. */
const leastNamed = { width: 44, height: 16 } as const;

export function createTreemapView({ openFile, goInto, goOut }: TreemapActions): TreemapView {
  const hintId = 'treemap-hint';
  const map = element('div', {
    ...{ class: 'treemap', role: 'group', 'aria-label': 'Files by size and bits per byte', 'aria-describedby': hintId },
    keydown: (event) => keyed(event as KeyboardEvent),
    click: (event) => {
      const index = indexOf(event.target);
      if (index !== undefined) activate(index);
    },
    pointerover: (event) => tell(indexOf(event.target)),
    focusin: (event) => {
      const index = indexOf(event.target);
      if (index === undefined) return;
      makeCurrent(index);
      tell(index);
    },
  });
  const detail = element('p', { class: 'treemap-detail' });
  const hint = element(
    'p',
    { class: 'treemap-hint', id: hintId },
    'Arrows move, Enter opens a file or goes into a folder, Backspace goes out. The table below tells the same.',
  );
  const root = element('div', {}, map, detail, hint);
  let cells: TreemapCell[] = [];
  let current = 0;
  let last: { folder: FolderSums; by: AreaMeasure } | undefined;

  function indexOf(target: EventTarget | null): number | undefined {
    const found = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    return found === null ? undefined : Number(found.dataset['index']);
  }
  function buttonAt(index: number): HTMLElement | null {
    return map.querySelector<HTMLElement>(`[data-index="${index}"]`);
  }
  function makeCurrent(index: number): void {
    buttonAt(current)?.setAttribute('tabindex', '-1');
    current = index;
    buttonAt(current)?.setAttribute('tabindex', '0');
  }
  function activate(index: number): void {
    const cell = cells[index];
    if (cell === undefined) return;
    if (cell.kind === 'file') openFile(cell.path);
    else goInto(cell.path);
  }
  function keyed(event: KeyboardEvent): void {
    const direction = arrows[event.key];
    if (direction) {
      const next = neighborOf(cells, current, direction);
      buttonAt(next)?.focus();
    } else if (event.key === 'Home' || event.key === 'End') {
      buttonAt(event.key === 'Home' ? 0 : cells.length - 1)?.focus();
    } else if (event.key === 'Backspace') goOut();
    else return;
    event.preventDefault();
  }
  function tell(index: number | undefined): void {
    const cell = index === undefined ? undefined : cells[index];
    detail.textContent = cell === undefined ? '' : `${harmlessText(cell.path)}: ${amounts(cell)}`;
  }
  function draw(): void {
    if (last === undefined) return;
    const hadFocus = map.contains(document.activeElement);
    const before = cells[current]?.path;
    cells = treemapCells(last.folder, { width: map.clientWidth, height: map.clientHeight, by: last.by });
    current = Math.max(0, before === undefined ? 0 : cells.findIndex(({ path }) => path === before));
    map.replaceChildren(...cells.map((cell, index) => buttonOf(cell, index, index === current)));
    if (hadFocus) buttonAt(current)?.focus();
  }

  new ResizeObserver(draw).observe(map);
  return {
    root,
    show(folder, by) {
      last = { folder, by };
      draw();
    },
  };
}

function buttonOf(cell: TreemapCell, index: number, isCurrent: boolean): HTMLElement {
  const { kind, open, x, y, width, height } = cell;
  const button = element('button', {
    type: 'button',
    class: `cell ${kind}${open ? ' open' : ''}`,
    'data-index': index,
    'data-path': cell.path,
    // Begins with what is seen, so that who speaks to the editor can say it.
    'aria-label': `${nameOf(cell)} ${amounts(cell)}; ${harmlessText(cell.path)}`,
    title: `${harmlessText(cell.path)}: ${amounts(cell)}`,
    tabindex: isCurrent ? 0 : -1,
  });
  Object.assign(button.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  if (!open) paint(button, bitsPerByteOf(cell));
  if (width >= leastNamed.width && height >= leastNamed.height) {
    button.append(element('span', { class: 'name' }, nameOf(cell)));
    if (!open && height >= 2.2 * leastNamed.height) {
      button.append(' ', element('span', { class: 'value' }, densityText(bitsPerByteOf(cell))));
    }
  }
  return button;
}

function nameOf({ kind, name }: TreemapCell): string {
  return harmlessText(kind === 'folder' ? `${name}/` : name);
}

function amounts(cell: TreemapCell): string {
  const { kind, numFiles, bytes, bits } = cell;
  const files = kind === 'folder' ? `, ${countText(numFiles)} ${numFiles === 1 ? 'file' : 'files'}` : '';
  return `${densityText(bitsPerByteOf(cell))} bits per byte, ${countText(bits)} bits${files}, ${sizeText(bytes)}`;
}
