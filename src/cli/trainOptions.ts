// The options of `chainrule train`: what they are called, what they take, and what holds where they are not given.
import os from 'node:os';
import { UserError } from '../base/errors.ts';
import { type ResizeRule, resizeRules } from '../base/pixels.ts';
import { type Binarization, binarizations } from '../train/imageRows.ts';
import { type CodecKind, codecKinds } from '../train/prepareCodec.ts';
import { defaultPatience, type Preset, presetNames, presetOf } from '../train/presets.ts';
import type { ScheduleKind } from '../train/schedule.ts';
import { type OptimizerName, optimizerNames, type TrainBudget, type TrainOptions } from '../train/trainOptions.ts';
import { countOption, numberOption, type OptionValues } from './numbers.ts';
import { runtimeOption } from './openRuntime.ts';

export const usage = `chainrule train ARCHITECTURE --data PATH... --out DIR (--steps N | --minutes M | --until-stopped) [options]

  --data PATH             a file, or a folder that is walked; may be given several times, and takes several paths;
                          what may hold secrets is left out. For images also an IDX file such as train-images-idx3-ubyte.gz
  --validation PATH       held-out data; without it, one document or image in twenty is held out
  --out DIR               becomes the model folder; checkpoints are kept in DIR/checkpoints
  --steps N, --minutes M  how long; --until-stopped until Ctrl+C, which then keeps the best, or until --patience
  --patience N            after N validations without a better one the run goes back to the best and the rate falls, after N more
                          it ends (default 8; with --steps never)
  --decay-start N         with --steps: the last step at the full rate (reproduces a run by minutes)
  --resume                go on from the last checkpoint in DIR
  --preset NAME           small, medium or large: the defaults of all that follows; without it gpt has those that are told
                          here, every other architecture those of medium
  --config JSON           the model's configuration, as JSON or a file; fields left out keep their defaults
  --codec KIND            bpe, characters, bytes or auto (characters or bytes, by the texts); bpe for gpt, auto for others
  --tokenizer FILE        a tokenizer.json; without it, codec bpe trains one on the data
  --vocabulary N          its size (default 4096)
  --size WxH              of the images; every other size is brought to it (default: what suits most of them)
  --rule NAME             how: crop, fit or stretch; --channels N, 1 (grey) or 3; --levels N, values of a channel, 2 to 256
  --binarize NAME         sampled: each value becomes 0 or 1 with the probability of its intensity, anew in each epoch (2
                          levels); none is the default
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
  --runtime R             native, plain or auto (default: native where a test of it passes)
  --no-ignore             read files that .gitignore excludes, too
  --max-symbols N         the most data kept in memory (default 268435456)
  --json                  every line of stdout is one event as JSON`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

export const options = {
  data: { type: 'string', multiple: true },
  validation: { type: 'string', multiple: true },
  out: text,
  steps: text,
  minutes: text,
  'until-stopped': flag,
  patience: text,
  'decay-start': text,
  resume: flag,
  preset: text,
  config: text,
  codec: text,
  tokenizer: text,
  vocabulary: text,
  size: text,
  rule: text,
  channels: text,
  levels: text,
  binarize: text,
  batch: text,
  time: text,
  accumulate: text,
  'learning-rate': text,
  schedule: text,
  warmup: text,
  'decay-fraction': text,
  optimizer: text,
  'weight-decay': text,
  clip: text,
  'validate-every': text,
  'checkpoint-every': text,
  seed: text,
  threads: text,
  ...runtimeOption,
  'no-ignore': flag,
  'max-symbols': text,
  json: flag,
} as const;

const count = { least: 1, most: 1e9 };
const longestWarmup = 100;
const mostDefaultThreads = 8;

/** Of gpt without a preset: what the terminal has always taken. */
const plain: Preset = {
  ...{ config: {}, codec: 'bpe', vocabularySize: 4096, batch: 4, optimizer: 'muon', learningRate: 0.002 },
  ...{ warmupSteps: longestWarmup, decayFraction: 0.35, weightDecay: 0.1, clipNorm: 1 },
};

export function presetFrom(values: OptionValues, architecture: string): Preset {
  const name = values['preset'];
  if (name === undefined) return architecture === 'gpt' ? plain : presetOf(architecture, 'medium');
  return presetOf(architecture, oneOf('preset', name, presetNames));
}

