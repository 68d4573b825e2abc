// run.json beside the checkpoints: what was decided when a run began, by the sizes of that day and by the clock, so that a resumed run
// is the same run, also after an update; and whose files it learns from, for the windows that did not begin it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { jsonObject, parseJson } from '../base/json.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import type { Cadence } from '../train/estimate.ts';
import { codecKinds } from '../train/prepareCodec.ts';
import type { Preset } from '../train/presets.ts';
import { optimizerNames } from '../train/trainOptions.ts';

export interface RunRecord extends Cadence {
  /** With the whole configuration, and the warm-up that suits the budget. */
  readonly preset: Preset;
  readonly workspace: { readonly hash: string; readonly name: string };
}

export const runFileName = 'run.json';
const formatVersion = 2;

/** @throws UserError when there is none, or one that another version wrote: another run it must not become. */
export async function readRunRecord(dir: string): Promise<RunRecord> {
  const file = path.join(dir, runFileName);
  try {
    const record = jsonObject(parseJson(await readFile(file, 'utf8'), file), file);
    record.oneOf('formatVersion', [formatVersion]);
    const preset = record.object('preset');
    const workspace = record.object('workspace');
    return {
      validateEverySteps: record.integer('validateEverySteps', { min: 1 }),
      checkpointEverySteps: record.integer('checkpointEverySteps', { min: 1 }),
      preset: {
        config: preset.record('config'),
        codec: preset.oneOf('codec', codecKinds),
        vocabularySize: preset.integer('vocabularySize', { min: 2 }),
        batch: preset.integer('batch', { min: 1 }),
        time: preset.integer('time', { min: 1 }),
        optimizer: preset.oneOf('optimizer', optimizerNames),
        learningRate: preset.number('learningRate', { min: 0 }),
        warmupSteps: preset.integer('warmupSteps', { min: 0 }),
        decayFraction: preset.number('decayFraction', { min: 0, max: 1 }),
        weightDecay: preset.number('weightDecay', { min: 0 }),
        clipNorm: preset.number('clipNorm', { min: 0 }),
      },
      workspace: { hash: workspace.string('hash'), name: workspace.string('name') },
    };
  } catch (error) {
    throw new UserError(`This training cannot be resumed, since it is not known how it began: ${messageOf(error)}`);
  }
}

export async function writeRunRecord(dir: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(dir, runFileName), [`${JSON.stringify({ formatVersion, ...record }, null, 2)}\n`]);
}
