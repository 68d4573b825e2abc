// Which process holds a folder: a file there names it. A lock whose process is gone, as after SIGKILL or a power cut, holds nothing,
// nor does one whose process number was given to another since: seen by when that began, or, where the system does not tell it, by
// the age of the file, which its holder touches as long as it lives.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

export const touchEveryMs = 10_000;
/** Longer than any computation that keeps a holder from touching its file. */
const silentMs = 600_000;

export function lockFileOf(dir: string): string {
  return path.join(dir, 'lock');
}

/** The process that holds the folder; undefined: none does. */
export async function holderOf(dir: string): Promise<number | undefined> {
  const file = lockFileOf(dir);
  const content = await readFile(file, 'utf8').catch(() => '');
  const [, digits, then] = /^(\d+) (\S+)/.exec(content) ?? [];
  const pid = Number(digits ?? 0);
  if (pid === 0 || !isAlive(pid)) return undefined;
  const now = await beginningOf(pid);
  if (now !== undefined && then !== '-') return then === now ? pid : undefined;
  const touched = await stat(file).catch(() => undefined);
  return touched && Date.now() - touched.mtimeMs < silentMs ? pid : undefined;
}

/** What a lock of this process holds. */
export async function ownLock(): Promise<string> {
  return `${process.pid} ${(await beginningOf(process.pid)) ?? '-'}\n`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user lives too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a process began, in ticks since the machine did; undefined where that cannot be read. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold anything; the 22nd field is the 20th after it.
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
}
