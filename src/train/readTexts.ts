// Files and folders -> texts to learn from, each once, with lines ending in a line feed whatever the file has.
import { stat } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';
import { collectTexts } from '../files/collect.ts';
import type { DuplicateFilter } from '../files/duplicates.ts';
import { type LeftOutCounts, LeftOutTally } from '../files/leftOut.ts';
import type { SourceRoot } from '../files/roots.ts';
import type { Survey } from '../files/survey.ts';
import type { WalkLimits } from '../files/walk.ts';
import type { SourceText } from './gatherCorpus.ts';

export interface ReadOptions {
  /** Leave out what ignore files exclude. */
  readonly respectIgnore: boolean;
  readonly limits?: Partial<WalkLimits>;
  /** What to do when the roots hold more than the limits: refuse, which is the default, or take what was read until then. */
  readonly beyondLimits?: 'refuse' | 'stop';
  /** Of all texts together. */
  readonly maxTextBytes?: number;
  readonly signal?: AbortSignal;
  /** Told of each file, how many of the listed ones are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told what was read and passed over, at the end. */
  readonly onReport?: (leftOut: LeftOutCounts, survey: Survey) => void;
  /** Told of each path that was named and is left out: which, and why. */
  readonly onLeftOut?: (message: string) => void;
  /** Shared between calls, a text is given by one of them only. */
  readonly duplicates?: DuplicateFilter;
}

/** Of the terminal: what is kept is bounded again when it is encoded. */
export const generousLimits: Partial<WalkLimits> = { maxFiles: 500_000, maxBytes: 2 ** 32 };

/**
 * A folder is walked, and of its files those are taken that people write; a file that is named is taken as long as it is text that
 * holds no secrets.
 * @throws UserError when a path cannot be read, or the folders hold more than the limits of a walk.
 */
export async function* readTexts(roots: readonly SourceRoot[], options: ReadOptions): AsyncGenerator<SourceText> {
  const { onReport, onLeftOut, beyondLimits = 'refuse', limits = generousLimits, ...collecting } = options;
  const given = roots.map((root) => root.path);
  for (const root of given) await checkRoot(root);
  const leftOut = new LeftOutTally((_reason, path, detail) => {
    if (detail !== undefined && given.includes(path)) onLeftOut?.(`${path}: left out: ${detail}`);
  });
  const texts = collectTexts(roots, { ...collecting, limits, leftOut });
  for (;;) {
    const next = await texts.next();
    if (!next.done) {
      yield { ...next.value, text: next.value.text.replaceAll('\r\n', '\n') };
      continue;
    }
    const { stoppedBy } = next.value;
    if (stoppedBy !== null && beyondLimits === 'refuse') {
      const limit = stoppedBy === 'maxFiles' ? 'too many files' : 'too much text';
      throw new UserError(`${given.join(', ')}: ${limit} to be read at once; give some of the folders instead`);
    }
    onReport?.(leftOut.counts(), next.value);
    return;
  }
}

async function checkRoot(root: string): Promise<void> {
  try {
    await stat(root);
  } catch (error) {
    throw new UserError(`${root}: cannot be read: ${messageOf(error)}; check the path`);
  }
}