export function budgetOf(values: OptionValues): TrainBudget {
  const steps = countOption(values, 'steps', count);
  const minutes = numberOption(values, 'minutes', { least: 0.01, most: 1e6 });
  const decayStart = countOption(values, 'decay-start', { least: 0, most: 1e9 });
  const given = [steps, minutes, values['until-stopped'] || undefined].filter((one) => one !== undefined);
  if (given.length === 1 && (steps !== undefined || decayStart === undefined)) {
    if (steps !== undefined) return decayStart === undefined ? { steps } : { steps, decayStart };
    return minutes !== undefined ? { minutes } : { untilStopped: true };
  }
  throw new UserError('expected either --steps N (and perhaps --decay-start N) or --minutes M or --until-stopped');
}

type Numbers = Omit<TrainOptions, 'architecture' | 'config' | 'data' | 'time' | 'checkpoints' | 'resume' | 'budget'>;

export function numbersOf(values: OptionValues, preset: Preset, budget: TrainBudget): Numbers {
  const patience = countOption(values, 'patience', count) ?? ('steps' in budget ? undefined : defaultPatience);
  return {
    batch: countOption(values, 'batch', count) ?? preset.batch,
    accumulation: countOption(values, 'accumulate', count) ?? 1,
    schedule: {
      kind: oneOf<ScheduleKind>('schedule', values['schedule'] ?? 'wsd', ['wsd', 'cosine']),
      learningRate: numberOption(values, 'learning-rate', { least: 1e-9, most: 10 }) ?? preset.learningRate,
      warmupSteps: countOption(values, 'warmup', { least: 0, most: 1e9 }) ?? warmupOf(preset, budget),
      decayFraction: numberOption(values, 'decay-fraction', { least: 0, most: 1 }) ?? preset.decayFraction,
    },
    optimizer: oneOf<OptimizerName>('optimizer', values['optimizer'] ?? preset.optimizer, optimizerNames),
    weightDecay: numberOption(values, 'weight-decay', { least: 0, most: 10 }) ?? preset.weightDecay,
    clipNorm: numberOption(values, 'clip', { least: 1e-9, most: 1e9 }) ?? preset.clipNorm,
    seed: countOption(values, 'seed', { least: 0, most: 2 ** 32 - 1 }) ?? 1,
    validateEverySteps: countOption(values, 'validate-every', count) ?? 250,
    checkpointEverySteps: countOption(values, 'checkpoint-every', count) ?? 250,
    threads:
      countOption(values, 'threads', { least: 1, most: 256 }) ??
      Math.min(mostDefaultThreads, os.availableParallelism()),
    ...(patience !== undefined && { patience }),
  };
}

export function codecOf(values: OptionValues, preset: Preset): CodecKind {
  return oneOf('codec', values['codec'] ?? preset.codec, codecKinds);
}

export interface ImageWishes {
  readonly width?: number;
  readonly height?: number;
  readonly channels?: 1 | 3;
  readonly levels?: number;
  readonly rule?: ResizeRule;
  readonly binarization: Binarization;
}

export function imageWishesOf(values: OptionValues): ImageWishes {
  const { size, rule } = values;
  const binarization = oneOf<Binarization>('binarize', values['binarize'] ?? 'none', binarizations);
  const levels = countOption(values, 'levels', { least: 2, most: 256 }) ?? (binarization === 'sampled' ? 2 : undefined);
  if (binarization === 'sampled' && levels !== 2) {
    throw new UserError(`--levels: expected 2 with --binarize sampled, got ${levels}`);
  }
  const channels = countOption(values, 'channels', { least: 1, most: 3 });
  if (channels === 2) throw new UserError('--channels: expected 1 (grey) or 3 (color), got 2');
  const sides = typeof size === 'string' ? /^(\d{1,3})x(\d{1,3})$/.exec(size) : undefined;
  if (size !== undefined && !sides) throw new UserError(`--size: expected WxH, such as 28x28, got ${String(size)}`);
  return {
    binarization,
    ...(sides && { width: Number(sides[1]), height: Number(sides[2]) }),
    ...(levels !== undefined && { levels }),
    ...(channels !== undefined && { channels: channels as 1 | 3 }),
    ...(rule !== undefined && { rule: oneOf('rule', rule, resizeRules) }),
  };
}

/** With the start of its decay given, a run by steps is the copy of one by minutes. */
function warmupOf({ warmupSteps }: Preset, budget: TrainBudget): number {
  return 'steps' in budget && budget.decayStart === undefined
    ? Math.min(warmupSteps, Math.ceil(budget.steps / 10))
    : warmupSteps;
}

function oneOf<T extends string>(name: string, value: unknown, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  const listed = known.length === 2 ? known.join(' or ') : `one of ${known.join(', ')}`;
  throw new UserError(`--${name}: expected ${listed}, got ${String(value)}`);
}
