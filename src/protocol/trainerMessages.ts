// The wires between the shell and two more roles of the forked process: the trainer, one process per training, and the sampler,
// which draws from finished models. One row per message, checked where it enters, on both sides.
import type { JsonObject } from '../base/json.ts';
import { type ResizeRule, resizeRules } from '../base/pixels.ts';
import { logLevels } from './hostMessages.ts';
import { countOf, type MessageOf, pngOf, pngsOf, readMessage, rowsOf, textOf, textsOf } from './messageTable.ts';

export const trainerProtocolVersion = 1;

/** What a forked process may be beside the engine; its first argument. */
export type TrainerRole = 'trainer' | 'sampler';

export const trainerLimits = {
  pathLength: 4096,
  nameLength: 200,
  roots: 64,
  excludes: 256,
  rows: 64,
  examples: 5,
  previews: 16,
  architectures: 32,
  presets: 8,
  promptLength: 16 * 1024,
  sampleLength: 8192,
  sampleSymbols: 16 * 1024,
  images: 64,
  reasonLength: 2000,
  minutes: 7 * 24 * 60,
  side: 1024,
} as const;

/** Of the checkpoints of all runs that are not finished; some three runs of the largest size. */
export const checkpointQuotaBytes = 2 * 2 ** 30;

/** How images become sequences. */
export interface ImageOptions {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly levels: number;
  readonly rule: ResizeRule;
}

/** A folder to learn from, and globs relative to it that are left out, such as those of `files.exclude`. */
export interface SourceRoot {
  readonly path: string;
  readonly excludes: readonly string[];
}

const toTrainer = {
  /** First of all; answered by `ready`. */
  hello: (m: JsonObject) => ({ protocolVersion: countOf(m, 'protocolVersion') }),
  /** What there is to learn from; answered by `surveyed` or `refused`. */
  survey: (m: JsonObject) => ({ request: countOf(m, 'request'), ...readSource(m) }),
  /** How some images of the last survey will look; answered by `previewed` or `refused`. */
  preview: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    image: readImageOptions(m.object('image')),
    count: m.integer('count', { min: 1, max: trainerLimits.previews }),
  }),
  /** A short trial on what was surveyed; answered by `estimated` or `refused`. A newer one supersedes it. */
  estimate: (m: JsonObject) => ({ request: countOf(m, 'request'), ...readWish(m) }),
  /** Answered by `started` or `failed`; one training for a process. */
  train: (m: JsonObject) => ({
    ...readSource(m),
    ...readWish(m),
    /** Null: until stopped. */
    minutes: m.nullable('minutes', (name) => m.number(name, { min: 0, max: trainerLimits.minutes })),
    seed: m.integer('seed', { min: 0, max: 2 ** 32 - 1 }),
    /** The folder of the model to be; its checkpoints lie below. */
    modelPath: textOf(m, 'modelPath', trainerLimits.pathLength),
    /** Goes on from the checkpoint that is there; without one it begins. */
    resume: m.boolean('resume'),
    workspace: readWorkspace(m.object('workspace')),
  }),
  /** Writes a checkpoint and takes no more steps; answered by `paused`. What goes on is another process, which resumes. */
  pause: () => ({}),
  /** Ends the training and keeps the best; answered by `done`. May come before the first step: of a run that resumes to be kept. */
  stop: () => ({}),
  /** The process ends by itself, after a checkpoint that resumes. */
  shutdown: () => ({}),
};

