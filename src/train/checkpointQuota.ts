// Checkpoints of runs that were not finished stay until someone goes on with them, which may be never. Above a quota those that no
// resumption needs go, the oldest first: never the last of a run, nor its best, nor any of a run that another process holds.
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { holderOf } from '../base/folderLock.ts';
import { CheckpointStore, peekState } from './checkpoint.ts';

const maxFolders = 1000;

export interface QuotaReport {
  readonly removed: readonly string[];
  /** What is left; above the quota only when all of it is needed. */
  readonly bytes: number;
}

interface Kept {
  readonly file: string;
  readonly bytes: number;
  readonly changedMs: number;
  readonly needed: boolean;
}

/** `folder` holds a folder for each model, with its `checkpoints`. What cannot be read is passed over. */
export async function keepToQuota(folder: string, quotaBytes: number): Promise<QuotaReport> {
  const names = await readdir(folder).catch(() => []);
  const all: Kept[] = [];
  for (const name of names.sort().slice(0, maxFolders)) all.push(...(await checkpointsOf(path.join(folder, name))));
  let bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  const removed: string[] = [];
  for (const one of all.filter(({ needed }) => !needed).sort((a, b) => a.changedMs - b.changedMs)) {
    if (bytes <= quotaBytes) break;
    await rm(one.file, { force: true });
    bytes -= one.bytes;
    removed.push(one.file);
  }
  return { removed, bytes };
}

async function checkpointsOf(model: string): Promise<Kept[]> {
  const store = new CheckpointStore(path.join(model, 'checkpoints'));
  const [last, ...earlier] = await store.steps();
  if (last === undefined) return [];
  const state = await peekState(store.fileOf(last));
  const best = state?.bestValidation?.step;
  const holder = await holderOf(model);
  const isElsewhere = holder !== undefined && holder !== process.pid;
  const kept: Kept[] = [];
  for (const step of [last, ...earlier]) {
    const file = store.fileOf(step);
    const found = await stat(file).catch(() => undefined);
    // Where the last cannot be read, any of the others may be the best, or the one to go on from.
    const needed = isElsewhere || step === last || step === best || state === undefined;
    if (found) kept.push({ file, bytes: found.size, changedMs: found.mtimeMs, needed });
  }
  return kept;
}
