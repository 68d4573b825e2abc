// The rows of the table beside a treemap: folders, languages or files, sorted, filtered, and which of them are in sight.
import {
  allFolders,
  bitsPerByteOf,
  byText,
  type FileScore,
  type FolderSums,
  languageSums,
} from '../protocol/fileSums.ts';

export const rowGroups = ['folders', 'languages', 'files'] as const;
export type RowGroup = (typeof rowGroups)[number];

export const rowColumns = ['name', 'language', 'numFiles', 'bytes', 'bits', 'bitsPerByte'] as const;
export type RowColumn = (typeof rowColumns)[number];

export interface Row {
  readonly kind: 'folder' | 'language' | 'file';
  /** Of a language its name. */
  readonly path: string;
  /** Below the folder that is looked at. */
  readonly name: string;
  readonly language: string;
  readonly numFiles: number;
  readonly bytes: number;
  readonly bits: number;
  /** NaN without a byte. */
  readonly bitsPerByte: number;
}

/** Of what lies below a folder. */
export function rowsOf(group: RowGroup, folder: FolderSums): Row[] {
  const below = (path: string) => (folder.path === '' ? path : path.slice(folder.path.length + 1));
  if (group === 'folders') {
    return [...allFolders(folder)]
      .filter((one) => one !== folder)
      .map((one) => ({ kind: 'folder', ...row(one), path: one.path, name: below(one.path), language: '' }));
  }
  const files = filesBelow(folder);
  if (group === 'languages') {
    return languageSums(files).map((one) => ({
      kind: 'language',
      ...row(one),
      ...{ path: one.name, name: one.name, language: one.name },
    }));
  }
  return files.map((one) => ({
    kind: 'file',
    ...row({ ...one, numFiles: 1 }),
    ...{ path: one.path, name: below(one.path), language: one.language },
  }));
}

export function filesBelow(folder: FolderSums): FileScore[] {
  return [...allFolders(folder)].flatMap(({ files }) => files);
}

function row(sums: { readonly numFiles: number; readonly bytes: number; readonly bits: number }) {
  const { numFiles, bytes, bits } = sums;
  return { numFiles, bytes, bits, bitsPerByte: bitsPerByteOf(sums) };
}

/** Every word must be in the name or the language; letter case is ignored. */
export function filteredRows(rows: readonly Row[], filter: string): Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, language }) => {
    const text = `${name} ${language}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Equals by name; what has no bits per byte is last either way. */
export function sortedRows(rows: readonly Row[], column: RowColumn, descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, other] = [a[column], b[column]];
    if (typeof one === 'string') return sign * byText(one, String(other)) || byText(a.name, b.name);
    if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
    return sign * (one - Number(other)) || byText(a.name, b.name);
  });
}

/** Rows in sight and a few around; the end excluded. */
export function rowsInSight(
  count: number,
  { scrollTop, height, rowHeight }: { readonly scrollTop: number; readonly height: number; readonly rowHeight: number },
): { readonly from: number; readonly to: number } {
  const around = 8;
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const from = Math.max(0, Math.min(first, count) - around);
  const to = Math.min(count, first + Math.ceil(height / rowHeight) + around);
  return { from, to: Math.max(from, to) };
}
