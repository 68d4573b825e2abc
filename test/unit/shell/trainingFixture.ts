// A window's trainings over a process that says what the test tells it to, a clock that the test moves, and a memory that lasts a reload.
import assert from 'node:assert/strict';
import type { SurveyedMessage, TrainingEvent } from '../../../src/protocol/trainerMessages.ts';
import { readToTrainingView } from '../../../src/protocol/webviewMessages.ts';
import type { Trainer, TrainerHandlers } from '../../../src/shell/trainerClient.ts';
import { Training } from '../../../src/shell/training.ts';
import { TrainingMemory, type UnfinishedRun } from '../../../src/shell/trainingMemory.ts';
import { ManualClock } from '../manualClock.ts';

const presets = [
  { name: 'tiny', label: 'Tiny' },
  { name: 'small', label: 'Small' },
];
const rows = [
  { name: 'charRnn', title: 'CharRNN', eats: 'text', presets },
  { name: 'pixelCnn', title: 'PixelCNN', eats: 'image', presets },
] as const;
export const image = { width: 30, height: 30, channels: 1, levels: 20, rule: 'fit' } as const;
export const png = 'iVBORw0KGgoAAAANSUhEUg==';
export const wish = {
  place: { kind: 'allowed', roots: [{ path: '/p', excludes: ['out'] }], left: [] },
  workspace: { hash: 'aa', name: 'demo' },
} as const;
export const step = (number: number): TrainingEvent => ({
  kind: 'step',
  step: number,
  lossNats: 2,
  symbolsPerSecond: 100,
  elapsedMs: 1000 * number,
  remainingMs: 1000,
  passes: 1,
  memoryBytes: 1e6,
});

/** A training process that does what the test says. */
class FakeTrainer implements Trainer {
  readonly said: string[] = [];
  readonly wishes: Parameters<Trainer['train']>[0][] = [];
  readonly estimates: Parameters<Trainer['estimate']>[0][] = [];
  numSurveys = 0;
  disposed = false;
  readonly handlers: TrainerHandlers;
  readonly surveyed: Omit<SurveyedMessage, 'kind' | 'request'>;

  constructor(handlers: TrainerHandlers, problem: string) {
    this.handlers = handlers;
    const leftOut = [{ reason: 'binary', numFiles: 1, examples: ['a.zip'] }];
    this.surveyed = {
      numFiles: 3,
      bytes: 5000,
      partial: false,
      heldOut: true,
      read: [],
      leftOut,
      suggested: image,
      problem,
    };
  }
  async architectures() {
    return rows;
  }
  async survey() {
    this.numSurveys += 1;
    return { kind: 'surveyed', request: 1, ...this.surveyed } as const;
  }
  async preview() {
    this.said.push('preview');
    return [png];
  }
  async estimate(question: Parameters<Trainer['estimate']>[0]) {
    this.estimates.push(question);
    const estimated = {
      numFiles: 3,
      secondsPerStep: 0.1,
      stepsPerMinute: 500,
      stepsPerPass: 100,
      memoryBytes: 3e8,
      numParameters: 5e5,
    };
    return { kind: 'estimated', request: 1, ...estimated } as const;
  }
  train(question: Parameters<Trainer['train']>[0]) {
    this.said.push('train');
    this.wishes.push(question);
  }
  pause() {
    this.said.push('pause');
  }
  stop() {
    this.said.push('stop');
  }
  kill() {
    this.said.push('kill');
  }
  async ended() {}
  dispose() {
    this.disposed = true;
  }
  tell(...events: TrainingEvent[]) {
    for (const event of events) this.handlers.event(event);
  }
}

export class Fixture {
  readonly clock = new ManualClock();
  readonly trainers: FakeTrainer[] = [];
  readonly removed: string[] = [];
  readonly told: string[] = [];
  readonly stored = new Map<string, unknown>();
  /** Where the checkpoints of a folder stand; of those that are not here they stand where it was told. */
  readonly onDisk = new Map<string, number>();
  heldBytes = 0;
  numChanged = 0;
  numTrained = 0;
  readonly memory: TrainingMemory;
  training: Training;

  constructor({ problem = '' } = {}) {
    const memento = {
      get: (key: string) => this.stored.get(key),
      async update(this: void, key: string, value: unknown) {
        stored.set(key, value);
      },
    };
    const { stored } = this;
    this.memory = new TrainingMemory(memento, () => undefined);
    this.training = this.#open(problem);
  }

  /** As after a reload of the window. */
  reload(): void {
    this.training.dispose();
    this.training = this.#open('');
  }

  #open(problem: string): Training {
    return new Training({
      clock: this.clock,
      log: () => undefined,
      openTrainer: (handlers) => {
        const trainer = new FakeTrainer(handlers, problem);
        this.trainers.push(trainer);
        return trainer;
      },
      memory: this.memory,
      models: {
        newPath: (architecture, stamp) => `/models/${architecture}-${stamp}`,
        remove: async (folder) => void this.removed.push(folder),
        reachedStep: async (folder) => this.onDisk.get(folder) ?? this.unfinished(folder)?.step ?? 0,
        unfinishedBytes: async () => this.heldBytes,
      },
      threads: () => 2,
      stamp: () => (this.numTrained++ === 0 ? 'now' : `now${this.numTrained}`),
      changed: () => {
        this.numChanged++;
        for (const message of this.training.messages()) readToTrainingView(message);
      },
      told: ({ kind, text }) => this.told.push(`${kind}: ${text}`),
    });
  }

  /** What is remembered of that folder, or of the last one. */
  unfinished(folder?: string): UnfinishedRun | undefined {
    return this.memory.unfinished.find(({ modelPath }) => folder === undefined || modelPath === folder);
  }

  get trainer(): FakeTrainer {
    return this.trainers.at(-1) ?? assert.fail('no process was started');
  }

  get setup() {
    const [message] = this.training.messages();
    return message?.kind === 'setup' ? message : assert.fail('the choices are not shown');
  }

  get state() {
    return this.training.run?.state;
  }

  get view() {
    return this.training.run?.view() ?? assert.fail('no training is shown');
  }

  async running(): Promise<FakeTrainer> {
    await this.training.prepare('charRnn', wish);
    this.training.start();
    this.trainer.tell({ kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true }, step(1));
    return this.trainer;
  }
}
