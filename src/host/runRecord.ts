// run.json beside the checkpoints: what was decided by the clock when a run began, so that a resumed run is the same run.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { jsonObject, parseJson } from '../base/json.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import type { Cadence } from '../train/estimate.ts';

const fileName = 'run.json';
const formatVersion = 1;

/** Undefined when there is none, or one that was written by another version: the run then goes on with what suits it now. */
export async function readRunRecord(dir: string): Promise<Cadence | undefined> {
  const file = path.join(dir, fileName);
  try {
    const record = jsonObject(parseJson(await readFile(file, 'utf8'), file), file);
    record.oneOf('formatVersion', [formatVersion]);
    return {
      validateEverySteps: record.integer('validateEverySteps', { min: 1 }),
      checkpointEverySteps: record.integer('checkpointEverySteps', { min: 1 }),
    };
  } catch {
    return undefined;
  }
}

export async function writeRunRecord(
  dir: string,
  { validateEverySteps, checkpointEverySteps }: Cadence,
): Promise<void> {
  const text = JSON.stringify({ formatVersion, validateEverySteps, checkpointEverySteps }, null, 2);
  await writeFileAtomic(path.join(dir, fileName), [`${text}\n`]);
}
