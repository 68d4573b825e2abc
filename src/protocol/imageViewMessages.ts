// The wire between the shell and the page of an image's likelihood. `view` is a whole, and so are `completions`; the numbers of the pixels
// come in pieces under the version of the view that they belong to, and are all sent again to a page that says that it is ready.
import type { JsonObject } from '../base/json.ts';
import { imageLimits, readImageFacts, readImagePiece } from './imageScoringMessages.ts';
import { type MessageOf, pngOf, pngsOf, readMessage, rowsOf, textOf, textsOf } from './messageTable.ts';

export const imageViewLimits = { textLength: 4000, rows: 32, notes: 8 } as const;

export const imageViewStates = ['reading', 'scoring', 'ready', 'noModel', 'failed', 'cancelled'] as const;

/** What a button of the page asks for. */
export const imageViewActions = [
  'chooseModel',
  'train',
  'reload',
  'cancel',
  'cancelCompletions',
  'exportCsv',
  'exportJson',
] as const;
export type ImageViewAction = (typeof imageViewActions)[number];

const origin = 'message of an image view';

const toImageView = {
  view: (m: JsonObject) => ({
    /** Of what `numbers` belong to; grows with each reading of the file. */
    version: m.integer('version', { min: 0 }),
    title: text(m, 'title'),
    /** The model and what it takes; empty: there is none. */
    caption: text(m, 'caption'),
    state: m.oneOf('state', imageViewStates),
    /** One sentence, also read out by screen readers when it changes. */
    headline: text(m, 'headline'),
    /** What was done to the picture before the model saw it, and the like. */
    notes: textsOf(m, 'notes', imageViewLimits.notes, imageViewLimits.textLength),
    facts: rows(m, 'facts', (row) => ({ label: text(row, 'label'), value: text(row, 'value') })),
    buttons: rows(m, 'buttons', (row) => ({
      action: row.oneOf('action', imageViewActions),
      label: text(row, 'label'),
      primary: row.boolean('primary'),
    })),
    /** Null: nothing was read yet. */
    image: m.nullable('image', (name) => {
      const image = m.object(name);
      const facts = readImageFacts(image);
      image.rejectUnknownKeys();
      return facts;
    }),
  }),
  numbers: (m: JsonObject) => ({ version: m.integer('version', { min: 0 }), ...readImagePiece(m) }),
  completions: (m: JsonObject) => ({
    /** As far as they are made. */
    images: pngsOf(m, 'images', imageLimits.completions),
    /** The first that is drawn. */
    row: m.integer('row', { min: 0, max: imageLimits.side }),
    busy: m.boolean('busy'),
    /** One sentence; empty: nothing to say. */
    note: text(m, 'note'),
  }),
};

const fromImageView = {
  /** The page listens; everything is sent again. */
  ready: () => ({}),
  act: (m: JsonObject) => ({ action: m.oneOf('action', imageViewActions) }),
  complete: (m: JsonObject) => ({
    row: m.integer('row', { min: 0, max: imageLimits.side }),
    count: m.integer('count', { min: 1, max: imageLimits.completions }),
    temperature: m.number('temperature', imageLimits.temperature),
    /** Null: another one each time. */
    seed: m.nullable('seed', (name) => m.integer(name, imageLimits.seed)),
  }),
  /** One of the completions, as it came. */
  saveCompletion: (m: JsonObject) => ({
    index: m.integer('index', { min: 0, max: imageLimits.completions - 1 }),
  }),
  /** The map, which the page has drawn. */
  saveMap: (m: JsonObject) => ({ png: pngOf(m, 'png') }),
};

export type ToImageView = MessageOf<typeof toImageView>;
export type FromImageView = MessageOf<typeof fromImageView>;
export type ImageViewMessage = Extract<ToImageView, { kind: 'view' }>;
export type CompletionsMessage = Extract<ToImageView, { kind: 'completions' }>;
export type CompletionWish = Omit<Extract<FromImageView, { kind: 'complete' }>, 'kind'>;

/** Each throws a UserError that names the field, when the value is no message of that wire. */
export const readToImageView = (value: unknown) => readMessage(toImageView, value, origin);
export const readFromImageView = (value: unknown) => readMessage(fromImageView, value, origin);

export const imageViewMessageNames = {
  toImageView: Object.keys(toImageView),
  fromImageView: Object.keys(fromImageView),
};

function rows<T>(message: JsonObject, name: string, read: (row: JsonObject) => T): T[] {
  return rowsOf(message, name, imageViewLimits.rows, read);
}

function text(message: JsonObject, name: string): string {
  return textOf(message, name, imageViewLimits.textLength);
}
