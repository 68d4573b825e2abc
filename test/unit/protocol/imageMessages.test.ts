// The two wires of an image's likelihood: from the scorer, and to the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { UserError } from '../../../src/base/errors.ts';
import { imageScoring } from '../../../src/protocol/imageScoringMessages.ts';
import {
  type FromImageView,
  imageViewMessageNames,
  readFromImageView,
  readToImageView,
  type ToImageView,
} from '../../../src/protocol/imageViewMessages.ts';
import { type FromScorer, readFromScorer, readToScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';

const png = 'iVBORw0KGgoAAAANSUhEUg==';
const facts = {
  format: 'png',
  fileWidth: 640,
  fileHeight: 480,
  fileChannels: 3,
  animated: false,
  deep: true,
  transparent: false,
  width: 28,
  height: 28,
  channels: 1,
  numLevels: 16,
  rule: 'crop',
  picture: png,
  preview: png,
} as const;
const piece = {
  first: 0,
  levels: [1, 2],
  bits: [0.5, 7.25],
  ranks: [0, 3],
  entropies: [1, 2],
  likeliest: [1, 9],
  likeliestBits: [0.5, 1],
};
const file = { modelPath: '/m', file: '/p/a.png' };

const toScorer: ToScorer[] = [
  { kind: 'scoreImage', request: 1, ...file },
  { kind: 'completeImage', request: 2, ...file, row: 14, count: 8, temperature: 0.8, seed: 7 },
];
const fromScorer: FromScorer[] = [
  { kind: 'imageRead', request: 1, ...facts },
  { kind: 'imageNumbers', request: 1, ...piece },
  { kind: 'imageScored', request: 1, numValues: 2, bits: 7.75, pngBits: 800 },
  { kind: 'imageCompletion', request: 2, index: 0, png },
  { kind: 'imageCompleted', request: 2 },
];
const view: ToImageView = {
  kind: 'view',
  version: 3,
  title: 'a.png',
  caption: 'PixelCNN: 28 x 28',
  state: 'ready',
  headline: '1.2 bits per pixel',
  notes: ['It is animated'],
  facts: [{ label: 'In all', value: '800 bits' }],
  buttons: [{ action: 'chooseModel', label: 'Choose Model...', primary: false }],
  image: facts,
};
const toImageView: ToImageView[] = [
  view,
  { kind: 'numbers', version: 3, ...piece },
  { kind: 'completions', images: [png], row: 14, busy: true, note: '' },
];
const fromImageView: FromImageView[] = [
  { kind: 'ready' },
  { kind: 'act', action: 'exportCsv' },
  { kind: 'complete', row: 0, count: 16, temperature: 1, seed: null },
  { kind: 'saveCompletion', index: 2 },
  { kind: 'saveMap', png },
];

const wires = [
  { messages: toScorer, read: readToScorer, names: Object.keys(imageScoring.toScorer) },
  { messages: fromScorer, read: readFromScorer, names: Object.keys(imageScoring.fromScorer) },
  { messages: toImageView, read: readToImageView, names: imageViewMessageNames.toImageView },
  { messages: fromImageView, read: readFromImageView, names: imageViewMessageNames.fromImageView },
];

test('every message survives its way, and these examples cover every one', () => {
  for (const { messages, read, names } of wires) {
    for (const message of messages) {
      assert.deepEqual(read(JSON.parse(JSON.stringify(message))), message);
      assert.deepEqual(read(deserialize(serialize(message))), message);
    }
    assert.deepEqual(messages.map(({ kind }) => kind).sort(), [...names].sort());
  }
});

test('a message without one of its fields, or with one more, is refused, naming it', () => {
  for (const { messages, read } of wires) {
    for (const message of messages) {
      for (const field of Object.keys(message)) {
        const partial = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
        assert.throws(() => read(partial), new RegExp(field));
      }
      assert.throws(() => read({ ...message, html: '<b>' }), /html/);
    }
  }
});

test('what comes from outside is bounded', () => {
  const refused = (read: (value: unknown) => unknown, value: unknown, naming: RegExp) =>
    assert.throws(
      () => read(value),
      (error) => error instanceof UserError && naming.test(error.message) && error.message.length < 400,
    );
  const numbers = { kind: 'imageNumbers', request: 1, ...piece };
  refused(readFromScorer, { ...numbers, bits: [1] }, /bits: expected 2 numbers/);
  refused(readFromScorer, { ...numbers, bits: [Number.NaN, 1] }, /bits\[0\]/);
  refused(readFromScorer, { ...numbers, levels: new Array(3000).fill(0) }, /levels: expected at most 2048/);
  refused(readToImageView, { ...view, image: { ...facts, width: 300 } }, /image\.width/);
  refused(readToImageView, { ...view, image: { ...facts, picture: '"><script>' } }, /image\.picture/);
  refused(readToImageView, { ...view, image: { ...facts, onload: 'x' } }, /image\.onload/);
  const complete = { kind: 'complete', row: 0, count: 1, temperature: 1, seed: 1 };
  refused(readFromImageView, { ...complete, count: 17 }, /count/);
  refused(readFromImageView, { ...complete, row: 1.5 }, /row/);
  refused(readFromImageView, { ...complete, temperature: -1 }, /temperature/);
  refused(readFromImageView, { ...complete, seed: 2 ** 32 }, /seed/);
  refused(readFromImageView, { kind: 'act', action: 'rm' }, /action/);
  refused(readFromImageView, { kind: 'saveMap', png: 'data:text/html' }, /png/);
});
