// Files and folders -> texts to learn from, each once.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, throwIfCancelled, UserError } from '../base/errors.ts';
import type { SourceText } from './gatherCorpus.ts';

export interface ReadOptions {
  /** Leave out what ignore files exclude. */
  readonly respectIgnore: boolean;
  readonly signal?: AbortSignal;
}

/** @throws UserError when a path does not exist. */
export async function* readTexts(roots: readonly string[], { signal }: ReadOptions): AsyncGenerator<SourceText> {
  for (const root of roots) {
    for await (const file of filesBelow(root)) {
      throwIfCancelled(signal);
      const bytes = await readFile(file);
      if (bytes.includes(0)) continue;
      const relative = path.relative(root, file).replaceAll('\\', '/') || path.basename(file);
      yield { id: `${path.basename(root)}/${relative}`, path: relative, bytes };
    }
  }
}

async function* filesBelow(root: string): AsyncGenerator<string> {
  const kind = await stat(root).catch((error: unknown) => {
    throw new UserError(`${root}: cannot be read: ${messageOf(error)}`);
  });
  if (kind.isFile()) yield root;
  if (!kind.isDirectory()) return;
  for (const name of (await readdir(root)).sort()) yield* filesBelow(path.join(root, name));
}
