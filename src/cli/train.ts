// `chainrule train`: data -> codec -> corpus -> run -> model folder. The folder holds the codec's file and the checkpoints from the start,
// so that --resume finds all it needs there, and becomes a model when the run is completed.
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import type { TextCodec } from '../codecs/text.ts';
import { exportModel } from '../export/exportModel.ts';
import { DuplicateFilter } from '../files/duplicates.ts';
import type { LeftOutCounts } from '../files/leftOut.ts';
import { plainRoots } from '../files/roots.ts';
import { openRuntime } from '../runtime/ortNode.ts';
import { CheckpointStore } from '../train/checkpoint.ts';
import { type Corpora, gatherCorpora } from '../train/gatherCorpus.ts';
import { type RunProgress, type TrainEvent, train as trainModel } from '../train/loop.ts';
import { type CodecKind, codecKinds, prepareCodec } from '../train/prepareCodec.ts';
import { readTexts } from '../train/readTexts.ts';
import { checkArchitecture, recipe } from '../train/recipe.ts';
import { defaultMix } from '../train/rowSampler.ts';
import type { ScheduleKind } from '../train/schedule.ts';
import { windowData } from '../train/textData.ts';
import type { TrainingData } from '../train/trainingData.ts';
import { trainingRecord } from '../train/trainingRecord.ts';
import { type OptimizerName, optimizerNames, type TrainBudget, type TrainOptions } from '../train/trainOptions.ts';
import type { Command, CommandContext } from './command.ts';
import { jsonOption } from './jsonOption.ts';
import { countOption, numberOption } from './numbers.ts';
import { progressLine } from './progressLine.ts';

const usage = `chainrule train ARCHITECTURE --data PATH... --out DIR (--steps N | --minutes M) [options]

  --data PATH             a file, or a folder that is walked; may be given several times, and takes several paths;
                          what may hold secrets is left out
  --validation PATH       held-out data; without it, one document in twenty is held out
  --out DIR               becomes the model folder; checkpoints are kept in DIR/checkpoints
  --steps N, --minutes M  how long
  --decay-start N         with --steps: the last step at the full rate (reproduces a run by minutes)
  --resume                go on from the last checkpoint in DIR
  --config JSON           the model's configuration, as JSON or a file; fields left out keep their defaults
  --codec KIND            bpe (default), characters or bytes
  --tokenizer FILE        a tokenizer.json; without it, codec bpe trains one on the data
  --vocabulary N          its size (default 4096)
  --batch N, --time N     rows of a batch (default 4), symbols of a row (default 512, or the context)
  --accumulate N          batches for one update (default 1)
  --optimizer NAME        muon (default: for the hidden matrices, AdamW for the rest) or adamw
  --learning-rate X       default 0.002
  --schedule NAME         wsd (default: stay, then decay linearly) or cosine
  --warmup N              in steps (default 100; with --steps alone, at most a tenth of them)
  --decay-fraction X      the share of the run in which wsd decays (default 0.35)
  --weight-decay X        default 0.1; --clip X, the largest norm of the gradients, default 1
  --validate-every N      in steps (default 250); --checkpoint-every N (default 250)
  --seed N, --threads N   default 1, and one for each core up to 8
  --no-ignore             read files that .gitignore excludes, too
  --max-symbols N         the most data kept in memory (default 268435456)
  --json                  every line of stdout is one event as JSON`;

const options = {
  data: { type: 'string', multiple: true },
  validation: { type: 'string', multiple: true },
  out: { type: 'string' },
  steps: { type: 'string' },
  minutes: { type: 'string' },
  'decay-start': { type: 'string' },
  resume: { type: 'boolean' },
  config: { type: 'string' },
  codec: { type: 'string' },
  tokenizer: { type: 'string' },
  vocabulary: { type: 'string' },
  batch: { type: 'string' },
  time: { type: 'string' },
  accumulate: { type: 'string' },
  'learning-rate': { type: 'string' },
  schedule: { type: 'string' },
  warmup: { type: 'string' },
  'decay-fraction': { type: 'string' },
  optimizer: { type: 'string' },
  'weight-decay': { type: 'string' },
  clip: { type: 'string' },
  'validate-every': { type: 'string' },
  'checkpoint-every': { type: 'string' },
  seed: { type: 'string' },
  threads: { type: 'string' },
  'no-ignore': { type: 'boolean' },
  'max-symbols': { type: 'string' },
  json: { type: 'boolean' },
} as const;

