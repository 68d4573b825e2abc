// The wire between an image's likelihood and its page, and the bounds of what the scorer tells it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { UserError } from '../../../src/base/errors.ts';
import {
  type FromImageView,
  imageViewMessageNames,
  readFromImageView,
  readToImageView,
  type ToImageView,
} from '../../../src/protocol/imageViewMessages.ts';
import { readFromScorer } from '../../../src/protocol/scorerMessages.ts';
import { imageFacts as facts, imagePiece as piece, png } from './scorerExamples.ts';

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
