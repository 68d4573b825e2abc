// Files and folders -> texts to learn from, each once, with lines ending in a line feed whatever the file has.
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import { collectTexts, type PassedOver } from '../files/collect.ts';
import { decodeText } from '../files/decode.ts';
import { DuplicateFilter } from '../files/duplicates.ts';
import { nodeFileSystem } from '../files/fileSystem.ts';
import { findSecret } from '../files/secrets.ts';
import type { SourceText } from './gatherCorpus.ts';

export interface ReadOptions {
  /** Leave out what ignore files exclude. */
  readonly respectIgnore: boolean;
  readonly signal?: AbortSignal;
  /** Told what was passed over, at the end. */
  readonly onReport?: (passedOver: PassedOverCounts) => void;
  /** Told of each path that was named and is left out: which, and why. */
  readonly onLeftOut?: (message: string) => void;
  /** Shared between calls, a text is given by one of them only. */
  readonly duplicates?: DuplicateFilter;
}

export type PassedOverCounts = Readonly<Partial<Record<PassedOver, number>>>;

/** Counts it as passed over, and says so. */
type LeaveOut = (root: string, reason: PassedOver, why: string) => void;

/**
 * A folder is walked, and of its files those are taken that people write; a file that is named is taken as long as it is text that
 * holds no secrets.
 * @throws UserError when a path cannot be read, or a folder holds more than the limits of a walk.
 */
export async function* readTexts(roots: readonly string[], options: ReadOptions): AsyncGenerator<SourceText> {
  const passedOver: Partial<Record<PassedOver, number>> = {};
  const duplicates = options.duplicates ?? new DuplicateFilter();
  const leaveOut: LeaveOut = (root, reason, why) => {
    passedOver[reason] = (passedOver[reason] ?? 0) + 1;
    options.onLeftOut?.(`${root}: left out: ${why}`);
  };
  for (const root of roots) {
    const folder = path.basename(path.resolve(root));
    const kind = await kindOf(root);
    if (kind === 'other') {
      leaveOut(root, 'not a file', 'it is neither a file nor a folder');
      continue;
    }
    if (await isSecret(root, kind)) {
      leaveOut(root, 'secret', 'it may hold secrets by its name');
      continue;
    }
    const texts = kind === 'folder' ? folderTexts(root, options, passedOver) : namedText(root, leaveOut);
    for await (const { path: relative, text } of texts) {
      const id = `${folder}/${relative}`;
      if (duplicates.earlier(id, text) === undefined) yield { id, path: relative, text: text.replaceAll('\r\n', '\n') };
      else passedOver.duplicate = (passedOver.duplicate ?? 0) + 1;
    }
  }
  options.onReport?.(passedOver);
}

interface RelativeText {
  readonly path: string;
  readonly text: string;
}

async function* folderTexts(
  root: string,
  { respectIgnore, signal }: ReadOptions,
  passedOver: Partial<Record<PassedOver, number>>,
): AsyncGenerator<RelativeText> {
  const texts = collectTexts(root, { respectIgnore, ...(signal ? { signal } : {}) });
  for (;;) {
    const next = await texts.next();
    if (!next.done) {
      yield next.value;
      continue;
    }
    const { stoppedBy } = next.value;
    if (stoppedBy !== null) {
      const limit = stoppedBy === 'maxFiles' ? 'too many files' : 'too much text';
      throw new UserError(`${root}: ${limit} to be read as one folder; give some of its folders instead`);
    }
    for (const [reason, count] of Object.entries(next.value.passedOver)) {
      const key = reason as PassedOver;
      passedOver[key] = (passedOver[key] ?? 0) + count;
    }
    return;
  }
}

/** What a name stands for on the command line; larger files are left out: one text is held in memory whole. */
const maxNamedBytes = 256 * 2 ** 20;

/** A file that is named may be generated and have long lines, but not hold a secret. */
async function* namedText(file: string, leaveOut: LeaveOut): AsyncGenerator<RelativeText> {
  const bytes = await nodeFileSystem.read(file, maxNamedBytes + 1);
  if (bytes.length > maxNamedBytes) {
    return leaveOut(file, 'tooLarge', `it has more than ${maxNamedBytes} bytes; split it`);
  }
  const decoded = decodeText(bytes);
  if (!decoded) return leaveOut(file, 'binary', 'it is no text in UTF-8 or UTF-16');
  const found = findSecret(decoded.text);
  if (found !== undefined) return leaveOut(file, 'secret', `it seems to hold ${found}; take that out of it`);
  yield { path: path.basename(file), text: decoded.text };
}

/** By its name, or by the name of what it is a link to. */
async function isSecret(root: string, kind: 'file' | 'folder'): Promise<boolean> {
  const end = kind === 'folder' ? '/' : '';
  return isSecretPath(path.resolve(root) + end) || isSecretPath((await realpath(root)) + end);
}

async function kindOf(root: string): Promise<'file' | 'folder' | 'other'> {
  try {
    const found = await stat(root);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    throw new UserError(`${root}: cannot be read: ${messageOf(error)}; check the path`);
  }
}