const count = { least: 1, most: 1e9 };
const longestWarmup = 100;
const heldOut = 'text held out from the data';
const mostDefaultThreads = 8;

export const train: Command = { summary: 'trains a model on files and folders', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [name, ...morePaths] = positionals;
  if (name === undefined) throw new UserError('expected an architecture, such as gpt, after the word train');
  checkArchitecture(name);
  if (values.out === undefined) throw new UserError('expected --out DIR, the folder of the model to be');
  // A shell writes the rest of `--data a/*` as positionals.
  const data = [...(values.data ?? []), ...morePaths];
  if (data.length === 0) throw new UserError('expected --data PATH, a file or folder to learn from');
  const budget = budgetOf(values);

  const checkpoints = new CheckpointStore(path.join(values.out, 'checkpoints'));
  const [reached] = await checkpoints.steps();
  // With nothing to go on from, --resume begins: a script may always give it.
  const resume = values.resume === true && reached !== undefined;
  if (reached !== undefined && !resume) {
    throw new UserError(
      `${values.out} holds a run that reached step ${reached}; go on with --resume, or give another --out`,
    );
  }
  const reading = { respectIgnore: !values['no-ignore'], signal: context.signal };
  const codec = await prepareCodec(
    {
      dir: values.out,
      kind: codecKind(values.codec),
      tokenizer: values.tokenizer,
      vocabularySize: countOption(values, 'vocabulary', { least: 264, most: 1 << 20 }) ?? 4096,
      resume,
      texts: () => readTexts(plainRoots(data), reading),
    },
    context.log,
  );
  const wishes = values.config === undefined ? {} : await jsonOption('config', values.config);
  const { architecture, config, time } = recipe(
    name,
    wishes,
    codec,
    countOption(values, 'time', { least: 2, most: 65536 }),
  );

  const maxSymbols = countOption(values, 'max-symbols', { least: 1, most: 2 ** 32 });
  // What was trained on is not validated with, though it lies in both places.
  const once = {
    ...reading,
    duplicates: new DuplicateFilter(),
    onLeftOut: context.log,
    onReport: (leftOut: LeftOutCounts) => context.log(listed(leftOut)),
  };
  const corpora = await gatherCorpora({
    codec,
    texts: readTexts(plainRoots(data), once),
    ...(values.validation ? { validationTexts: readTexts(plainRoots(values.validation), once) } : {}),
    ...(maxSymbols === undefined ? {} : { maxSymbols }),
  });
  context.log(describe(corpora));

  const trainOptions: TrainOptions = {
    architecture,
    config,
    data: windowData(corpora, codec, defaultMix),
    checkpoints,
    resume,
    budget,
    time,
    batch: countOption(values, 'batch', count) ?? 4,
    accumulation: countOption(values, 'accumulate', count) ?? 1,
    schedule: {
      kind: scheduleKind(values.schedule),
      learningRate: numberOption(values, 'learning-rate', { least: 1e-9, most: 10 }) ?? 0.002,
      warmupSteps: countOption(values, 'warmup', { least: 0, most: 1e9 }) ?? defaultWarmup(budget),
      decayFraction: numberOption(values, 'decay-fraction', { least: 0, most: 1 }) ?? 0.35,
    },
    optimizer: optimizerName(values.optimizer),
    weightDecay: numberOption(values, 'weight-decay', { least: 0, most: 10 }) ?? 0.1,
    clipNorm: numberOption(values, 'clip', { least: 1e-9, most: 1e9 }) ?? 1,
    seed: countOption(values, 'seed', { least: 0, most: 2 ** 32 - 1 }) ?? 1,
    validateEverySteps: countOption(values, 'validate-every', count) ?? 250,
    checkpointEverySteps: countOption(values, 'checkpoint-every', count) ?? 250,
    threads:
      countOption(values, 'threads', { least: 1, most: 256 }) ??
      Math.min(mostDefaultThreads, os.availableParallelism()),
  };
  const sources = { data, validation: values.validation };
  return trainAndExport(values.out, sources, codec, trainOptions, values.json ?? false, context);
}

interface Sources {
  readonly data: readonly string[];
  readonly validation: readonly string[] | undefined;
}

