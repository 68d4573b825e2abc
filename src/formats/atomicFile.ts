// Replaces a file whole or not at all: written beside it, flushed to the disk, renamed over it. Whatever goes wrong before the
// rename, the earlier file stays as it was and the unfinished one is removed.
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';

/** The part of a file that a writer needs; a test hands in one that fails. */
export interface FileSink {
  write(bytes: Uint8Array): Promise<unknown>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenSink = (path: string) => Promise<FileSink>;

/** Writes the pieces one after another. @throws UserError when the disk is full or the place cannot be written to. */
export async function writeFileAtomic(
  target: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  openSink: OpenSink = openFile,
): Promise<void> {
  const unfinished = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.${serial++}.part`);
  try {
    const sink = await openSink(unfinished);
    try {
      for await (const piece of pieces) await sink.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
      await sink.sync();
    } finally {
      await sink.close();
    }
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw explainWriting(error, target);
  }
  await syncFolder(path.dirname(target));
}

let serial = 0;

/** Of a file's name: whether it is one that was being written, and for which name. A process that was killed leaves it. */
export function unfinishedFor(name: string): string | undefined {
  return /^\.(.+)\.\d+\.\d+\.part$/.exec(name)?.[1];
}

async function openFile(name: string): Promise<FileSink> {
  const file = await open(name, 'wx');
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

/** The file systems that cannot flush a folder, such as those over a network, answer so. */
const cannotSync = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'];

/** Makes the rename itself last. Windows cannot open a folder, and there the journal sees to it; exported for its test. */
export async function syncFolder(
  folder: string,
  openFolder: (folder: string) => Promise<Pick<FileSink, 'sync' | 'close'>> = (name) => open(name, 'r'),
): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await openFolder(folder);
  try {
    await handle.sync();
  } catch (error) {
    // The file itself is flushed and in its place: it was written.
    if (!cannotSync.includes(codeOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EROFS: 'the disk is read-only; choose another folder',
  EACCES: 'permission denied; choose another folder or change its permissions',
  EPERM: 'permission denied; choose another folder or change its permissions',
  ENOENT: 'the folder does not exist; create it first',
};

/** What a person can repair, in words and with what to do; anything else as it is. */
export function explainWriting(error: unknown, target: string): unknown {
  const remedy = remedies[codeOf(error)];
  if (remedy === undefined) return error;
  return new UserError(
    `${target}: cannot be written: ${remedy}; what was there before is unchanged (${messageOf(error)})`,
    {
      cause: error,
    },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
