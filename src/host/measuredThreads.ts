// What was measured once on this machine is not measured at every start: a small file in the extension's own folder, which may be
// missing, old or damaged without harm. The newest come first, and there are never many.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { jsonObject, objectAt, parseJson } from '../base/json.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { limits } from '../protocol/hostMessages.ts';

export interface MeasuredThreads {
  /** Of machine, runtime and model: see `measuringKey`. */
  readonly key: string;
  readonly threads: number;
  /** For the log. */
  readonly why: string;
}

export const measuredFileName = 'threads.json';
const maxEntries = 16;
const maxFileLength = 64 * 1024;

/** Another processor, number of them, runtime or model is measured anew. */
export function measuringKey(
  runtime: { readonly name: string; readonly version: string },
  /** Of whatever decides which graphs and numbers run. */
  model: unknown,
): string {
  const machine = [os.arch(), os.cpus()[0]?.model, os.availableParallelism()];
  const facts = JSON.stringify([machine, runtime.name, runtime.version, model]);
  return createHash('sha256').update(facts).digest('hex');
}

export async function recallThreads(folder: string, key: string): Promise<MeasuredThreads | undefined> {
  return (await readEntries(folder)).find((entry) => entry.key === key);
}

/** @throws when it cannot be written. */
export async function rememberThreads(folder: string, measured: MeasuredThreads): Promise<void> {
  const others = (await readEntries(folder)).filter(({ key }) => key !== measured.key);
  const entries = [measured, ...others].slice(0, maxEntries);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path.join(folder, measuredFileName), [`${JSON.stringify({ entries }, undefined, 1)}\n`]);
}

async function readEntries(folder: string): Promise<MeasuredThreads[]> {
  try {
    const text = await readFile(path.join(folder, measuredFileName), 'utf8');
    if (text.length > maxFileLength) return [];
    return jsonObject(parseJson(text, measuredFileName), measuredFileName)
      .list('entries', objectAt)
      .map((entry) => ({
        key: entry.string('key'),
        threads: entry.integer('threads', { min: 1, max: limits.threads }),
        why: entry.string('why'),
      }));
  } catch {
    // Missing, or not ours to understand: measured again.
    return [];
  }
}
