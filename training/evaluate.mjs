// How many bits a model needs for files it has not seen, beside gzip -9 of each file alone:
//
//   node training/evaluate.mjs --model DIR FILES_OR_FOLDERS... [--extensions ts,py] [--every N] [--threads N] [--json]
//
// The bits are what `chainrule bits` counts: every byte and the end of the file, the model told nothing of its name. stdout has a
// table, or with --json one line per extension and one for the total; progress goes to stderr.
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { formatSummary, gzipBits, isWanted, summarize } from './evaluation.mjs';

const usage =
  'node training/evaluate.mjs --model DIR FILES_OR_FOLDERS... [--extensions ts,py] [--every N] [--threads N] [--json]\n\n' +
  '  --extensions  only these, comma-separated; may be given several times; a name such as Makefile is one, too\n' +
  '  --every       only each Nth file, in order of their paths: a quick look at a large folder';
const cli = path.join(import.meta.dirname, '..', 'dist', 'cli.js');
/** The system bounds the length of a command line; a process more costs one loading of the model. */
const maxCommandLine = 64_000;

async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    options: {
      model: { type: 'string' },
      extensions: { type: 'string', multiple: true },
      every: { type: 'string', default: '1' },
      threads: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.model === undefined || positionals.length === 0) throw new Error(`expected a model and files\n${usage}`);
  if (!existsSync(cli)) throw new Error(`${path.relative('.', cli)} is missing; repair: npm run build`);
  const extensions = values.extensions?.flatMap((list) => list.split(',')).filter(Boolean);
  const every = Number(values.every);
  if (!(Number.isInteger(every) && every >= 1))
    throw new Error(`--every: expected a whole number, got ${values.every}`);
  const files = [...new Set(positionals.flatMap(filesBelow))]
    .filter((file) => isWanted(file, extensions))
    .sort()
    .filter((_, i) => i % every === 0);
  if (files.length === 0) throw new Error('none of the files there is asked for');

  const flags = ['--model', values.model, ...(values.threads === undefined ? [] : ['--threads', values.threads])];
  const measured = [];
  let failed = 0;
  for (const batch of batchesOf(files)) {
    for await (const { path: file, bytes, bits, error } of bitsOf(flags, batch)) {
      if (error === undefined) {
        measured.push({ path: file, bytes, modelBits: bits, gzipBits: gzipBits(readFileSync(file)) });
        showProgress(measured, files.length);
      } else {
        failed += 1;
        console.error(`evaluate: ${file}: ${error}`);
      }
    }
  }
  const rows = summarize(measured);
  console.log(values.json ? rows.map((row) => JSON.stringify(row)).join('\n') : formatSummary(rows));
  if (failed > 0) console.error(`evaluate: ${failed} of ${files.length} files could not be measured`);
  return failed > 0 ? 1 : 0;
}

/** A file itself; of a folder every regular file below it, sorted; links are not followed. */
function filesBelow(place) {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { recursive: true })
    .sort()
    .map((name) => path.join(place, name))
    .filter((file) => lstatSync(file).isFile());
}

function* batchesOf(files) {
  let batch = [];
  let length = 0;
  for (const file of files) {
    if (length + file.length > maxCommandLine) {
      yield batch;
      [batch, length] = [[], 0];
    }
    batch.push(file);
    length += file.length + 1;
  }
  yield batch;
}

/** The lines of `chainrule bits` but the total; a file that cannot be measured has an `error`. */
async function* bitsOf(flags, files) {
  const child = spawn(process.execPath, [cli, 'bits', ...flags, ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  let finished = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line);
    if (answer.total) finished = true;
    else yield answer;
  }
  const status = await ended;
  if (!finished) throw new Error(`chainrule bits ended with ${status} before its total; what it said is above`);
}

function showProgress(measured, numFiles) {
  if (!process.stderr.isTTY && measured.length % 100 !== 0) return;
  const total = summarize(measured).at(-1);
  const text = `${measured.length} of ${numFiles} files, ${total.bitsPerByte?.toFixed(3)} bits per byte`;
  process.stderr.write(
    process.stderr.isTTY ? `\r\x1b[2K${text}${measured.length === numFiles ? '\n' : ''}` : `${text}\n`,
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`evaluate: ${error.message}`);
  process.exitCode = 1;
}
