// The files below several roots, each with what was read of it: the one way from a workspace to contents, for texts and images, for the
// survey and for training. A root is a folder that is walked, or a file that was named and is taken as it is.
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, throwIfCancelled } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import { nodeFileSystem } from './fileSystem.ts';
import type { LeftOutTally } from './leftOut.ts';
import {
  defaultWalkLimits,
  type WalkedFile,
  type WalkLimits,
  type WalkOptions,
  type WalkResult,
  walkFolder,
  whyUnreadable,
} from './walk.ts';

export interface SourceRoot {
  /** Of a folder, or of a file. */
  readonly path: string;
  /** Globs relative to it that are left out, as in the setting `files.exclude`. */
  readonly excludes: readonly string[];
}

export function plainRoots(paths: readonly string[]): SourceRoot[] {
  return paths.map((one) => ({ path: one, excludes: [] }));
}

export interface RootsOptions extends Omit<WalkOptions, 'exclude' | 'accept' | 'leftOut' | 'label'> {
  /** Of a file that was named. */
  readonly maxNamedBytes?: number;
  /** By their size on the disk, not by their path; those of one size by their path. */
  readonly smallFirst?: boolean;
  /** Told of each file, how many of the listed ones are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ReadFile {
  /** The root's own name and the path below it, with forward slashes: the same wherever the root lies. */
  readonly id: string;
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  /** For a person: the id, or a named file as it was given. */
  readonly label: string;
  readonly absolutePath: string;
  readonly bytes: Uint8Array;
  /** It was named, not found. */
  readonly isNamed: boolean;
}

export interface RootsReport {
  readonly leftOut: LeftOutTally;
  readonly stoppedBy: WalkResult['stoppedBy'];
}

interface Listed extends WalkedFile {
  readonly id: string;
  readonly label: string;
  readonly isNamed: boolean;
}

export const defaultMaxNamedBytes = 2 ** 28;

/**
 * In the order of the roots, then of the paths, or the smallest first. The limits are those of all roots together. What cannot be read is noted and passed
 * over, and so is what may hold secrets by its name, unread.
 * @throws CancelledError.
 */
export async function* readRoots(
  roots: readonly SourceRoot[],
  accept: (relative: string) => boolean,
  leftOut: LeftOutTally,
  options: RootsOptions,
): AsyncGenerator<ReadFile, RootsReport> {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const { maxFileBytes } = { ...defaultWalkLimits, ...options.limits };
  const maxNamedBytes = options.maxNamedBytes ?? defaultMaxNamedBytes;
  const { listed, stoppedBy } = await listRoots(roots, accept, leftOut, options);
  if (options.smallFirst) listed.sort((a, b) => a.sizeBytes - b.sizeBytes);
  for (const [done, { id, path: relative, label, absolutePath, isNamed }] of listed.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.(done, listed.length);
    const maxBytes = isNamed ? maxNamedBytes : maxFileBytes;
    let bytes: Uint8Array;
    try {
      bytes = await fileSystem.read(absolutePath, maxBytes + 1);
    } catch (error) {
      leftOut.add(whyUnreadable(error), label);
      continue;
    }
    if (bytes.length > maxBytes) leftOut.add('tooLarge', label, `it has more than ${maxBytes} bytes; split it`);
    else yield { id, path: relative, label, absolutePath, bytes, isNamed };
  }
  options.onProgress?.(listed.length, listed.length);
  return { leftOut, stoppedBy };
}

const secretByName = 'it may hold secrets by its name';

async function listRoots(
  roots: readonly SourceRoot[],
  accept: (relative: string) => boolean,
  leftOut: LeftOutTally,
  options: RootsOptions,
): Promise<{ listed: Listed[]; stoppedBy: WalkResult['stoppedBy'] }> {
  const limits: WalkLimits = { ...defaultWalkLimits, ...options.limits };
  const listed: Listed[] = [];
  let numBytes = 0;
  const places = new Map<string, string>();
  const list = (file: Listed) => {
    const before = places.get(file.absolutePath);
    // A root may lie within another.
    if (before !== undefined) leftOut.add('duplicate', file.label, `it is ${before}`);
    else if (isSecretPath(file.path)) leftOut.add('secret', file.label, secretByName);
    else {
      places.set(file.absolutePath, file.label);
      listed.push(file);
    }
  };
  for (const { path: root, excludes } of roots) {
    const found = await inspect(root);
    const { name } = found;
    if (found.kind === 'file') {
      list({
        id: `${name}/${name}`,
        path: name,
        label: root,
        absolutePath: found.realPath,
        sizeBytes: 0,
        isNamed: true,
      });
    } else if (found.kind === 'secret') leftOut.add('secret', root, secretByName);
    else if (found.kind === 'notAFile') leftOut.add('notAFile', root, 'it is neither a file nor a folder');
    else if (found.kind !== 'folder') leftOut.add(found.kind, root);
    else {
      const limitsLeft = { maxFiles: limits.maxFiles - listed.length, maxBytes: limits.maxBytes - numBytes };
      const walked = await walkRoot(root, leftOut, {
        ...options,
        exclude: excludes,
        limits: { ...limits, ...limitsLeft },
        accept,
        leftOut,
        label: `${name}/`,
      });
      if (walked === undefined) continue;
      for (const file of walked.files) {
        const id = `${name}/${file.path}`;
        list({ ...file, id, label: id, isNamed: false });
        numBytes += file.sizeBytes;
      }
      if (walked.stoppedBy !== null) return { listed, stoppedBy: walked.stoppedBy };
    }
  }
  return { listed, stoppedBy: null };
}

/** Undefined when the root itself does not open. */
async function walkRoot(root: string, leftOut: LeftOutTally, options: WalkOptions): Promise<WalkResult | undefined> {
  try {
    return await walkFolder(root, options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    leftOut.add(whyUnreadable(error), root, `it does not open: ${messageOf(error)}`);
    return undefined;
  }
}

interface Root {
  readonly kind: 'file' | 'folder' | 'secret' | 'notAFile' | 'vanished' | 'unreadable';
  readonly name: string;
  readonly realPath: string;
}

/** A root is secret by its own name, and by the name of what it is a link to. */
async function inspect(root: string): Promise<Root> {
  const asGiven = path.resolve(root);
  const name = path.basename(asGiven);
  try {
    const [found, realPath] = [await stat(root), await realpath(root)];
    const kind = found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'notAFile';
    const end = kind === 'folder' ? '/' : '';
    const isSecret = isSecretPath(asGiven + end) || isSecretPath(realPath + end);
    return { kind: isSecret && kind !== 'notAFile' ? 'secret' : kind, name, realPath };
  } catch (error) {
    return { kind: whyUnreadable(error), name, realPath: asGiven };
  }
}
