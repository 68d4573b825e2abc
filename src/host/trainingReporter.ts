// What is told of a run while it goes on: steps a few times a second, measurements and checkpoints as they come, and now and then a sample
// from the parameters as they are. Telling must not cost what it tells of: samples take a small share of the time.
import type { Clock } from '../base/clock.ts';
import { CancelledError, messageOf } from '../base/errors.ts';
import { bounded } from '../protocol/hostMessages.ts';
import { maxPngLength } from '../protocol/messageTable.ts';
import { type TrainingNews, trainerLimits } from '../protocol/trainerMessages.ts';
import type { RunProgress, TrainEvent } from '../train/loop.ts';
import { remainingMs } from '../train/schedule.ts';
import type { TrainOptions } from '../train/trainOptions.ts';
import type { LiveModel } from './liveModel.ts';
import { reasonText, type TrainingControl } from './trainerRole.ts';

export type Started = Extract<TrainingNews, { kind: 'started' }>;
type StepEvent = Extract<TrainEvent, { kind: 'step' }>;

const stepEveryMs = 250;
/** The first sample comes soon, later ones less often: by then they change slowly. */
const [firstSampleMs, mostBetweenSamplesMs] = [2_000, 60_000];
const samplingShare = 0.05;

export class TrainingReporter {
  readonly #options: TrainOptions;
  readonly #clock: Clock;
  readonly #memoryBytes: () => number;
  readonly #control: TrainingControl;
  #live: LiveModel | undefined;
  #losses: number[] = [];
  #lastStepMs = Number.NEGATIVE_INFINITY;
  #nextSampleMs = 0;
  #betweenSamplesMs = firstSampleMs;

  constructor(options: TrainOptions, clock: Clock, memoryBytes: () => number, control: TrainingControl) {
    this.#options = options;
    this.#clock = clock;
    this.#memoryBytes = memoryBytes;
    this.#control = control;
  }

  begun(resumedStep: number, symbols: Started['symbols'], live: LiveModel): void {
    const { data, batch, time } = this.#options;
    this.#control.tell({ kind: 'started', resumedStep, symbols, measured: data.heldOut(batch, time) !== undefined });
    this.#live = live;
    this.#nextSampleMs = this.#clock.now() + firstSampleMs;
  }

  event(event: TrainEvent, progress: RunProgress): void {
    if (event.kind === 'step') this.#step(event, progress);
    else if (event.kind === 'checkpoint') this.#control.tell({ kind: 'checkpoint', step: event.step });
    else if (event.kind === 'validation') {
      const { step, lossNats, bits } = event;
      if (Number.isFinite(lossNats)) this.#control.tell({ kind: 'validation', step, lossNats, bits });
    }
  }

  warning(text: string): void {
    this.#control.log('warning', text);
    this.#control.tell({ kind: 'warning', text: reasonText(text) });
  }

  async betweenSteps(step: number): Promise<void> {
    const startMs = this.#clock.now();
    const { pause, finish } = this.#control;
    if (startMs < this.#nextSampleMs || !this.#live || pause.aborted || finish.aborted) return;
    try {
      const sample = await this.#live.draw(AbortSignal.any([pause, finish]));
      if ('text' in sample) {
        this.#control.tell({ kind: 'textSample', step, text: bounded(sample.text, trainerLimits.sampleLength) });
      } else {
        const png = Buffer.from(sample.png).toString('base64');
        if (png.length <= maxPngLength) this.#control.tell({ kind: 'imageSample', step, png });
      }
    } catch (error) {
      // A sample is for looking at: the training goes on without it.
      if (!(error instanceof CancelledError)) this.#control.log('warning', `No sample: ${messageOf(error)}`);
    }
    const endMs = this.#clock.now();
    const pauseMs = Math.max(this.#betweenSamplesMs, (endMs - startMs) / samplingShare);
    this.#nextSampleMs = endMs + pauseMs;
    this.#betweenSamplesMs = Math.min(mostBetweenSamplesMs, this.#betweenSamplesMs * 1.5);
  }

  dispose(): void {
    this.#live?.dispose();
    this.#live = undefined;
  }

  /** The loss is the mean since the last that was told. */
  #step({ step, lossNats, symbolsPerSecond }: StepEvent, progress: RunProgress): void {
    this.#losses.push(lossNats);
    const now = this.#clock.now();
    if (now - this.#lastStepMs < stepEveryMs) return;
    this.#lastStepMs = now;
    const mean = this.#losses.reduce((sum, loss) => sum + loss, 0) / this.#losses.length;
    this.#losses = [];
    const left = remainingMs(this.#options.budget, step, progress);
    this.#control.tell({
      kind: 'step',
      step,
      lossNats: mean,
      symbolsPerSecond,
      elapsedMs: Math.max(0, progress.elapsedMs),
      remainingMs: left === undefined ? null : Math.max(0, left),
      passes: progress.symbolsSeen / Math.max(1, this.#options.data.numSymbols),
      memoryBytes: Math.round(this.#memoryBytes()),
    });
  }
}