async function trainAndExport(
  dir: string,
  sources: Sources,
  codec: TextCodec,
  trainOptions: TrainOptions,
  json: boolean,
  context: CommandContext,
): Promise<number> {
  const onEvent = (event: TrainEvent, progress: RunProgress) => {
    if (json) context.out(JSON.stringify(withUnit(event, trainOptions.data.unit)));
    const { status, lasting } = progressLine(trainOptions.budget, event, progress, trainOptions.data.unit);
    if (lasting !== undefined) context.log(lasting);
    if (status !== undefined) context.progress(status);
  };
  const { architecture, config, data } = trainOptions;
  const measured = data.heldOut(trainOptions.batch, trainOptions.time) !== undefined;
  const result = await trainModel(trainOptions, {
    runtime: await openRuntime(),
    now: context.now,
    onEvent,
    onWarning: (message) => context.log(`warning: ${message}`),
    signal: context.signal,
  });
  if (result.reason === 'stopped') {
    context.log(`stopped at step ${result.step}; the same command with --resume goes on from there`);
    return 130;
  }
  await exportModel(dir, {
    architecture,
    config,
    codec,
    parameters: result.memory.tensors('parameters'),
    provenance: {
      data: namesOf(sources.data),
      ...(measured && { validation: sources.validation ? namesOf(sources.validation) : heldOut }),
      ...trainingRecord(trainOptions, result),
    },
    bitsPerByte: result.bits,
  });
  context.log(`${dir} is a model`);
  if (!json) context.out(dir);
  return 0;
}

/** `bits` under the name of what they are counted per. */
function withUnit(event: TrainEvent, unit: TrainingData['unit']): object {
  if (!('bits' in event)) return event;
  const { bits, ...rest } = event;
  return { ...rest, [unit === 'byte' ? 'bitsPerByte' : 'bitsPerDimension']: bits };
}

/** No paths: a model is given away, and they tell of the person. */
function namesOf(paths: readonly string[]): string {
  return paths.map((one) => path.basename(path.resolve(one))).join(', ');
}

function budgetOf(values: Readonly<Record<string, unknown>>): TrainBudget {
  const texts = values as Readonly<Record<string, string | undefined>>;
  const steps = countOption(texts, 'steps', count);
  const minutes = numberOption(texts, 'minutes', { least: 0.01, most: 1e6 });
  const decayStart = countOption(texts, 'decay-start', { least: 0, most: 1e9 });
  if (steps !== undefined && minutes === undefined) return decayStart === undefined ? { steps } : { steps, decayStart };
  if (minutes !== undefined && steps === undefined && decayStart === undefined) return { minutes };
  throw new UserError('expected either --steps N (and perhaps --decay-start N) or --minutes M');
}

/** With the start of its decay given, a run by steps is the copy of one by minutes. */
function defaultWarmup(budget: TrainBudget): number {
  return 'steps' in budget && budget.decayStart === undefined
    ? Math.min(longestWarmup, Math.ceil(budget.steps / 10))
    : longestWarmup;
}

function codecKind(kind = 'bpe'): CodecKind {
  const known = codecKinds.find((one) => one === kind);
  if (known) return known;
  throw new UserError(`--codec: expected one of ${codecKinds.join(', ')}, got ${kind}`);
}

function optimizerName(name = 'muon'): OptimizerName {
  const known = optimizerNames.find((one) => one === name);
  if (known) return known;
  throw new UserError(`--optimizer: expected one of ${optimizerNames.join(', ')}, got ${name}`);
}

function scheduleKind(kind = 'wsd'): ScheduleKind {
  if (kind === 'wsd' || kind === 'cosine') return kind;
  throw new UserError(`--schedule: expected wsd or cosine, got ${kind}`);
}

function listed(leftOut: LeftOutCounts): string {
  const parts = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
  return parts.length > 0 ? `passed over: ${parts.join(', ')}` : 'every file was read';
}

function describe({ training, validation, numBytes }: Corpora): string {
  const held = validation ? `${validation.documents.length} documents held out` : 'nothing held out';
  const megabytes = (numBytes / 1e6).toFixed(1);
  return `${training.documents.length} documents, ${megabytes} MB, ${training.numSymbols} symbols to learn from; ${held}`;
}
