// `npm run bench:model`: what a model is worth, on files that it never saw; every number of the card. The parts are in files of their own.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { messageOf, UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { loadTextModel, type TextModel } from '../../src/engine/loadModel.ts';
import type { WeightsWish } from '../../src/engine/variants.ts';
import { replaceSections } from '../../src/export/cardSections.ts';
import { readConfig } from '../../src/models/registry.ts';
import { chooseRuntime } from '../../src/runtime/chooseRuntime.ts';
import { machineFacts } from '../machine.ts';
import { bitsOfFiles } from './bits.ts';
import { drawCases } from './cases.ts';
import { fitWeights, gatherSeen, writeWeights } from './fit.ts';
import { chosen, type HeldOutFile, languageOf, readHeldOut, textOf } from './heldOut.ts';
import { readInfilling } from './infilling.ts';
import { type AskedCase, answersOf } from './lines.ts';
import { memorisationOf } from './memorisation.ts';
import { type EvaluationOptions, readOptions, usage } from './options.ts';
import { type Evaluation, evaluationSection } from './report.ts';
import { hashOf, Results } from './results.ts';
import { sampleBitsPerByte, sampleNote } from './sample.ts';
import { type Speed, speedOf } from './speed.ts';

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === undefined) console.log(usage);
    else await run(options, args);
    return 0;
  } catch (error) {
    console.error(`bench:model: ${messageOf(error)}`);
    return error instanceof UserError ? 2 : 1;
  }
}

async function run(options: EvaluationOptions, args: readonly string[]): Promise<void> {
  const runtime = await chooseRuntime({
    choice: 'auto',
    log: (_, text) => console.error(text),
    // This process is one of its own already.
    tryOut: async () => undefined,
  });
  const load = (variant: WeightsWish): Promise<TextModel> =>
    loadTextModel(options.model, {
      runtime,
      threads: options.threads,
      verify: false,
      readConfig,
      variant,
      open: 'none',
    });
  const model = await load(options.variant);
  try {
    const results = new Results(resultsFile(options));
    if (options.fit) return await fitCopies(model, options);
    if (options.memorisation !== undefined) return await memorisation(model, options.memorisation, options, results);
    const evaluation = await evaluate(model, options, results, load);
    evaluation.command = commandLine(args, options.folder);
    const section = evaluationSection(evaluation);
    if (options.json) console.log(JSON.stringify(evaluation));
    else console.log(section);
    if (options.write) await replaceSections(options.model, [section]);
  } finally {
    model.dispose();
  }
}

async function evaluate(
  model: TextModel,
  options: EvaluationOptions,
  results: Results,
  load: (variant: WeightsWish) => Promise<TextModel>,
): Promise<{ -readonly [K in keyof Evaluation]: Evaluation[K] }> {
  const all = readHeldOut(options.folder);
  const evaluated = all.filter(({ forFitting }) => !forFitting);
  const files = chosen(evaluated, options);
  const has = (part: EvaluationOptions['parts'][number]) => options.parts.includes(part);
  const evaluation: { -readonly [K in keyof Evaluation]: Evaluation[K] } = {
    intro: introOf(all, files, options),
    command: '',
    notes: [...machineFacts(options.threads, 15), loadNote()],
  };
  if (has('bits')) {
    evaluation.bits = await bitsOfFiles(model, files, results, (done) => progress('bits', done, files.length));
    evaluation.notes = [sampleNote(options.variant, await sampleBitsPerByte(model)), ...evaluation.notes];
  }
  if (has('lines')) {
    const cases = casesOf(files, options);
    evaluation.lines = await answersOf(model, cases, results, (done, of) => progress('lines', done, of));
  }
  if (options.infilling !== undefined) {
    const cases = chosen(readInfilling(options.infilling), options);
    evaluation.infilling = await answersOf(model, cases, results, (done, of) => progress('infilling', done, of));
  }
  if (has('speed')) {
    const text = await readFile(longest(all).file);
    const names = ['fp32', ...(model.description.variants ?? []).map(({ name }) => name)] as const;
    const speeds: Speed[] = [];
    for (const name of names) {
      const one = await load(name);
      try {
        speeds.push(await speedOf(one, name, text));
      } finally {
        one.dispose();
      }
    }
    evaluation.speeds = speeds;
  }
  return evaluation;
}

