// Files that are made from others: nothing that is there is lost, and what cannot be written is told before the work, not after it.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/errors.ts';
import { explainWriting } from '../formats/atomicFile.ts';

/** @throws UserError when something is there already, and must not be replaced, or its folder is missing. */
export async function checkOutput(out: string, { input, force }: { input: string; force: boolean }): Promise<void> {
  try {
    await stat(path.dirname(out));
  } catch (error) {
    throw explainWriting(error, out);
  }
  const [there, source] = await Promise.all([out, input].map((name) => stat(name).catch(() => undefined)));
  if (!there) return;
  if (there.isDirectory()) throw new UserError(`--out: expected a file, got the folder ${out}; name a file in it`);
  if (source && source.dev === there.dev && source.ino === there.ino) {
    throw new UserError(`--out: expected another file than ${input}, got the same; choose another name`);
  }
  if (!force) throw new UserError(`${out}: is there already; give --force to replace it, or choose another name`);
}

/** The one file that a command is about. */
export function onlyFile(positionals: readonly string[], verb: string): string {
  const [file, ...more] = positionals;
  if (file !== undefined && more.length === 0) return file;
  throw new UserError(`expected one file to ${verb}, got ${positionals.length}`);
}

export function outOption(out: string | undefined): string {
  if (out !== undefined && out !== '') return out;
  throw new UserError('expected --out FILE, where the result goes');
}
