// The wire between the shell and its webviews: the training view and the sheet of images. One row per message, as on the other
// wire; both sides check what comes in, the shell because a page is not to be trusted, the page so that nothing is drawn from
// half a message. Every message to a view is a whole, but for the points of curves, which come in pieces: all of them when the page says
// that it is ready, from then on the new ones. A view that was hidden and made again needs no history.
import { type JsonObject, numberAt } from '../base/json.ts';
import { type ResizeRule, resizeRules } from '../base/pixels.ts';
import { listOf, type MessageOf, pngOf, pngsOf, readMessage, rowsOf, textOf, textsOf } from './messageTable.ts';

export const viewLimits = {
  textLength: 4000,
  rows: 64,
  examples: 5,
  /** Of one curve. */
  curvePoints: 100_000,
  /** Of one message. */
  piecePoints: 4096,
  samples: 6,
  sampleLength: 8192,
  images: 64,
  side: 1024,
  temperature: { min: 0, max: 4 },
  seed: { min: 0, max: 2 ** 32 - 1 },
} as const;

/** Null: until stopped. */
export const budgetChoices = [2, 10, 60, null] as const;
export type BudgetMinutes = (typeof budgetChoices)[number];

export const channelChoices = [1, 3] as const;
export const levelChoices = [2, 4, 16, 256] as const;

export interface ImageChoices {
  readonly width: number;
  readonly height: number;
  readonly channels: (typeof channelChoices)[number];
  readonly levels: (typeof levelChoices)[number];
  readonly rule: ResizeRule;
}

export interface TrainingChoices {
  readonly minutes: BudgetMinutes;
  readonly preset: string;
  readonly seed: number;
  /** Null: it learns from text. */
  readonly image: ImageChoices | null;
}

export const runStates = ['starting', 'running', 'pausing', 'paused', 'stopping', 'done', 'failed'] as const;
export type RunState = (typeof runStates)[number];

export const trainingActions = [
  'start',
  'cancel',
  'pause',
  'resume',
  'stop',
  'discard',
  'use',
  'sample',
  'manage',
  'showLog',
] as const;
export type TrainingAction = (typeof trainingActions)[number];

export const curveNames = ['training', 'validation'] as const;
export type CurveName = (typeof curveNames)[number];

