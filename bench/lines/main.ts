// `npm run bench:lines`: how often a model knows how a line goes on, in files that it never saw. Greedy, with and without what follows.
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { Completer } from '../../src/completion/completer.ts';
import { loadTextModel } from '../../src/engine/loadModel.ts';
import { readConfig } from '../../src/models/registry.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { drawCases, type LineCase, type SourceFile } from './cases.ts';
import { type Answer, type Band, bandsOf, type Score, scoresOf } from './scores.ts';

const usage = `npm run bench:lines -- [--model DIR] FILES_OR_FOLDERS... [--cases N] [--seed N] [--threads N] [--json]

  FILES_OR_FOLDERS  each folder holds repositories or is one; paths below it are told to the model
  --model DIR       default: models/default
  --cases N         default 1000, at most 6 of a file
  --seed N          default 1: the same cases for the same files
  --json            one line per case`;

const extensions = new Set(
  'ts tsx mts js jsx mjs py go rs java c h cc cpp hpp cs sh html css json yaml yml toml sql md'.split(' '),
);
const maxFileBytes = 1 << 20;
const maxSymbols = 64;
const bandLimits = [-0.1, -0.25, -0.5, -0.75, -1, -1.5, -2, Number.NEGATIVE_INFINITY];
const directions = ['from the prefix', 'with the suffix'] as const;

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return 0;
  } catch (error) {
    console.error(`bench:lines: ${messageOf(error)}`);
    return error instanceof UserError ? 2 : 1;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', default: path.join('models', 'default') },
      cases: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: String(os.availableParallelism()) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(usage);
  if (positionals.length === 0) throw new UserError(`expected files or folders\n\n${usage}`);
  const cases = drawCases(
    positionals.flatMap(filesBelow),
    wholeNumber('cases', values.cases),
    new Random(wholeNumber('seed', values.seed)),
  );
  if (cases.length === 0) throw new UserError('there is no line of code in these files; give others');
  const runtime = await openRuntime();
  const threads = wholeNumber('threads', values.threads);
  const model = await loadTextModel(values.model, { runtime, threads, verify: false, readConfig });
  const completer = new Completer(model, { review: 'none' });
  try {
    for (const direction of directions) {
      const answers: Answer[] = [];
      for (const [i, one] of cases.entries()) {
        answers.push(await ask(completer, one, i, direction === 'with the suffix'));
        if (i % 100 === 99) console.error(`${direction}: ${i + 1} of ${cases.length}`);
      }
      if (values.json) for (const answer of answers) console.log(JSON.stringify({ direction, ...answer }));
      else console.log(`${table(direction, scoresOf(answers), bandsOf(answers, bandLimits))}\n`);
    }
  } finally {
    completer.dispose();
    model.dispose();
  }
}

async function ask(completer: Completer, one: LineCase, index: number, withSuffix: boolean): Promise<Answer> {
  const result = await completer.complete({
    document: String(index),
    path: one.path,
    languageId: '',
    before: one.before,
    after: withSuffix ? one.after : '',
    maxSymbols,
    multiline: 'never',
    deadlineMs: Number.POSITIVE_INFINITY,
  });
  const language = path.extname(one.path).slice(1).toLowerCase();
  const told = { language, kind: one.kind, rest: one.rest };
  if (result.kind === 'nothing') return { ...told, text: '', meanLogProbNats: Number.NEGATIVE_INFINITY };
  const { text, meanLogProbNats } = result;
  return { ...told, text, meanLogProbNats };
}

/** Source files, named by their path below the folder that was given. */
function filesBelow(place: string): SourceFile[] {
  const isFolder = statSync(place).isDirectory();
  const names = isFolder ? readdirSync(place, { recursive: true, encoding: 'utf8' }).sort() : [''];
  return names.flatMap((name) => {
    const file = path.join(place, name);
    const stats = lstatSync(file);
    if (!stats.isFile() || stats.size > maxFileBytes) return [];
    if (!extensions.has(path.extname(file).slice(1).toLowerCase())) return [];
    const told = name === '' ? path.basename(place) : name.split(path.sep).join('/');
    return [{ path: told, text: readFileSync(file, 'utf8') }];
  });
}

function table(direction: string, scores: readonly Score[], bands: readonly Band[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const scoreLines = scores.map(
    (one) => `| ${one.name} | ${one.numCases} | ${percent(one.exactMatch)} | ${one.editSimilarity.toFixed(3)} |`,
  );
  const bandLines = bands.map(
    ({ above, numCases, exactMatch }) =>
      `| ${Number.isFinite(above) ? above : 'below'} | ${numCases} | ${percent(exactMatch)} |`,
  );
  return [
    `| ${direction} | cases | exact match | edit similarity |`,
    '| --- | ---: | ---: | ---: |',
    ...scoreLines,
    '',
    '| mean ln p per symbol above | cases | exact match |',
    '| ---: | ---: | ---: |',
    ...bandLines,
  ].join('\n');
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1e6) return value;
  throw new UserError(`--${name}: expected a whole number from 1 to 1000000, got ${text}`);
}
