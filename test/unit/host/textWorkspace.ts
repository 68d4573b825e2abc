// A workspace that takes moments to learn: six files of numbered lines, and one that is no text.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../train/tinyRun.ts';

export async function textWorkspace(context: TestContext): Promise<{ root: string; models: string }> {
  const folder = await temporaryFolder(context);
  const root = path.join(folder, 'demo');
  await mkdir(root);
  for (let i = 0; i < 6; i++) {
    const lines = Array.from({ length: 12 }, (_, line) => `export const value${i}_${line} = ${line * i};\n`);
    await writeFile(path.join(root, `file${i}.ts`), lines.join(''));
  }
  await writeFile(path.join(root, 'picture.bin'), Uint8Array.of(0, 1, 2, 0));
  return { root, models: path.join(folder, 'models') };
}
