// The role over works that are faked: every question is answered once, the newest of a kind wins, a training is one for a process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import {
  startTrainerRole,
  type TrainingControl,
  type TrainingEnd,
  type TrainingWorks,
} from '../../../src/host/trainerRole.ts';
import { type FromTrainer, readFromTrainer, type ToTrainer } from '../../../src/protocol/trainerMessages.ts';
import { settle } from '../manualClock.ts';

const surveyed = {
  numFiles: 1,
  bytes: 2,
  partial: false,
  heldOut: true,
  read: [],
  leftOut: [],
  suggested: null,
  problem: '',
};
const estimated = {
  numFiles: 1,
  secondsPerStep: 0.1,
  stepsPerMinute: 500,
  stepsPerPass: 2,
  memoryBytes: 3,
  numParameters: 4,
};

function started(changes: Partial<TrainingWorks> = {}) {
  const sent: FromTrainer[] = [];
  const exits: number[] = [];
  let receive: (value: unknown) => void = () => undefined;
  const works: TrainingWorks = {
    architectures: () => [],
    survey: async () => surveyed,
    preview: async () => [],
    estimate: async () => estimated,
    train: () => Promise.reject(new UserError('no')),
    ...changes,
  };
  const wire = {
    send: (message: FromTrainer) => sent.push(readFromTrainer(message)),
    onMessage: (listener: (value: unknown) => void) => {
      receive = listener;
    },
    exit: (code: number) => exits.push(code),
  };
  startTrainerRole(wire, () => works);
  const send = async (...messages: unknown[]) => {
    for (const message of messages) receive(message);
    await settle();
  };
  const only = (kind: FromTrainer['kind']) => sent.filter((message) => message.kind === kind);
  return { sent, exits, send, only };
}

const roots = [{ path: '/w', excludes: [] }];
const survey = { kind: 'survey', request: 1, eats: 'text', roots };
const wish = { architecture: 'gpt', preset: 'small', threads: 1, image: null };
const estimate = { kind: 'estimate', request: 2, ...wish };
const workspace = { hash: 'a', name: 'b' };
const train: ToTrainer = {
  ...{ kind: 'train', eats: 'text', roots, ...wish, minutes: 1, seed: 1, modelPath: '/m', resume: false, workspace },
};

test('hello, survey and estimate are answered; what is no message is logged', async () => {
  const { send, only, sent } = started();
  await send({ kind: 'hello', protocolVersion: 1 }, survey, estimate, { kind: 'survey' }, 7);
  assert.equal(only('ready').length, 1);
  assert.deepEqual(only('surveyed'), [{ kind: 'surveyed', request: 1, ...surveyed }]);
  assert.deepEqual(only('estimated'), [{ kind: 'estimated', request: 2, ...estimated }]);
  assert.equal(only('log').length, 2);
  assert.equal(sent.length, 5);
});

test('what is no message is answered where somebody waits for it', async () => {
  const { send, only } = started();
  const many = Array.from({ length: 100 }, () => roots[0]);
  await send({ ...survey, roots: many }, { ...train, workspace: { hash: 'a', name: 'x'.repeat(300) } });
  assert.match(JSON.stringify(only('refused')), /"request":1,"reason":"[^"]*roots/);
  assert.match(JSON.stringify(only('failed')), /workspace.name: expected at most 200/);
  await send({ kind: 'survey', request: -1 }, { kind: 'survey', request: 'x' }, null, undefined);
  assert.equal(only('refused').length, 1);
});

test('a newer question of its kind cancels the older; a failure is a refusal with its reason', async () => {
  const untilCancelled = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new CancelledError('cancelled'))));
  const { send, only } = started({
    survey: ({ request }, signal) => (request === 1 ? untilCancelled(signal) : Promise.resolve(surveyed)),
    estimate: () => Promise.reject(new UserError('x'.repeat(5000))),
  });
  await send(survey, { ...survey, request: 3 }, estimate);
  await settle();
  assert.deepEqual(only('refused')[0], { kind: 'refused', request: 1, reason: 'superseded' });
  assert.deepEqual(
    only('surveyed').map((message) => 'request' in message && message.request),
    [3],
  );
  assert.match(JSON.stringify(only('refused')[1]), /"request":2,"reason":"x{2000}"/);
});

test('of several previews only the newest is made', async () => {
  const made: number[] = [];
  const { send, only } = started({
    preview: async ({ width }) => {
      made.push(width);
      return [];
    },
  });
  const preview = (request: number) => ({
    ...{ kind: 'preview', request, count: 1 },
    image: { width: request, height: 8, channels: 1, levels: 256, rule: 'crop' },
  });
  await send(preview(1), preview(2), preview(3));
  assert.deepEqual(made, [3]);
  assert.deepEqual(
    only('refused').map((message) => 'request' in message && message.request),
    [1, 2],
  );
});

test('pause and stop reach the training; its end is told; a second is not begun', async () => {
  let begun = 0;
  const work = (wanted: 'pause' | 'finish', end: TrainingEnd) => (_: unknown, control: TrainingControl) =>
    new Promise<TrainingEnd>((resolve) => {
      begun += 1;
      control.tell({ kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true });
      control[wanted].addEventListener('abort', () => resolve(end));
    });
  const paused = started({ train: work('pause', { kind: 'paused', step: 7 }) });
  await paused.send(train, train, survey);
  await paused.send({ kind: 'pause' });
  assert.equal(begun, 1);
  assert.deepEqual(paused.only('paused'), [{ kind: 'paused', step: 7 }]);
  assert.match(JSON.stringify(paused.only('refused')), /A training is under way/);
  const kept = started({ train: work('finish', { kind: 'done', reason: 'stopped', bits: 2, bestStep: 5 }) });
  await kept.send(train);
  await kept.send({ kind: 'stop' });
  assert.deepEqual(kept.only('done'), [{ kind: 'done', reason: 'stopped', bits: 2, bestStep: 5, modelPath: '/m' }]);
});

test('a training that fails says why, a mistake of ours with its stack in the log', async () => {
  const { send, only } = started({ train: () => Promise.reject(new RangeError('oh')) });
  await send(train);
  assert.deepEqual(only('failed'), [{ kind: 'failed', reason: 'oh', diverged: false }]);
  assert.match(JSON.stringify(only('log')), /RangeError: oh/);
});

test('shutdown ends the process, a training after its checkpoint', async () => {
  const idle = started();
  await idle.send({ kind: 'shutdown' });
  assert.deepEqual(idle.exits, [0]);
  let saved: (end: TrainingEnd) => void = () => undefined;
  const { send, exits, only } = started({
    train: (_, { pause }) =>
      new Promise((resolve) => {
        pause.addEventListener('abort', () => {
          saved = resolve;
        });
      }),
  });
  await send(train);
  await send({ kind: 'shutdown' });
  assert.deepEqual(exits, []);
  saved({ kind: 'paused', step: 3 });
  await settle();
  assert.deepEqual(exits, [0]);
  assert.equal(only('paused').length, 1);
});
