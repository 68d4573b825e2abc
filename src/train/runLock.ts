// One training for a folder: whoever begins places the lock, whole or not at all; one that nobody holds any more is taken over.
import { link, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/errors.ts';
import { holderOf, lockFileOf, ownLock, touchEveryMs } from '../base/folderLock.ts';
import { explainWriting } from '../formats/atomicFile.ts';

/**
 * @throws UserError when another process trains there, or nothing can be written. The returned function gives the folder back.
 * `place` is for tests.
 */
export async function lockRun(dir: string, place = link): Promise<() => Promise<void>> {
  const file = lockFileOf(dir);
  const own = await ownLock();
  for (let attempt = 0; !(await placeWhole(file, own, place)); attempt++) {
    const holder = await holderOf(dir);
    if (attempt > 0 || holder !== undefined) {
      throw new UserError(
        `${dir}: expected a folder to train in, got one in which ${holder === undefined ? 'another process' : `process ${holder}`} trains; ` +
          `wait for it or stop it (when it is no training, remove ${file})`,
      );
    }
    await rm(file, { force: true });
  }
  const touch = () => void utimes(file, new Date(), new Date()).catch(() => undefined);
  const touching = setInterval(touch, touchEveryMs).unref();
  return async () => {
    clearInterval(touching);
    await rm(file, { force: true });
  };
}

/** The file systems without hard links, such as exFAT and some over a network, answer so. */
const cannotLink = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'];

/** The file appears with its content, for one of several who try at once. False: there is one. */
async function placeWhole(file: string, content: string, place: typeof link): Promise<boolean> {
  const own = `${file}.${process.pid}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(own, content);
    await place(own, file).catch((error: unknown) => {
      if (!cannotLink.includes(codeOf(error))) throw error;
      return writeFile(file, content, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw explainWriting(error, file);
  } finally {
    await rm(own, { force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
