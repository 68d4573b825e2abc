// The model of the editor suites: a GPT over bytes that knows two small files by heart, trained here in seconds with the
// product's own command line. So every suggestion is known beforehand, and nothing depends on the model that is shipped.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './installation.ts';

const corpusFolder = path.join(root, 'test', 'e2e', 'corpus');
const cli = path.join(root, 'dist', 'cli.js');
const heldOut = path.join(root, 'test', 'e2e', 'heldOut.txt');

/** The text of a file that the model knows. */
export function corpusText(name: string): string {
  return readFileSync(path.join(corpusFolder, name), 'utf8');
}

/** That text up to and including the first `marker`. */
export function corpusUpTo(name: string, marker: string): string {
  return corpusText(name).slice(0, endOf(name, marker));
}

/** That text after the first `marker`. */
export function corpusAfter(name: string, marker: string): string {
  return corpusText(name).slice(endOf(name, marker));
}

function endOf(name: string, marker: string): number {
  const at = corpusText(name).indexOf(marker);
  if (at < 0) throw new Error(`test/e2e/corpus/${name}: expected ${JSON.stringify(marker)} in it`);
  return at + marker.length;
}

const config = {
  hiddenSize: 64,
  numLayers: 2,
  numHeads: 4,
  numKeyValueHeads: 2,
  intermediateSize: 192,
  contextLength: 512,
  rotaryBase: 10000,
  normEpsilon: 1e-5,
};
const options = {
  codec: 'bytes',
  steps: 200,
  batch: 4,
  time: 512,
  'learning-rate': 0.004,
  warmup: 20,
  'validate-every': 200, // At the end only: what it says of the text held out must not choose the step.
  seed: 7,
  threads: 1,
};

/** Trains into `folder`, unless the same was trained there before; returns the folder. */
export async function trainTestModel(folder: string): Promise<string> {
  const wanted = createHash('sha256').update(JSON.stringify([config, options]));
  wanted.update(readFileSync(cli));
  for (const name of readdirSync(corpusFolder).sort()) wanted.update(corpusText(name));
  const key = wanted.digest('hex');
  const note = `${folder}.key`;
  if (existsSync(note) && readFileSync(note, 'utf8') === key && existsSync(path.join(folder, 'model.json')))
    return folder;

  rmSync(folder, { recursive: true, force: true });
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const data = ['--data', corpusFolder, '--validation', heldOut, '--out', folder];
  const started = performance.now();
  const command = ['train', 'gpt', ...data, '--config', JSON.stringify(config), ...flags];
  // Its progress is told only when it fails, by the error.
  execFileSync(process.execPath, [cli, ...command], { stdio: 'pipe' });
  console.log(`trained the test model in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  writeFileSync(note, key);
  return folder;
}
