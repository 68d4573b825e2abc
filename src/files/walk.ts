// Lists the files of a folder: sorted, so that the same folder gives the same list; bounded in files, bytes and depth; and
// with a record of what was left out and why. Links are never followed: what one leads to inside the folder is walked at its
// own place, what lies outside was not opened, and no loop is possible.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../base/errors.ts';
import { type FileSystem, nodeFileSystem } from './fileSystem.ts';
import { type IgnoreRules, isIgnored, rulesAbove, rulesFromGlobs, rulesInFolder } from './ignoreRules.ts';
import { type LeftOutReason, LeftOutTally } from './leftOut.ts';

export interface WalkLimits {
  readonly maxFiles: number;
  /** Of all files together. */
  readonly maxBytes: number;
  /** Of one file; larger ones are left out. */
  readonly maxFileBytes: number;
  /** Folders within folders; the root is 0. */
  readonly maxDepth: number;
  /** Of whatever lies in the folders, asked for or not; beyond, the walk ends as at `maxFiles`. */
  readonly maxEntries: number;
}

export const defaultWalkLimits: WalkLimits = {
  maxFiles: 50_000,
  maxBytes: 2 ** 30,
  maxFileBytes: 2 ** 20,
  maxDepth: 64,
  maxEntries: 2_000_000,
};

export interface WalkOptions {
  /** Obey `.gitignore` files; `.git` folders are left out either way. */
  readonly respectIgnore: boolean;
  /** Further globs to leave out, as in the setting `files.exclude`. */
  readonly exclude?: readonly string[];
  readonly limits?: Partial<WalkLimits>;
  /** Which files are asked for, by their path; the others are passed over in silence. */
  readonly accept?: (relative: string) => boolean;
  /** Where what is left out is noted; a new one without. */
  readonly leftOut?: LeftOutTally;
  /** Put before the paths that are noted there. */
  readonly label?: string;
  readonly signal?: AbortSignal;
  readonly fileSystem?: FileSystem;
}

export interface WalkedFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly absolutePath: string;
  readonly sizeBytes: number;
}

export interface WalkResult {
  readonly files: readonly WalkedFile[];
  readonly leftOut: LeftOutTally;
  /** The limit at which the walk ended early; null when it saw everything. */
  readonly stoppedBy: 'maxFiles' | 'maxBytes' | null;
}

/** @throws Error when the root itself cannot be read. @throws CancelledError. */
export async function walkFolder(root: string, options: WalkOptions): Promise<WalkResult> {
  const walk = new Walk(await realpath(root), options);
  await walk.start();
  return walk;
}

class Walk implements WalkResult {
  readonly files: WalkedFile[] = [];
  readonly leftOut: LeftOutTally;
  stoppedBy: 'maxFiles' | 'maxBytes' | null = null;
  readonly #root: string;
  readonly #options: WalkOptions;
  readonly #limits: WalkLimits;
  readonly #fileSystem: FileSystem;
  readonly #excluded: IgnoreRules | undefined;
  #bytes = 0;
  #entries = 0;

  constructor(root: string, options: WalkOptions) {
    this.#root = root;
    this.#options = options;
    this.leftOut = options.leftOut ?? new LeftOutTally();
    this.#limits = { ...defaultWalkLimits, ...options.limits };
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.#excluded = rulesFromGlobs(options.exclude ?? []);
  }

  async start(): Promise<void> {
    const above = this.#options.respectIgnore ? await rulesAbove(this.#root, this.#fileSystem) : undefined;
    await this.#folder('', 0, above, await this.#fileSystem.list(this.#root));
  }

  async #folder(
    relative: string,
    depth: number,
    outer: IgnoreRules | undefined,
    entries: Awaited<ReturnType<FileSystem['list']>>,
  ): Promise<void> {
    throwIfCancelled(this.#options.signal);
    const rules = this.#options.respectIgnore
      ? await rulesInFolder(this.#root, relative, outer, this.#fileSystem)
      : undefined;
    for (const { name, kind } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (this.stoppedBy !== null) return;
      throwIfCancelled(this.#options.signal);
      this.#entries += 1;
      if (this.#entries > this.#limits.maxEntries) {
        this.stoppedBy = 'maxFiles';
        return;
      }
      const child = relative === '' ? name : `${relative}/${name}`;
      const isFolder = kind === 'folder';
      if (name === '.git') continue;
      if (!isFolder && this.#options.accept?.(child) === false) continue;
      if (isIgnored(this.#excluded, child, isFolder)) this.#leaveOut(child, 'excluded');
      else if (isIgnored(rules, child, isFolder)) this.#leaveOut(child, 'ignored');
      else if (kind === 'link') this.#leaveOut(child, 'link');
      else if (kind === 'other') this.#leaveOut(child, 'notAFile');
      else if (kind === 'file') await this.#file(child);
      else if (depth >= this.#limits.maxDepth) this.#leaveOut(child, 'tooDeep');
      else await this.#subfolder(child, depth + 1, rules);
    }
  }

  async #subfolder(relative: string, depth: number, rules: IgnoreRules | undefined): Promise<void> {
    const entries = await this.#attempt(relative, () => this.#fileSystem.list(path.join(this.#root, relative)));
    if (entries !== undefined) await this.#folder(relative, depth, rules, entries);
  }

  async #file(relative: string): Promise<void> {
    const absolutePath = path.join(this.#root, relative);
    const sizeBytes = await this.#attempt(relative, () => this.#fileSystem.sizeBytes(absolutePath));
    if (sizeBytes === undefined) return;
    if (sizeBytes > this.#limits.maxFileBytes) this.#leaveOut(relative, 'tooLarge');
    else if (this.files.length >= this.#limits.maxFiles) this.stoppedBy = 'maxFiles';
    else if (this.#bytes + sizeBytes > this.#limits.maxBytes) this.stoppedBy = 'maxBytes';
    else {
      this.#bytes += sizeBytes;
      this.files.push({ path: relative, absolutePath, sizeBytes });
    }
  }

  async #attempt<T>(relative: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#leaveOut(relative, whyUnreadable(error));
      return undefined;
    }
  }

  #leaveOut(relative: string, why: LeftOutReason): void {
    this.leftOut.add(why, (this.#options.label ?? '') + relative);
  }
}

/** Files come and go while a folder is walked. */
export function whyUnreadable(error: unknown): 'vanished' | 'unreadable' {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'vanished' : 'unreadable';
}
