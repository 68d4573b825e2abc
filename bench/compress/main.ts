// `npm run bench:compress`: real files through compress and decompress with the shipped model. Everyone comes back, its size is the sum of
// the bits that are shown, and here is how that compares.
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CancelledError, messageOf, UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { runtimeChoice } from '../../src/base/runtimeChoice.ts';
import { withCodingModel } from '../../src/cli/codingModel.ts';
import type { TextModel } from '../../src/engine/loadModel.ts';
import { bitsOf, wholeText } from '../../src/likelihood/bits.ts';
import { compress, decompress } from '../../src/likelihood/compressedFile.ts';
import { type CodingSettings, readCompressed } from '../../src/likelihood/compressedHeader.ts';
import { openNativeRuntime } from '../../src/runtime/ortNative.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { type RoundTrip, tableOf, totalsOf } from './totals.ts';

const usage = `npm run bench:compress -- [FILES...] [--model DIR] [--files N] [--max-bytes N] [--seconds N] [--threads N] [--json]

  FILES          default: what git lists here
  --model DIR    default models/default
  --files N      how many, drawn by a seed (default 200)
  --max-bytes N  of one file; longer ones are left out (default 4096)
  --seconds N    ends after the file that goes on then (default 1800)
  --seed N       default 1
  --threads N    default 1
  --runtime R    native (default) or plain
  --json         one line for each file, too`;

function main(args: readonly string[]): Promise<number> {
  return run(args).catch((error: unknown) => {
    console.error(`bench:compress: ${messageOf(error)}`);
    return error instanceof UserError ? 2 : 1;
  });
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', default: path.join('models', 'default') },
      files: { type: 'string', default: '200' },
      'max-bytes': { type: 'string', default: '4096' },
      seconds: { type: 'string', default: '1800' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: '1' },
      runtime: { type: 'string', default: 'native' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const count = (name: 'files' | 'max-bytes' | 'seconds' | 'seed') => wholeNumber(name, values[name]);
  // Before any file is read: openNativeRuntime says why.
  const runtime = runtimeChoice(values.runtime) === 'plain' ? await openRuntime() : openNativeRuntime();
  const found = positionals.length > 0 ? positionals : listedFiles();
  const files = new Random(count('seed'))
    .shuffle(found.filter((file) => isWithin(file, count('max-bytes'))))
    .slice(0, count('files'));
  const end = performance.now() + 1000 * count('seconds');
  const trips: RoundTrip[] = [];
  await withCodingModel(values.model, runtime, { threads: values.threads }, async (model, settings) => {
    await roundTrip(model, settings, 'package.json', 1024); // What is slow at first is not measured.
    for (const file of files) {
      if (performance.now() > end) break;
      const trip = await roundTrip(model, settings, file);
      trips.push(trip);
      if (values.json) console.log(JSON.stringify(trip));
      if (trips.length % 20 === 0) console.error(`${trips.length} of ${files.length} files`);
    }
  });
  if (trips.length === 0) throw new UserError('there is no file that short; give others, or a larger --max-bytes');
  const totals = totalsOf(trips);
  console.log(tableOf(totals));
  return totals.identical === totals.files ? 0 : 1;
}

async function roundTrip(
  model: TextModel,
  settings: CodingSettings,
  file: string,
  most = Infinity,
): Promise<RoundTrip> {
  const bytes = readFileSync(file).subarray(0, most);
  const begin = performance.now();
  const made = await compress(model, bytes, settings);
  const between = performance.now();
  const identical = await comesBack(model, settings, made.file, bytes);
  const end = performance.now();
  return {
    path: file,
    bytes: bytes.length,
    compressedBytes: made.file.length,
    headerBytes: made.headerBytes,
    symbols: made.numSymbols,
    bits: (await bitsOf(model.model, wholeText(model.codec, bytes))).bits,
    identical,
    compressMs: between - begin,
    decompressMs: end - between,
    gzipBytes: gzipSync(bytes, { level: 9 }).length,
    xzBytes: xzBytes(bytes),
  };
}

async function comesBack(model: TextModel, settings: CodingSettings, file: Uint8Array, bytes: Uint8Array) {
  try {
    return Buffer.compare(await decompress(model, readCompressed(file, 'it'), settings), bytes) === 0;
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof UserError)) throw error;
    console.error(error.message);
    return false;
  }
}

/** Null where there is none. */
function xzBytes(bytes: Uint8Array): number | null {
  const { status, stdout } = spawnSync('xz', ['-9e', '-c'], { input: bytes, maxBuffer: 2 ** 28 });
  return status === 0 ? stdout.length : null;
}

function listedFiles(): string[] {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new UserError('expected a folder that git knows; or name files');
  return stdout.split('\0').filter(Boolean);
}

function isWithin(file: string, maxBytes: number): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= maxBytes;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1e9) return value;
  throw new UserError(`--${name}: expected a whole number from 1 to 1000000000, got ${text}`);
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