const fromTrainer = {
  ready: (m: JsonObject) => ({
    protocolVersion: countOf(m, 'protocolVersion'),
    pid: countOf(m, 'pid'),
    architectures: rowsOf(m, 'architectures', trainerLimits.architectures, readArchitecture),
  }),
  surveyed: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    numFiles: countOf(m, 'numFiles'),
    bytes: countOf(m, 'bytes'),
    /** There are more than a training reads: these are the first. */
    partial: m.boolean('partial'),
    /** Some of it will be kept to measure with. */
    heldOut: m.boolean('heldOut'),
    /** By language, or by the size of the images. */
    read: rowsOf(m, 'read', trainerLimits.rows, (row) => ({
      label: textOf(row, 'label', trainerLimits.nameLength),
      numFiles: countOf(row, 'numFiles'),
      bytes: countOf(row, 'bytes'),
    })),
    leftOut: rowsOf(m, 'leftOut', trainerLimits.rows, (row) => ({
      reason: textOf(row, 'reason', trainerLimits.nameLength),
      numFiles: countOf(row, 'numFiles'),
      examples: textsOf(row, 'examples', trainerLimits.examples, trainerLimits.pathLength),
    })),
    /** What suits most of the images; null for text, and without images. */
    suggested: m.nullable('suggested', (name) => readImageOptions(m.object(name))),
    /** Why nothing can be learnt from it; empty: it can. */
    problem: textOf(m, 'problem', trainerLimits.reasonLength),
  }),
  previewed: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    images: pngsOf(m, 'images', trainerLimits.previews),
  }),
  estimated: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    /** Of those that were surveyed, how many fit in memory. */
    numFiles: countOf(m, 'numFiles'),
    secondsPerStep: m.number('secondsPerStep', { min: 0 }),
    /** Less than fit into one: measuring, samples and checkpoints take time, too. */
    stepsPerMinute: m.number('stepsPerMinute', { min: 0 }),
    /** Once through all that is learnt from. */
    stepsPerPass: m.number('stepsPerPass', { min: 0 }),
    memoryBytes: countOf(m, 'memoryBytes'),
    numParameters: countOf(m, 'numParameters'),
  }),
  /** A survey, a preview or an estimate that came to nothing, and why. */
  refused: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    reason: textOf(m, 'reason', trainerLimits.reasonLength),
  }),
  /** While files are read, for a survey or a training: at most a few for a second. */
  reading: (m: JsonObject) => ({ done: countOf(m, 'done'), total: countOf(m, 'total') }),
  /** The first step comes next. */
  started: (m: JsonObject) => ({
    resumedStep: countOf(m, 'resumedStep'),
    /** What its symbols are. */
    symbols: m.oneOf('symbols', ['bytes', 'characters', 'tokens', 'values']),
    /** There is something held out: `validation` will come. */
    measured: m.boolean('measured'),
  }),
  /** Thinned: at most a few for a second. */
  step: (m: JsonObject) => ({
    step: countOf(m, 'step'),
    lossNats: m.number('lossNats'),
    symbolsPerSecond: m.number('symbolsPerSecond', { min: 0 }),
    /** Pauses and interruptions do not count. */
    elapsedMs: m.number('elapsedMs', { min: 0 }),
    /** Null: until stopped. */
    remainingMs: m.nullable('remainingMs', (name) => m.number(name, { min: 0 })),
    passes: m.number('passes', { min: 0 }),
    memoryBytes: countOf(m, 'memoryBytes'),
  }),
  /** On what is held out; bits per byte of text, per channel value of images. */
  validation: (m: JsonObject) => ({
    step: countOf(m, 'step'),
    lossNats: m.number('lossNats', { min: 0 }),
    bits: m.number('bits', { min: 0 }),
  }),
  /** Another compressor on the same held-out data, in the same unit. */
  baseline: (m: JsonObject) => ({ name: m.oneOf('name', ['gzip', 'PNG']), bits: m.number('bits', { min: 0 }) }),
  checkpoint: (m: JsonObject) => ({ step: countOf(m, 'step') }),
  textSample: (m: JsonObject) => ({ step: countOf(m, 'step'), text: textOf(m, 'text', trainerLimits.sampleLength) }),
  /** A contact sheet. */
  imageSample: (m: JsonObject) => ({ step: countOf(m, 'step'), png: pngOf(m, 'png') }),
  /** The checkpoint of that step is on disk: killing the process loses nothing. 0: there is none. */
  paused: (m: JsonObject) => ({ step: countOf(m, 'step') }),
  /** The model is in its folder. */
  done: (m: JsonObject) => ({
    reason: m.oneOf('reason', ['completed', 'converged', 'stopped']),
    modelPath: textOf(m, 'modelPath', trainerLimits.pathLength),
    bits: m.nullable('bits', (name) => m.number(name, { min: 0 })),
    bestStep: countOf(m, 'bestStep'),
  }),
  failed: (m: JsonObject) => ({
    reason: textOf(m, 'reason', trainerLimits.reasonLength),
    /** The loss was no number any more, and would not be again. */
    diverged: m.boolean('diverged'),
  }),
  /** What a person should know and what does not end the training. */
  warning: (m: JsonObject) => ({ text: textOf(m, 'text', trainerLimits.reasonLength) }),
  log: readLog,
};

const toSampler = {
  hello: (m: JsonObject) => ({ protocolVersion: countOf(m, 'protocolVersion') }),
  /** Answered by any number of `text`, then `sampled`; or `failed`. */
  sampleText: (m: JsonObject) => ({
    ...readDrawing(m),
    prompt: textOf(m, 'prompt', trainerLimits.promptLength),
    maxSymbols: m.integer('maxSymbols', { min: 1, max: trainerLimits.sampleSymbols }),
  }),
  /** Answered by an `image` each, also while it grows, then `sampled`; or `failed`. */
  sampleImages: (m: JsonObject) => ({
    ...readDrawing(m),
    count: m.integer('count', { min: 1, max: trainerLimits.images }),
    /** An image file whose upper half is kept; null: drawn from nothing. */
    completes: m.nullable('completes', (name) => textOf(m, name, trainerLimits.pathLength)),
  }),
  cancel: (m: JsonObject) => ({ request: countOf(m, 'request') }),
  shutdown: () => ({}),
};

