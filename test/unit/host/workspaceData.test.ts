// What a survey promises is what a training can take: where there is more, the first of it is read, and that is said.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { encodePng } from '../../../src/files/images/encodePng.ts';
import { plainRoots } from '../../../src/files/roots.ts';
import { readImages, surveyTexts, textReading } from '../../../src/host/workspaceData.ts';
import { defaultMaxSymbols } from '../../../src/train/corpus.ts';
import { mostImages } from '../../../src/train/imageRows.ts';
import { temporaryFolder } from '../train/tinyRun.ts';

const { signal } = new AbortController();

async function workspace(context: TestContext, files: Readonly<Record<string, string | Uint8Array>>) {
  const root = path.join(await temporaryFolder(context), 'demo');
  await mkdir(root);
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(root, name), content);
  return plainRoots([root]);
}

test('beyond a bound the first texts are surveyed, and it is told', async (context) => {
  const line = (name: string) => `export const ${name} = '${name.repeat(200)}';\n`;
  const roots = await workspace(context, { 'a.ts': line('a'), 'b.ts': line('bb'), 'c.ts': line('ccc') });
  const told = async (part: object) => (await surveyTexts(roots, signal, { ...textReading, ...part })).surveyed;
  const whole = await told({});
  assert.deepEqual([whole.numFiles, whole.partial, whole.problem], [3, false, '']);
  const some = await told({ limits: { maxFiles: 2 } });
  assert.deepEqual([some.numFiles, some.partial], [2, true]);
  const few = await told({ maxTextBytes: 700 });
  assert.deepEqual([few.numFiles, few.partial], [2, true]);
});

test('whether something will be held out: a file of several, or a part of one that has lines', async (context) => {
  const told = async (files: Record<string, string>) => {
    const { surveyed } = await surveyTexts(await workspace(context, files), signal);
    return surveyed.heldOut;
  };
  const oneLine = 'const x = 1; '.repeat(50);
  assert.equal(await told({ 'a.ts': oneLine }), false);
  assert.equal(await told({ 'a.ts': `${oneLine}\n` }), false);
  assert.equal(await told({ 'a.ts': 'const x = 1;\n'.repeat(50) }), true);
  assert.equal(await told({ 'a.ts': oneLine, 'b.ts': 'const y = 2;' }), true);
});

test('what is surveyed as ready fits in memory when it is read', async (context) => {
  assert.ok(1.5 * textReading.maxTextBytes < 0.9 * defaultMaxSymbols);
  assert.equal(mostImages({ width: 64, height: 64, channels: 3 }), 43_690);
  const random = new Random(1);
  const picture = () => {
    const data = Uint8Array.from({ length: 64 }, () => random.nextInteger(256));
    return encodePng({ width: 8, height: 8, channels: 1, data });
  };
  const roots = await workspace(context, { 'a.png': picture(), 'b.png': picture(), 'c.png': picture() });
  const target = { width: 8, height: 8, channels: 1, rule: 'crop' } as const;
  const { training, heldOut } = await readImages(roots, target, signal, undefined, 2);
  assert.equal(training.length + (heldOut?.length ?? 0), 2);
});
