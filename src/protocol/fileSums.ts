// What a folder of scored files adds up to, by folder, language and file: shared by the shell, which exports it, and by the page, which
// draws it. Sums are kept, never means, so that bits per byte of a whole are those of all its bytes.

export interface FileScore {
  /** The root's own name and the path below it, with forward slashes. */
  readonly path: string;
  readonly language: string;
  /** Of the text as UTF-8; more than `bytes` where only its beginning was scored. */
  readonly sizeBytes: number;
  readonly bytes: number;
  readonly bits: number;
  readonly numSymbols: number;
}

export interface Sums {
  readonly numFiles: number;
  readonly bytes: number;
  readonly bits: number;
}

export interface FolderSums extends Sums {
  /** '' for what holds all roots. */
  readonly path: string;
  readonly name: string;
  readonly folders: readonly FolderSums[];
  readonly files: readonly FileScore[];
}

export interface NamedSums extends Sums {
  readonly name: string;
}

/** NaN without a byte. */
export function bitsPerByteOf({ bits, bytes }: Pick<Sums, 'bits' | 'bytes'>): number {
  return bytes > 0 ? bits / bytes : Number.NaN;
}

export function sumsOf(files: Iterable<Pick<FileScore, 'bytes' | 'bits'>>): Sums {
  let [numFiles, bytes, bits] = [0, 0, 0];
  for (const file of files) {
    numFiles += 1;
    bytes += file.bytes;
    bits += file.bits;
  }
  return { numFiles, bytes, bits };
}

interface Growing {
  readonly path: string;
  readonly name: string;
  readonly folders: Map<string, Growing>;
  readonly files: FileScore[];
}

/** The folders that hold the files, each with the sums of everything below it; names ascend. */
export function folderTree(files: Iterable<FileScore>): FolderSums {
  const root: Growing = { path: '', name: '', folders: new Map(), files: [] };
  for (const file of files) {
    const parts = file.path.split('/');
    let folder = root;
    for (const name of parts.slice(0, -1)) {
      let next = folder.folders.get(name);
      if (next === undefined) {
        next = { path: folder.path === '' ? name : `${folder.path}/${name}`, name, folders: new Map(), files: [] };
        folder.folders.set(name, next);
      }
      folder = next;
    }
    folder.files.push(file);
  }
  return summed(root);
}

function summed({ path, name, folders, files }: Growing): FolderSums {
  const below = [...folders.values()].map(summed).sort((a, b) => byText(a.name, b.name));
  const own = sumsOf(files);
  const sum = (of: (one: Sums) => number) => below.reduce((total, one) => total + of(one), of(own));
  return {
    path,
    name,
    folders: below,
    files: files.toSorted((a, b) => byText(a.path, b.path)),
    numFiles: sum(({ numFiles }) => numFiles),
    bytes: sum(({ bytes }) => bytes),
    bits: sum(({ bits }) => bits),
  };
}

/** The folder of that path; undefined when nothing lies there. */
export function folderAt(root: FolderSums, path: string): FolderSums | undefined {
  if (path === '') return root;
  let folder: FolderSums | undefined = root;
  for (const name of path.split('/')) folder = folder?.folders.find((one) => one.name === name);
  return folder;
}

/** Every folder, itself included. */
export function* allFolders(folder: FolderSums): Generator<FolderSums> {
  yield folder;
  for (const below of folder.folders) yield* allFolders(below);
}

/** The largest first. */
export function languageSums(files: Iterable<FileScore>): NamedSums[] {
  const groups = new Map<string, FileScore[]>();
  for (const file of files) {
    const group = groups.get(file.language);
    if (group) group.push(file);
    else groups.set(file.language, [file]);
  }
  return [...groups]
    .map(([name, group]) => ({ name, ...sumsOf(group) }))
    .sort((a, b) => b.bytes - a.bytes || byText(a.name, b.name));
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
