// Real processes that are killed with SIGKILL while they train: whatever the moment, the resumed run equals the uninterrupted one bit for
// bit, and the folder that a dead process had locked is taken over.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from './tinyRun.ts';

// Inside of the repository, so that the native library is found from there.
const built = path.resolve('out', `killed-${process.pid}`);
mkdirSync(built, { recursive: true });
after(() => rmSync(built, { recursive: true, force: true }));
const cli = path.join(built, 'cli.js');
// The bundler is found from here at run time; it cannot be bundled itself.
const esbuild: typeof import('esbuild') = createRequire(path.resolve('package.json'))('esbuild');
const { common } = (await import(pathToFileURL(path.resolve('scripts/build.mjs')).href)) as { common: object };
await esbuild.build({ ...common, entryPoints: ['src/cli.ts'], outfile: cli });

/** Trains until the end, or until a line of its output makes it die. */
async function trained(args: readonly string[], dies: (line: string) => boolean = () => false): Promise<string[]> {
  const child = spawn(process.execPath, [cli, 'train', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines: string[] = [];
  let killed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (killed || !dies(line)) continue;
    killed = true;
    child.kill('SIGKILL');
  }
  assert.equal(await exited, killed ? null : 0, complaint);
  return lines;
}

test('killed before the first checkpoint, between two, and between a measurement and its checkpoint', async (context) => {
  const folder = await temporaryFolder(context);
  const data = path.join(folder, 'data');
  await mkdir(data);
  for (let i = 0; i < 6; i++) {
    const lines = Array.from({ length: 20 }, (_, line) => `let value${i} = ${line * i};\n`);
    await writeFile(path.join(data, `f${i}.ts`), lines.join(''));
  }
  const config = JSON.stringify({ embeddingSize: 4, hiddenSize: 8, numLayers: 2 });
  const args = (out: string) => [
    ...['charRnn', '--data', data, '--out', path.join(folder, out), '--config', config, '--steps', '24', '--json'],
    ...[
      '--batch',
      '2',
      '--time',
      '16',
      '--threads',
      '1',
      '--checkpoint-every',
      '3',
      '--validate-every',
      '5',
      '--resume',
    ],
  ];
  const whole = await trained(args('whole'));
  const moments = [/"kind":"step","step":2,/, /"kind":"step","step":8,/, /"kind":"validation","step":15,/];
  for (const moment of moments) await trained(args('cut'), (line) => moment.test(line));
  const last = await trained(args('cut'));
  const figures = (lines: readonly string[]) =>
    lines
      .filter((line) => /"kind":"(?:step|validation)"/.test(line))
      .map((line) => line.replace(/"symbolsPerSecond":\d+/, ''));
  const expected = figures(whole);
  assert.ok(last.length < whole.length, 'it began anew');
  assert.deepEqual(figures(last), expected.slice(-figures(last).length));
  const parameters = (name: string) => readFile(path.join(folder, name, 'model.safetensors'));
  assert.deepEqual(await parameters('cut'), await parameters('whole'));
});
