// Files and folders -> texts to learn from, each once, with lines ending in a line feed whatever the file has.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { collectTexts, type PassedOver } from '../files/collect.ts';
import { decodeText } from '../files/decode.ts';
import { DuplicateFilter } from '../files/duplicates.ts';
import type { SourceText } from './gatherCorpus.ts';

export interface ReadOptions {
  /** Leave out what ignore files exclude. */
  readonly respectIgnore: boolean;
  readonly signal?: AbortSignal;
  /** Told what was passed over, at the end. */
  readonly onReport?: (passedOver: PassedOverCounts) => void;
  /** Shared between calls, a text is given by one of them only. */
  readonly duplicates?: DuplicateFilter;
}

export type PassedOverCounts = Readonly<Partial<Record<PassedOver, number>>>;

/**
 * A folder is walked, and of its files those are taken that people write; a file that is named is taken as long as it is text.
 * @throws UserError when a path cannot be read, or a folder holds more than the limits of a walk.
 */
export async function* readTexts(roots: readonly string[], options: ReadOptions): AsyncGenerator<SourceText> {
  const passedOver: Partial<Record<PassedOver, number>> = {};
  const duplicates = options.duplicates ?? new DuplicateFilter();
  for (const root of roots) {
    const folder = path.basename(path.resolve(root));
    const texts = (await isFolder(root)) ? folderTexts(root, options, passedOver) : fileText(root);
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

async function* fileText(file: string): AsyncGenerator<RelativeText> {
  const decoded = decodeText(await readFile(file));
  if (!decoded) throw new UserError(`${file}: expected text in UTF-8 or UTF-16, got something else`);
  yield { path: path.basename(file), text: decoded.text };
}

async function isFolder(root: string): Promise<boolean> {
  try {
    return (await stat(root)).isDirectory();
  } catch (error) {
    throw new UserError(`${root}: cannot be read: ${messageOf(error)}; check the path`);
  }
}
