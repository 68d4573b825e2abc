// One training for a folder: a file there names the process. A lock whose process is gone, as after SIGKILL or a power cut, is taken
// over; where the system tells when a process began, a number that was given to another one since is recognized too.
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/errors.ts';
import { explainWriting } from '../formats/atomicFile.ts';

const lockName = 'lock';

/** @throws UserError when another process trains there, or nothing can be written. The returned function gives the folder back. */
export async function lockRun(dir: string): Promise<() => Promise<void>> {
  const file = path.join(dir, lockName);
  const own = `${process.pid} ${(await beginningOf(process.pid)) ?? '-'}\n`;
  for (let attempt = 0; ; attempt++) {
    if (await placeWhole(file, own)) return () => rm(file, { force: true });
    const holder = await readFile(file, 'utf8').catch(() => '');
    const pid = Number(/^\d+/.exec(holder)?.[0] ?? 0);
    if (attempt > 0 || (await isHeld(pid, holder))) {
      throw new UserError(
        `${dir}: expected a folder to train in, got one in which process ${pid} trains; wait for it or stop it ` +
          `(when it is no training, remove ${file})`,
      );
    }
    await rm(file, { force: true });
  }
}

/** The file appears with its content or not at all, for one of several who try at once. False: there is one. */
async function placeWhole(file: string, content: string): Promise<boolean> {
  const own = `${file}.${process.pid}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(own, content);
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explainWriting(error, file);
  } finally {
    await rm(own, { force: true });
  }
}

async function isHeld(pid: number, holder: string): Promise<boolean> {
  if (pid === 0 || pid === process.pid) return pid !== 0;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const [, then] = holder.trim().split(' ');
  const now = await beginningOf(pid);
  return then === undefined || then === '-' || now === undefined || then === now;
}

/** When a process began, in ticks since the machine did; undefined where that cannot be read. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold anything; the 22nd field is the 20th after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