function introOf(all: readonly HeldOutFile[], files: readonly HeldOutFile[], options: EvaluationOptions): string {
  const repositories = new Set(all.map(({ repository }) => repository)).size;
  const some = options.every > 1 || Number.isFinite(options.limit) ? ', a part of them' : '';
  const fitted = all.filter(({ forFitting }) => forFitting).length;
  return `On ${files.length} files of ${repositories} repositories that no training run read${some}; ${fitted} others are put aside to fit the weights of
copies on. Weights of the model: ${options.variant}.`;
}

function casesOf(files: readonly HeldOutFile[], { seed, numCases, limit }: EvaluationOptions): AskedCase[] {
  const sources = files.map((file) => ({ path: file.path, text: textOf(file) }));
  const cases = drawCases(sources, Math.min(numCases, limit), new Random(seed));
  if (cases.length === 0) throw new UserError('there is no line of code in these files; give others');
  return cases.map((one) => ({ ...one, language: languageOf(one.path)! }));
}

async function fitCopies(model: TextModel, options: EvaluationOptions): Promise<void> {
  const files = chosen(
    readHeldOut(options.folder).filter(({ forFitting }) => forFitting),
    options,
  );
  const seen = await gatherSeen(model, files, (done) => progress('fit', done, files.length));
  const weights = fitWeights(seen);
  console.log(`${writeWeights(weights)}: fitted on ${seen.flat(2).length} symbols of ${files.length} files`);
}

async function memorisation(model: TextModel, corpus: string, options: EvaluationOptions, results: Results) {
  const draw = { count: Math.min(options.numCases, options.limit), seed: options.seed };
  const told = (done: number) => progress('memorisation', done, draw.count);
  for (const [what, folder] of [
    ['training', corpus],
    ['held out', options.folder],
  ] as const) {
    const { numLines, numReproduced } = await memorisationOf(model, folder, draw, results, told);
    const share = `${((100 * numReproduced) / numLines).toFixed(2)} %`;
    console.log(
      `${what}: of ${numLines} lines of 60 and more symbols, ${numReproduced} (${share}) follow from their first 20`,
    );
  }
}

/** One file for what a model's files are, whatever it is called. */
function resultsFile({ model, variant }: EvaluationOptions): string {
  const hash = hashOf(readFileSync(path.join(model, 'model.json')));
  return path.join('out', 'bench', 'model', `${hash}-${variant}.jsonl`);
}

/** Speed says little where others compute, too. */
function loadNote(): string {
  return `Processes that wanted a core while this was measured, in the last minute: ${os.loadavg()[0]!.toFixed(1)}.`;
}

function longest(files: readonly HeldOutFile[]): HeldOutFile {
  const ofCode = files.filter(({ language }) => language === 'TypeScript');
  const among = ofCode.length > 0 ? ofCode : files;
  return among.reduce((best, file) => (textOf(file).length > textOf(best).length ? file : best));
}

/** As somebody else would say it: where things lie on this machine is nobody's business. */
export function commandLine(args: readonly string[], folder: string): string {
  const words = args.map((word) => {
    if (word === folder) return path.isAbsolute(word) ? 'corpus/heldout' : word;
    return path.isAbsolute(word) ? path.basename(word) : word;
  });
  return `npm run bench:model -- ${words.map((word) => (/^[\w./,:=-]+$/.test(word) ? word : `'${word}'`)).join(' ')}`.trim();
}

function progress(what: string, done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${what}: ${done} of ${of}${done === of ? '\n' : ''}`);
  else if (done % 100 === 0 || done === of) console.error(`${what}: ${done} of ${of}`);
}
