// A run small enough for a unit test: bytes, one layer, a corpus made of numbered lines, a clock that each look moves by a second.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import { CheckpointStore } from '../../../src/train/checkpoint.ts';
import { gatherCorpora, type SourceText } from '../../../src/train/gatherCorpus.ts';
import { type TrainEvent, type TrainResult, train } from '../../../src/train/loop.ts';
import { recipe } from '../../../src/train/recipe.ts';
import { defaultMix } from '../../../src/train/rowSampler.ts';
import { windowData } from '../../../src/train/textData.ts';
import type { TrainOptions } from '../../../src/train/trainOptions.ts';

export const codec = bytesCodec();

export const tinyConfig = {
  hiddenSize: 16,
  numLayers: 1,
  numHeads: 2,
  numKeyValueHeads: 1,
  intermediateSize: 24,
  contextLength: 32,
};

export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function tinyOptions(folder: string, changes: Partial<TrainOptions> = {}): Promise<TrainOptions> {
  const { architecture, config } = recipe('gpt', tinyConfig, codec, undefined);
  const data = windowData(await gatherCorpora({ codec, texts: tinyTexts() }), codec, defaultMix);
  return {
    architecture,
    config,
    data,
    checkpoints: new CheckpointStore(folder),
    resume: false,
    budget: { steps: 9 },
    batch: 2,
    accumulation: 1,
    time: 24,
    schedule: { kind: 'wsd', learningRate: 0.01, warmupSteps: 2, decayFraction: 0.4 },
    optimizer: 'adamw',
    weightDecay: 0.1,
    clipNorm: 1,
    seed: 5,
    validateEverySteps: 4,
    checkpointEverySteps: 2,
    threads: 1,
    ...changes,
  };
}

/**
 * A runtime whose validation losses are told: by the number of steps that were taken, those before a resume included. For runs without
 * accumulation.
 */
export async function withValidation(lossAfter: (steps: number) => number, stepsBefore = 0): Promise<Runtime> {
  const runtime = await openRuntime();
  let steps = stepsBefore;
  return {
    ...runtime,
    createSession: async (source, options) => {
      const session = await runtime.createSession(source, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        dispose: () => session.dispose(),
        run: async (inputs, outputs, options) => {
          const results = await session.run(inputs, outputs, options);
          if (outputs.length > 1) steps += 1;
          else if (results['lossNats']) results['lossNats'].data[0] = lossAfter(steps);
          return results;
        },
      };
    },
  };
}

export async function* tinyTexts(): AsyncGenerator<SourceText> {
  for (let i = 0; i < 12; i++) {
    const text = Array.from({ length: 12 }, (_, line) => `let value${i} = ${line * i};\n`).join('');
    yield { id: `f${i}.ts`, path: `f${i}.ts`, text };
  }
}

export interface Recorded {
  readonly events: TrainEvent[];
  readonly warnings: string[];
  readonly result: Promise<TrainResult>;
}

export interface RunWishes {
  readonly runtime?: Runtime;
  /** Called after each event; may abort or throw. */
  readonly onEvent?: (event: TrainEvent) => void;
  readonly signal?: AbortSignal;
  readonly finish?: AbortSignal;
}

export function record(options: TrainOptions, { runtime, onEvent, signal, finish }: RunWishes = {}): Recorded {
  const events: TrainEvent[] = [];
  const warnings: string[] = [];
  let seconds = 0;
  const start = async () =>
    train(options, {
      runtime: runtime ?? (await openRuntime()),
      now: () => 1000 * seconds++,
      onEvent: (event) => {
        events.push(event);
        onEvent?.(event);
      },
      onWarning: (warning) => warnings.push(warning),
      ...(signal ? { signal } : {}),
      ...(finish ? { finish } : {}),
    });
  return { events, warnings, result: start() };
}

/** What must not depend on interruptions: everything but speeds and places. */
export function figures(events: readonly TrainEvent[]): unknown[] {
  return events.flatMap((event): unknown[] => {
    if (event.kind === 'step') return [[event.step, event.lossNats, event.gradientNorm, event.learningRate]];
    return event.kind === 'validation' ? [event] : [];
  });
}
