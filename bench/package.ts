// The size of what a person downloads.
import { statSync } from 'node:fs';
import type { BenchContext } from './context.ts';

export async function packageBench({ recorder, vsix }: BenchContext): Promise<void> {
  recorder.add('size/vsix', 'MiB', statSync(await vsix()).size / 2 ** 20);
}
