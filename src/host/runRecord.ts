// run.json beside the checkpoints: what was decided by the clock when a run began, so that a resumed run is the same run.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { jsonObject, parseJson } from '../base/json.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import type { Cadence } from '../train/estimate.ts';

export interface RunRecord extends Cadence {
  readonly warmupSteps: number;
}

const fileName = 'run.json';
const formatVersion = 1;

/** Undefined when there is none, or one that was written by another version: the run then goes on with what suits it now. */
export async function readRunRecord(dir: string): Promise<RunRecord | undefined> {
  const file = path.join(dir, fileName);
  try {
    const record = jsonObject(parseJson(await readFile(file, 'utf8'), file), file);
    record.oneOf('formatVersion', [formatVersion]);
    return {
      validateEverySteps: record.integer('validateEverySteps', { min: 1 }),
      checkpointEverySteps: record.integer('checkpointEverySteps', { min: 1 }),
      warmupSteps: record.integer('warmupSteps', { min: 0 }),
    };
  } catch {
    return undefined;
  }
}

export async function writeRunRecord(dir: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(dir, fileName), [`${JSON.stringify({ formatVersion, ...record }, null, 2)}\n`]);
}