const fromSampler = {
  ready: (m: JsonObject) => ({ protocolVersion: countOf(m, 'protocolVersion'), pid: countOf(m, 'pid') }),
  /** What comes after what came before. */
  text: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    text: textOf(m, 'text', trainerLimits.sampleLength),
  }),
  image: (m: JsonObject) => ({ request: countOf(m, 'request'), index: countOf(m, 'index'), png: pngOf(m, 'png') }),
  sampled: (m: JsonObject) => ({ request: countOf(m, 'request') }),
  failed: (m: JsonObject) => ({
    request: countOf(m, 'request'),
    reason: textOf(m, 'reason', trainerLimits.reasonLength),
  }),
  log: readLog,
};

export type ToTrainer = MessageOf<typeof toTrainer>;
export type FromTrainer = MessageOf<typeof fromTrainer>;
/** How a training ends for the process that ran it. */
export type TrainingEnding = Extract<FromTrainer, { kind: 'paused' | 'done' | 'failed' }>;
/** What happens to a training once it was told to train: neither answers nor words for the log. */
export type TrainingEvent = Exclude<FromTrainer, { request: number } | { kind: 'ready' | 'log' }>;
/** While it goes on. */
export type TrainingNews = Exclude<TrainingEvent, TrainingEnding>;
export type ToSampler = MessageOf<typeof toSampler>;
export type FromSampler = MessageOf<typeof fromSampler>;

export type SurveyMessage = Extract<ToTrainer, { kind: 'survey' }>;
export type EstimateMessage = Extract<ToTrainer, { kind: 'estimate' }>;
export type TrainMessage = Extract<ToTrainer, { kind: 'train' }>;
export type SurveyedMessage = Extract<FromTrainer, { kind: 'surveyed' }>;
export type EstimatedMessage = Extract<FromTrainer, { kind: 'estimated' }>;
export type ArchitectureRow = ReturnType<typeof readArchitecture>;

/** Each throws a UserError that names the field, when the value is no message of that wire. */
export const readToTrainer = (value: unknown) => readMessage(toTrainer, value, 'message to the trainer');
export const readFromTrainer = (value: unknown) => readMessage(fromTrainer, value, 'message of the trainer');
export const readToSampler = (value: unknown) => readMessage(toSampler, value, 'message to the sampler');
export const readFromSampler = (value: unknown) => readMessage(fromSampler, value, 'message of the sampler');

export const trainerMessageNames = {
  toTrainer: Object.keys(toTrainer),
  fromTrainer: Object.keys(fromTrainer),
  toSampler: Object.keys(toSampler),
  fromSampler: Object.keys(fromSampler),
};

function readSource(m: JsonObject): { eats: 'text' | 'image'; roots: readonly SourceRoot[] } {
  return {
    eats: m.oneOf('eats', ['text', 'image']),
    roots: rowsOf(m, 'roots', trainerLimits.roots, (root) => ({
      path: textOf(root, 'path', trainerLimits.pathLength),
      excludes: textsOf(root, 'excludes', trainerLimits.excludes, trainerLimits.pathLength),
    })),
  };
}

function readWish(m: JsonObject) {
  return {
    architecture: textOf(m, 'architecture', trainerLimits.nameLength),
    preset: textOf(m, 'preset', trainerLimits.nameLength),
    threads: m.integer('threads', { min: 1, max: 64 }),
    /** Null for text. */
    image: m.nullable('image', (name) => readImageOptions(m.object(name))),
  };
}

function readImageOptions(image: JsonObject): ImageOptions {
  const { side } = trainerLimits;
  return {
    width: image.integer('width', { min: 1, max: side }),
    height: image.integer('height', { min: 1, max: side }),
    channels: image.oneOf('channels', [1, 3]),
    levels: image.integer('levels', { min: 2, max: 256 }),
    rule: image.oneOf('rule', resizeRules),
  };
}

/** Who a model remembers as where it learnt; goes into its provenance. */
function readWorkspace(workspace: JsonObject) {
  return {
    hash: textOf(workspace, 'hash', 64),
    name: textOf(workspace, 'name', trainerLimits.nameLength),
  };
}

function readArchitecture(row: JsonObject) {
  return {
    name: textOf(row, 'name', trainerLimits.nameLength),
    title: textOf(row, 'title', trainerLimits.nameLength),
    eats: row.oneOf('eats', ['text', 'image']),
    presets: rowsOf(row, 'presets', trainerLimits.presets, (preset) => ({
      name: textOf(preset, 'name', trainerLimits.nameLength),
      label: textOf(preset, 'label', trainerLimits.nameLength),
    })),
  };
}

function readDrawing(m: JsonObject) {
  return {
    request: countOf(m, 'request'),
    modelPath: textOf(m, 'modelPath', trainerLimits.pathLength),
    temperature: m.number('temperature', { min: 0, max: 4 }),
    seed: m.integer('seed', { min: 0, max: 2 ** 32 - 1 }),
    threads: m.integer('threads', { min: 1, max: 64 }),
  };
}

function readLog(m: JsonObject) {
  return { level: m.oneOf('level', logLevels), text: textOf(m, 'text', 4096) };
}
