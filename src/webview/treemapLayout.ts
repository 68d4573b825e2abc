// Where the files and folders of a treemap lie: d3-hierarchy's squarified layout (Bruls, Huizing and van Wijk, 2000), areas by bytes or bits.
// A folder that is too small to look into is one area, and of areas beyond the bound the smallest are left out, so that a page draws few
// however many files there are.
import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy';
import type { FileScore, FolderSums } from '../protocol/fileSums.ts';

export const areaMeasures = ['bytes', 'bits'] as const;
export type AreaMeasure = (typeof areaMeasures)[number];

export interface TreemapCell {
  readonly kind: 'folder' | 'file';
  /** Of a folder that is drawn with what it holds; its name stands in its upper edge. */
  readonly open: boolean;
  readonly path: string;
  /** Of folders that hold nothing but one folder, all their names. */
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly numFiles: number;
  readonly bytes: number;
  readonly bits: number;
}

export interface TreemapOptions {
  readonly width: number;
  readonly height: number;
  readonly by: AreaMeasure;
  readonly most?: number;
}

type Item = FolderSums | FileScore;
type Rectangle = HierarchyRectangularNode<Item>;

/** In pixels. */
export const headerHeight = 18;
const gap = 1;
const leastOpen = { width: 56, height: 44 } as const;
const leastSide = 2;
const mostCells = 1500;

/** What lies in the folder, not the folder itself; a folder before what it holds. */
export function treemapCells(
  folder: FolderSums,
  { width, height, by, most = mostCells }: TreemapOptions,
): TreemapCell[] {
  if (width <= 0 || height <= 0 || folder.numFiles === 0) return [];
  const root = hierarchy<Item>(folder, (item) =>
    isFolder(item) ? [...item.folders.map(inner), ...item.files] : undefined,
  )
    .sum((item) => (isFolder(item) ? 0 : Math.max(item[by], 0)))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0) || (a.data.path < b.data.path ? -1 : 1));
  const place = treemap<Item>()
    .size([width, height])
    .round(true)
    .paddingInner(gap)
    .paddingOuter((node) => (node.depth === 0 ? 0 : 2))
    .paddingTop((node) => (node.depth === 0 ? 0 : headerHeight));
  const cells: TreemapCell[] = [];
  const visit = (node: Rectangle) => {
    for (const child of node.children ?? []) {
      const cell = cellOf(child);
      if (cell.width < leastSide || cell.height < leastSide) continue;
      cells.push(cell);
      if (cell.open) visit(child);
    }
  };
  visit(place(root));
  return withoutSmallest(cells, most);
}

/** The one folder that a chain of folders leads to. */
function inner(folder: FolderSums): FolderSums {
  let last = folder;
  let name = folder.name;
  while (last.files.length === 0 && last.folders.length === 1) {
    last = last.folders[0]!;
    name += `/${last.name}`;
  }
  return { ...last, name };
}

function cellOf({ data, x0, y0, x1, y1 }: Rectangle): TreemapCell {
  const [width, height] = [x1 - x0, y1 - y0];
  const { path, bytes, bits } = data;
  const place = { path, bytes, bits, x: x0, y: y0, width, height };
  if (!isFolder(data)) {
    return { ...place, kind: 'file', open: false, name: path.slice(path.lastIndexOf('/') + 1), numFiles: 1 };
  }
  const open = width >= leastOpen.width && height >= leastOpen.height;
  return { ...place, kind: 'folder', open, name: data.name, numFiles: data.numFiles };
}

function isFolder(item: Item): item is FolderSums {
  return 'folders' in item;
}

function withoutSmallest(cells: TreemapCell[], most: number): TreemapCell[] {
  if (cells.length <= most) return cells;
  const area = ({ width, height }: TreemapCell) => width * height;
  const kept = new Set(cells.toSorted((a, b) => area(b) - area(a)).slice(0, most));
  return cells.filter((cell) => kept.has(cell));
}

export const directions = ['left', 'right', 'up', 'down'] as const;
export type Direction = (typeof directions)[number];

/** The cell to go to from one, by its middle or, of an open folder, by its name; its own index when nothing lies there. */
export function neighborOf(cells: readonly TreemapCell[], from: number, direction: Direction): number {
  const start = cells[from];
  if (start === undefined) return from;
  const middle = ({ x, y, width, height, open }: TreemapCell) => ({
    x: x + (open ? Math.min(width, leastOpen.width) : width) / 2,
    y: y + (open ? headerHeight : height) / 2,
  });
  const here = middle(start);
  let [best, least] = [from, Number.POSITIVE_INFINITY];
  for (const [index, cell] of cells.entries()) {
    const there = middle(cell);
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const [along, across] =
      direction === 'left' ? [-dx, dy] : direction === 'right' ? [dx, dy] : direction === 'up' ? [-dy, dx] : [dy, dx];
    if (index === from || along <= 0) continue;
    // Straight ahead first: twice as far aside counts as twice as far.
    const distance = along + 2 * Math.abs(across);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
