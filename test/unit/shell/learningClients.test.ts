// The clients of trainer and sampler, over real processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import type { TrainingEvent } from '../../../src/protocol/trainerMessages.ts';
import { SamplerClient } from '../../../src/shell/samplerClient.ts';
import { TrainerClient } from '../../../src/shell/trainerClient.ts';
import { ManualClock } from '../manualClock.ts';
import { isRunning, until } from '../until.ts';

const hostPath = 'test/unit/shell/fakeLearner.mjs';
const wish = { preset: 'small', minutes: 2, threads: 1, image: null } as const;
const source = { eats: 'text', roots: [] } as const;

function openTrainer() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const events: TrainingEvent['kind'][] = [];
  const endings: string[] = [];
  const trainer = new TrainerClient({
    hostPath,
    clock,
    log: (level, text) => lines.push(`${level} ${text}`),
    handlers: { event: ({ kind }) => events.push(kind), ended: (reason) => endings.push(reason) },
  });
  return { trainer, clock, lines, events, endings };
}

test('a trainer says what it can train, answers questions, trains, pauses and ends', async () => {
  const { trainer, clock, lines, events, endings } = openTrainer();
  assert.deepEqual(
    (await trainer.architectures()).map(({ name }) => name),
    ['gpt'],
  );
  assert.equal((await trainer.survey(source)).numFiles, 1);
  await assert.rejects(trainer.estimate({ architecture: 'gru', ...wish }), (error) => {
    assert.ok(error instanceof UserError);
    return error.message === 'no gru';
  });
  const workspace = { hash: 'aa', name: 'demo' };
  trainer.train({ ...source, ...wish, architecture: 'gpt', seed: 1, modelPath: '/m', resume: false, workspace });
  trainer.pause();
  await until('the pause', () => events.includes('paused'));
  assert.deepEqual(events, ['started', 'checkpoint', 'paused']);
  assert.ok(lines.includes('info role trainer'));
  assert.ok(lines.some((line) => line.includes('gibberish')));
  const { pid } = trainer;
  trainer.dispose();
  await trainer.ended();
  assert.deepEqual(endings, ['exit code 0']);
  assert.ok(!isRunning(pid ?? 0));
  assert.equal(clock.numTimers, 0);
});

test('what a trainer leaves unanswered is refused when it dies', async () => {
  const mute = openTrainer();
  const unanswered = assert.rejects(mute.trainer.estimate({ architecture: 'mute', ...wish }), /killed by SIGKILL/);
  await mute.trainer.architectures();
  mute.trainer.kill();
  await unanswered;
  const dying = openTrainer();
  await assert.rejects(dying.trainer.estimate({ architecture: 'dying', ...wish }), /exit code 3/);
  await dying.trainer.ended();
  await assert.rejects(
    dying.trainer.estimate({ architecture: 'gpt', ...wish }),
    /ended .exit code 3/,
    'asked too late',
  );
});

function openSampler() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const sampler = new SamplerClient({ hostPath, clock, log: (_, text) => lines.push(text) });
  return { sampler, clock, lines };
}

const drawing = { modelPath: '/m', temperature: 1, seed: 1, threads: 1 } as const;
const forever = new AbortController().signal;

test('a sampler streams what it draws, and ends when nobody wants anything for a while', async () => {
  const { sampler, clock } = openSampler();
  assert.equal(sampler.running, false);
  let text = '';
  const add = (piece: string) => {
    text += piece;
  };
  await sampler.text({ ...drawing, prompt: 'once', maxSymbols: 9 }, add, forever);
  assert.equal(text, 'once and on');
  const indices: number[] = [];
  const collect = (_: string, index: number) => indices.push(index);
  await sampler.images({ ...drawing, count: 3, completes: null }, collect, forever);
  assert.deepEqual(indices, [0, 1, 2]);
  assert.equal(clock.numTimers, 1);
  clock.advance(60_000);
  assert.equal(sampler.running, false);
  await sampler.text({ ...drawing, prompt: 'again', maxSymbols: 9 }, add, forever);
  assert.match(text, /again and on$/);
  sampler.dispose();
  await until('its end', () => !sampler.running);
  await assert.rejects(sampler.text({ ...drawing, prompt: '', maxSymbols: 9 }, add, forever), /ending/);
});

test('a drawing that is cancelled, fails or dies is told once, and the next one works', async () => {
  const { sampler, lines } = openSampler();
  const ignore = () => undefined;
  const controller = new AbortController();
  const cancelled = sampler.text(
    { ...drawing, modelPath: 'mute', prompt: '', maxSymbols: 9 },
    ignore,
    controller.signal,
  );
  controller.abort();
  await assert.rejects(cancelled, CancelledError);
  await until('the cancellation to arrive', () => lines.some((line) => line.startsWith('cancel')));
  await assert.rejects(
    sampler.images({ ...drawing, modelPath: 'broken', count: 1, completes: null }, ignore, forever),
    /no such folder/,
  );
  await assert.rejects(
    sampler.text({ ...drawing, modelPath: 'dying', prompt: '', maxSymbols: 9 }, ignore, forever),
    /exit code 3/,
  );
  await sampler.text({ ...drawing, prompt: '', maxSymbols: 9 }, ignore, forever);
  sampler.dispose();
  await until('its end', () => !sampler.running);
});
