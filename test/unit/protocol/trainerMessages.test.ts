import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { UserError } from '../../../src/base/errors.ts';
import {
  type FromSampler,
  type FromTrainer,
  readFromSampler,
  readFromTrainer,
  readToSampler,
  readToTrainer,
  type ToSampler,
  type ToTrainer,
  trainerLimits,
  trainerMessageNames,
} from '../../../src/protocol/trainerMessages.ts';

const png = 'iVBORw0KGgoAAAANSUhEUg==';
const image = { width: 28, height: 28, channels: 1, levels: 256, rule: 'crop' } as const;
const source = { eats: 'image' as const, roots: [{ path: '/p', excludes: ['**/out'] }] };
const wish = { architecture: 'pixelCnn', preset: 'small', threads: 2, image } as const;
const drawing = { request: 1, modelPath: '/m', temperature: 0.8, seed: 7, threads: 1 } as const;

const toTrainer: ToTrainer[] = [
  { kind: 'hello', protocolVersion: 1 },
  { kind: 'survey', request: 1, ...source },
  { kind: 'preview', request: 2, image, count: 4 },
  { kind: 'estimate', request: 3, ...wish },
  {
    kind: 'train',
    ...source,
    ...wish,
    minutes: null,
    image: null,
    seed: 1,
    modelPath: '/m',
    resume: true,
    workspace: { hash: 'aa', name: 'demo' },
  },
  { kind: 'pause' },
  { kind: 'stop' },
  { kind: 'shutdown' },
];
const fromTrainer: FromTrainer[] = [
  {
    kind: 'ready',
    protocolVersion: 1,
    pid: 42,
    architectures: [{ name: 'gpt', title: 'GPT', eats: 'text', presets: [{ name: 'small', label: 'Small' }] }],
  },
  {
    kind: 'surveyed',
    request: 1,
    numFiles: 2,
    bytes: 3,
    partial: false,
    heldOut: true,
    read: [{ label: 'C', numFiles: 2, bytes: 3 }],
    leftOut: [{ reason: 'binary', numFiles: 1, examples: ['a.zip'] }],
    suggested: image,
    problem: '',
  },
  { kind: 'previewed', request: 2, images: [png] },
  {
    kind: 'estimated',
    request: 3,
    numFiles: 2,
    secondsPerStep: 0.1,
    stepsPerMinute: 545,
    stepsPerPass: 12.5,
    memoryBytes: 1,
    numParameters: 1,
  },
  { kind: 'refused', request: 3, reason: 'no' },
  { kind: 'reading', done: 3, total: 5 },
  { kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true },
  {
    kind: 'step',
    step: 1,
    lossNats: 2,
    symbolsPerSecond: 3,
    elapsedMs: 4,
    remainingMs: null,
    passes: 0.1,
    memoryBytes: 5,
  },
  { kind: 'validation', step: 1, lossNats: 2, bits: 2.5 },
  { kind: 'baseline', name: 'gzip', bits: 2.5 },
  { kind: 'checkpoint', step: 1 },
  { kind: 'textSample', step: 1, text: 'let x' },
  { kind: 'imageSample', step: 1, png },
  { kind: 'paused', step: 1 },
  { kind: 'done', reason: 'converged', modelPath: '/m', bits: null, bestStep: 1 },
  { kind: 'failed', reason: 'NaN', diverged: true },
  { kind: 'warning', text: 'disk full' },
  { kind: 'log', level: 'info', text: 'x' },
];
const toSampler: ToSampler[] = [
  { kind: 'hello', protocolVersion: 1 },
  { kind: 'sampleText', ...drawing, prompt: 'let ', maxSymbols: 100 },
  { kind: 'sampleImages', ...drawing, count: 4, completes: null },
  { kind: 'cancel', request: 1 },
  { kind: 'shutdown' },
];
const fromSampler: FromSampler[] = [
  { kind: 'ready', protocolVersion: 1, pid: 42 },
  { kind: 'text', request: 1, text: 'x' },
  { kind: 'image', request: 1, index: 0, png },
  { kind: 'sampled', request: 1 },
  { kind: 'failed', request: 1, reason: 'no' },
  { kind: 'log', level: 'info', text: 'x' },
];

const wires = [
  { messages: toTrainer, read: readToTrainer, names: trainerMessageNames.toTrainer },
  { messages: fromTrainer, read: readFromTrainer, names: trainerMessageNames.fromTrainer },
  { messages: toSampler, read: readToSampler, names: trainerMessageNames.toSampler },
  { messages: fromSampler, read: readFromSampler, names: trainerMessageNames.fromSampler },
];

test('every message survives the wire unchanged, and these examples cover every one', () => {
  for (const { messages, read, names } of wires) {
    for (const message of messages) assert.deepEqual(read(deserialize(serialize(message))), message);
    assert.deepEqual([...new Set(messages.map(({ kind }) => kind))].sort(), [...names].sort());
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

test('what is out of bounds is refused', () => {
  const refused = (read: (value: unknown) => unknown, value: unknown, naming: RegExp) =>
    assert.throws(
      () => read(value),
      (error) => error instanceof UserError && naming.test(error.message) && error.message.length < 400,
    );
  const roots = Array.from({ length: trainerLimits.roots + 1 }, () => ({ path: '/p', excludes: [] }));
  refused(readToTrainer, { kind: 'survey', request: 1, eats: 'text', roots }, /roots/);
  refused(readToTrainer, { kind: 'estimate', request: 1, ...wish, threads: 0 }, /threads/);
  refused(readToTrainer, { kind: 'estimate', request: 1, ...wish, image: { ...image, channels: 2 } }, /channels/);
  refused(readToTrainer, { kind: 'preview', request: 1, image: { ...image, levels: 1 }, count: 1 }, /levels/);
  refused(readFromTrainer, { kind: 'validation', step: 1, lossNats: 1, bits: Number.NaN }, /bits/);
  refused(readFromTrainer, { kind: 'imageSample', step: 1, png: 'GIF89a' }, /PNG/);
  refused(readToSampler, { kind: 'sampleImages', ...drawing, count: 65, completes: null }, /count/);
});