/** Two lists of one length; steps ascend. */
export interface CurvePoints {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

const origin = 'message of a view';

const toTrainingView = {
  /** Before the training: what will be read, and the choices. */
  setup: (m: JsonObject) => ({
    title: text(m, 'title'),
    /** Null: still being looked at. */
    survey: m.nullable('survey', (name) => readSurvey(m.object(name))),
    choices: readTrainingChoices(m.object('choices')),
    presets: rows(m, 'presets', (row) => ({ name: text(row, 'name'), label: text(row, 'label') })),
    /** Of images, to choose from; empty: it learns from text. */
    sizes: rows(m, 'sizes', (row) => ({ ...readSize(row), label: text(row, 'label') })),
    estimate: rows(m, 'estimate', readFact),
    /** What happens now, or stands in the way; empty: nothing. */
    note: text(m, 'note'),
    preview: pngsOf(m, 'preview', viewLimits.images),
    canStart: m.boolean('canStart'),
  }),
  /** The training itself, at any moment of it. */
  run: (m: JsonObject) => ({
    title: text(m, 'title'),
    state: m.oneOf('state', runStates),
    /** One sentence, also read out by screen readers when it changes. */
    headline: text(m, 'headline'),
    /** What is worth knowing beside it, such as that the disk is full; empty: nothing. */
    note: text(m, 'note'),
    /** From 0 to 1; null: there is no end to be told. */
    progress: m.nullable('progress', (name) => m.number(name, { min: 0, max: 1 })),
    facts: rows(m, 'facts', readFact),
    /** Such as `bits per byte`. */
    unit: text(m, 'unit'),
    /** What a value of the training curve is in that unit: the loss is per symbol, the measurements are per byte or pixel. */
    trainingScale: m.number('trainingScale', { min: 0 }),
    baselines: rows(m, 'baselines', (row) => ({ label: text(row, 'label'), value: row.number('value', { min: 0 }) })),
    buttons: rows(m, 'buttons', readButton),
  }),
  /** A piece of a curve of the run: its points from there on are these, however many there were. */
  curve: (m: JsonObject) => ({
    name: m.oneOf('name', curveNames),
    from: m.integer('from', { min: 0, max: viewLimits.curvePoints }),
    ...readPoints(m),
  }),
  /** The newest first; apart from `run` because they are large and seldom change. */
  samples: (m: JsonObject) => ({
    samples: rows(m, 'samples', readSample),
  }),
};

const fromTrainingView = {
  /** The page listens; everything is sent again. */
  ready: () => ({}),
  choose: (m: JsonObject) => ({ choices: readTrainingChoices(m.object('choices')) }),
  act: (m: JsonObject) => ({ action: m.oneOf('action', trainingActions) }),
};

const toSheetView = {
  sheet: (m: JsonObject) => ({
    title: text(m, 'title'),
    caption: text(m, 'caption'),
    /** Of one image, in pixels. */
    width: m.integer('width', { min: 1, max: viewLimits.side }),
    height: m.integer('height', { min: 1, max: viewLimits.side }),
    images: pngsOf(m, 'images', viewLimits.images),
    temperature: m.number('temperature', viewLimits.temperature),
    busy: m.boolean('busy'),
    /** One sentence; empty: nothing to say. */
    note: text(m, 'note'),
  }),
};

const fromSheetView = {
  ready: () => ({}),
  draw: (m: JsonObject) => ({ temperature: m.number('temperature', viewLimits.temperature) }),
  complete: (m: JsonObject) => ({ temperature: m.number('temperature', viewLimits.temperature) }),
  cancel: () => ({}),
  /** One of the images, as it came. */
  saveImage: (m: JsonObject) => ({ index: m.integer('index', { min: 0, max: viewLimits.images - 1 }) }),
  /** All of them on one sheet, which the page has drawn. */
  saveSheet: (m: JsonObject) => ({ png: pngOf(m, 'png') }),
};

export type ToTrainingView = MessageOf<typeof toTrainingView>;
export type FromTrainingView = MessageOf<typeof fromTrainingView>;
export type ToSheetView = MessageOf<typeof toSheetView>;
export type FromSheetView = MessageOf<typeof fromSheetView>;

export type SetupMessage = Extract<ToTrainingView, { kind: 'setup' }>;
export type RunMessage = Extract<ToTrainingView, { kind: 'run' }>;
export type SamplesMessage = Extract<ToTrainingView, { kind: 'samples' }>;
export type CurveMessage = Extract<ToTrainingView, { kind: 'curve' }>;
export type SheetMessage = Extract<ToSheetView, { kind: 'sheet' }>;
export type SurveyView = NonNullable<SetupMessage['survey']>;
export type Sample = SamplesMessage['samples'][number];
export type Fact = RunMessage['facts'][number];

/** Each throws a UserError that names the field, when the value is no message of that wire. */
export const readToTrainingView = (value: unknown) => readMessage(toTrainingView, value, origin);
export const readFromTrainingView = (value: unknown) => readMessage(fromTrainingView, value, origin);
export const readToSheetView = (value: unknown) => readMessage(toSheetView, value, origin);
export const readFromSheetView = (value: unknown) => readMessage(fromSheetView, value, origin);

export const viewMessageNames = {
  toTrainingView: Object.keys(toTrainingView),
  fromTrainingView: Object.keys(fromTrainingView),
  toSheetView: Object.keys(toSheetView),
  fromSheetView: Object.keys(fromSheetView),
};

export function readTrainingChoices(choices: JsonObject): TrainingChoices {
  return {
    minutes: choices.nullable('minutes', (name) => choices.oneOf(name, [2, 10, 60])),
    preset: text(choices, 'preset'),
    seed: choices.integer('seed', viewLimits.seed),
    image: choices.nullable('image', (name) => {
      const chosen = choices.object(name);
      return {
        ...readSize(chosen),
        channels: chosen.oneOf('channels', channelChoices),
        levels: chosen.oneOf('levels', levelChoices),
        rule: chosen.oneOf('rule', resizeRules),
      };
    }),
  };
}

function readSize(size: JsonObject) {
  const side = { min: 1, max: viewLimits.side };
  return { width: size.integer('width', side), height: size.integer('height', side) };
}

function readSurvey(survey: JsonObject) {
  return {
    /** Such as `128 files, 1.4 MB`. */
    summary: text(survey, 'summary'),
    /** By language, or by size of the images. */
    read: rows(survey, 'read', (row) => ({
      label: text(row, 'label'),
      numFiles: row.integer('numFiles', { min: 0 }),
      size: text(row, 'size'),
    })),
    leftOut: rows(survey, 'leftOut', (row) => ({
      reason: text(row, 'reason'),
      numFiles: row.integer('numFiles', { min: 0 }),
      examples: textsOf(row, 'examples', viewLimits.examples, viewLimits.textLength),
    })),
  };
}

function readFact(row: JsonObject) {
  return { label: text(row, 'label'), value: text(row, 'value') };
}

function readButton(row: JsonObject) {
  return { action: row.oneOf('action', trainingActions), label: text(row, 'label'), primary: row.boolean('primary') };
}

function readSample(row: JsonObject) {
  const step = row.integer('step', { min: 0 });
  if (row.oneOf('type', ['text', 'image']) === 'image') {
    return { step, type: 'image' as const, png: pngOf(row, 'png') };
  }
  return { step, type: 'text' as const, text: textOf(row, 'text', viewLimits.sampleLength) };
}

function readPoints(curve: JsonObject): CurvePoints {
  const { piecePoints } = viewLimits;
  const steps = listOf(curve, 'steps', piecePoints, (item, place) => numberAt(item, place, { min: 0 }));
  const values = listOf(curve, 'values', piecePoints, (item, place) => numberAt(item, place));
  if (steps.length !== values.length) throw curve.problem('values', `${steps.length} numbers, one for each step`);
  return { steps, values };
}

function rows<T>(message: JsonObject, name: string, read: (row: JsonObject) => T): T[] {
  return rowsOf(message, name, viewLimits.rows, read);
}

function text(message: JsonObject, name: string): string {
  return textOf(message, name, viewLimits.textLength);
}
