// `chainrule train`: data -> codec -> rows -> run -> model folder. The folder holds the codec's file and the checkpoints from the start,
// so that --resume finds all it needs there, and becomes a model when the run is completed.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import { exportModel } from '../export/exportModel.ts';
import { architectureNamed } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import { CheckpointStore } from '../train/checkpoint.ts';
import { type RunProgress, type TrainEvent, train as trainModel } from '../train/loop.ts';
import type { Prepared } from '../train/prepare.ts';
import { lockRun } from '../train/runLock.ts';
import type { TrainingData } from '../train/trainingData.ts';
import { trainingRecord } from '../train/trainingRecord.ts';
import type { TrainOptions } from '../train/trainOptions.ts';
import type { Command, CommandContext } from './command.ts';
import { jsonOption } from './jsonOption.ts';
import { openRuntime } from './openRuntime.ts';
import { progressLine } from './progressLine.ts';
import { prepareImageData, prepareTextData } from './trainData.ts';
import { budgetOf, numbersOf, options, presetFrom, usage } from './trainOptions.ts';

export const train: Command = { summary: 'trains a model on files and folders', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [name, ...morePaths] = positionals;
  if (name === undefined) throw new UserError('expected an architecture, such as gpt, after the word train');
  const { consumes } = architectureNamed(name);
  const { out, validation } = values;
  if (out === undefined) throw new UserError('expected --out DIR, the folder of the model to be');
  // A shell writes the rest of `--data a/*` as positionals.
  const data = [...(values.data ?? []), ...morePaths];
  if (data.length === 0) throw new UserError('expected --data PATH, a file or folder to learn from');
  const budget = budgetOf(values);
  const preset = presetFrom(values, name);
  const numbers = numbersOf(values, preset, budget);
  const runtime = await openRuntime(values, context); // Before any file is read: openNativeRuntime says why.
  const wishes = values.config === undefined ? {} : await jsonOption('config', values.config);

  const unlock = await lockRun(out);
  try {
    const checkpoints = new CheckpointStore(path.join(out, 'checkpoints'));
    const [reached] = await checkpoints.steps();
    // With nothing to go on from, --resume begins: a script may always give it.
    const resume = values.resume === true && reached !== undefined;
    if (reached !== undefined && !resume) {
      throw new UserError(
        `${out} holds a run that reached step ${reached}; go on with --resume, or give another --out`,
      );
    }
    const config = { ...preset.config, ...wishes };
    const request = { architecture: name, dir: out, data, validation, config, preset, resume };
    const prepare = consumes === 'image' ? prepareImageData : prepareTextData;
    const prepared = await prepare(request, values, context);
    const { architecture, config: whole, data: rows, time } = prepared;
    const trainOptions = { ...numbers, architecture, config: whole, data: rows, time, checkpoints, resume, budget };
    const sources = { data, validation, note: values.binarize === 'sampled' ? ', binarized by sampling' : '' };
    const how = { json: values.json ?? false, runtime };
    return await trainAndExport(out, sources, prepared, trainOptions, how, context);
  } finally {
    await unlock();
  }
}

interface Sources {
  readonly data: readonly string[];
  readonly validation: readonly string[] | undefined;
  /** What was made of it. */
  readonly note: string;
}

async function trainAndExport(
  dir: string,
  sources: Sources,
  { architecture, config, codec }: Prepared,
  trainOptions: TrainOptions,
  { json, runtime }: { readonly json: boolean; readonly runtime: Runtime },
  context: CommandContext,
): Promise<number> {
  const { unit } = trainOptions.data;
  const onEvent = (event: TrainEvent, progress: RunProgress) => {
    if (json) context.out(JSON.stringify(withUnit(event, unit)));
    const { status, lasting } = progressLine(trainOptions.budget, event, progress, unit);
    if (lasting !== undefined) context.log(lasting);
    if (status !== undefined) context.progress(status);
  };
  const result = await trainModel(trainOptions, {
    runtime,
    now: context.now,
    onEvent,
    onWarning: (message) => context.log(`warning: ${message}`),
    // Without a budget Ctrl+C is how a run ends; otherwise it interrupts one that can be resumed.
    ...('untilStopped' in trainOptions.budget ? { finish: context.signal } : { signal: context.signal }),
  });
  if (result.reason === 'stopped' || result.step === 0) {
    context.log(`stopped at step ${result.step}; the same command with --resume goes on from there`);
    return 130;
  }
  const heldOut = unit === 'byte' ? 'text held out from the data' : 'images held out from the data';
  await exportModel(dir, {
    architecture,
    config,
    codec,
    parameters: result.memory.tensors('parameters'),
    provenance: {
      data: namesOf(sources.data) + sources.note,
      ...(result.bits !== null && { validation: sources.validation ? namesOf(sources.validation) : heldOut }),
      ...trainingRecord(trainOptions, result),
    },
    bitsPerByte: unit === 'byte' ? result.bits : null,
    ...(unit === 'dimension' && result.bits !== null && { bitsPerDimension: result.bits }),
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
