import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { maxPngLength } from '../../../src/protocol/messageTable.ts';
import {
  type FromSheetView,
  type FromTrainingView,
  readFromSheetView,
  readFromTrainingView,
  readToSheetView,
  readToTrainingView,
  type ToSheetView,
  type ToTrainingView,
  viewLimits,
  viewMessageNames,
} from '../../../src/protocol/webviewMessages.ts';

const png = 'iVBORw0KGgoAAAANSUhEUg==';
const image = { width: 28, height: 28, channels: 1, levels: 256, rule: 'crop' } as const;
const choices = { minutes: 10, preset: 'small', seed: 1, image } as const;
const points = { steps: [1, 2], values: [3, 2.5] };

const toTrainingView: ToTrainingView[] = [
  {
    kind: 'setup',
    title: 'Train',
    survey: {
      summary: '2 files',
      read: [{ label: 'C', numFiles: 2, size: '3 KB' }],
      leftOut: [{ reason: 'binary', numFiles: 1, examples: ['a.zip'] }],
    },
    choices,
    presets: [{ name: 'small', label: 'Small' }],
    sizes: [{ width: 32, height: 16, label: 'as they are' }],
    estimate: [{ label: 'Speed', value: 'fast' }],
    note: '',
    preview: [png],
    canStart: true,
  },
  {
    kind: 'run',
    title: 'CharRNN',
    state: 'running',
    headline: 'Step 1',
    note: 'the disk is full',
    progress: 0.5,
    facts: [{ label: 'Speed', value: 'fast' }],
    unit: 'bits per byte',
    trainingScale: 1.44,
    baselines: [{ label: 'gzip', value: 2 }],
    buttons: [{ action: 'pause', label: 'Pause', primary: false }],
  },
  { kind: 'curve', name: 'validation', from: 3, ...points },
  {
    kind: 'samples',
    samples: [
      { step: 1, type: 'text', text: 'let x' },
      { step: 2, type: 'image', png },
    ],
  },
];
const fromTrainingView: FromTrainingView[] = [
  { kind: 'ready' },
  { kind: 'choose', choices: { ...choices, minutes: null, image: null } },
  { kind: 'act', action: 'start' },
];
const toSheetView: ToSheetView[] = [
  {
    kind: 'sheet',
    title: 'Images',
    caption: '28 x 28',
    width: 28,
    height: 28,
    images: [png],
    temperature: 1,
    busy: false,
    note: '',
  },
];
const fromSheetView: FromSheetView[] = [
  { kind: 'ready' },
  { kind: 'draw', temperature: 0.8 },
  { kind: 'complete', temperature: 0.8 },
  { kind: 'cancel' },
  { kind: 'saveImage', index: 3 },
  { kind: 'saveSheet', png },
];

const wires = [
  { messages: toTrainingView, read: readToTrainingView, names: viewMessageNames.toTrainingView },
  { messages: fromTrainingView, read: readFromTrainingView, names: viewMessageNames.fromTrainingView },
  { messages: toSheetView, read: readToSheetView, names: viewMessageNames.toSheetView },
  { messages: fromSheetView, read: readFromSheetView, names: viewMessageNames.fromSheetView },
];

test('every message survives as JSON, and these examples cover every one', () => {
  for (const { messages, read, names } of wires) {
    for (const message of messages) assert.deepEqual(read(JSON.parse(JSON.stringify(message))), message);
    assert.deepEqual(messages.map(({ kind }) => kind).sort(), [...names].sort());
  }
});

test('a message without one of its fields is refused, naming it', () => {
  for (const { messages, read } of wires) {
    for (const message of messages) {
      for (const field of Object.keys(message)) {
        const partial = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
        assert.throws(() => read(partial), new RegExp(field));
      }
    }
  }
});

test('what a page sends is not trusted', () => {
  const refused = (read: (value: unknown) => unknown, value: unknown, naming: RegExp) =>
    assert.throws(
      () => read(value),
      (error) => error instanceof UserError && naming.test(error.message) && error.message.length < 400,
      `${JSON.stringify(value)?.slice(0, 80)} should be refused, naming ${naming}`,
    );
  const choose = (part: object) => ({ kind: 'choose', choices: { ...choices, ...part } });
  for (const value of [null, 1, 'ready', [], {}, { kind: 'constructor' }])
    refused(readFromTrainingView, value, /kind|view/);
  refused(readFromTrainingView, { kind: 'act', action: 'format' }, /action/);
  refused(readFromTrainingView, choose({ minutes: 3 }), /minutes/);
  refused(readFromTrainingView, choose({ seed: -1 }), /seed/);
  refused(readFromTrainingView, choose({ image: { ...image, width: 4096 } }), /width/);
  refused(readFromTrainingView, choose({ image: { ...image, rule: 'melt' } }), /rule/);
  refused(readFromTrainingView, { kind: 'ready', more: 1 }, /more/);
  refused(readFromSheetView, { kind: 'saveSheet', png: '<svg>' }, /PNG/);
  refused(readFromSheetView, { kind: 'saveSheet', png: `${png.slice(0, 12)}${'A'.repeat(maxPngLength)}` }, /PNG/);
  refused(readFromSheetView, { kind: 'saveImage', index: 64 }, /index/);
  refused(readFromSheetView, { kind: 'draw', temperature: 9 }, /temperature/);
});

test('pieces of curves are bounded, and of one length', () => {
  const { piecePoints, curvePoints } = viewLimits;
  const piece = { kind: 'curve', name: 'training', from: 0, ...points };
  const long = Array.from({ length: piecePoints + 1 }, (_, i) => i);
  assert.throws(() => readToTrainingView({ ...piece, steps: long, values: long }), /at most/);
  assert.throws(() => readToTrainingView({ ...piece, steps: [1], values: [] }), /one for each step/);
  assert.throws(() => readToTrainingView({ ...piece, from: curvePoints + 1 }), /from/);
  assert.throws(() => readToTrainingView({ ...piece, values: [1, Number.NaN] }), /values/);
});
