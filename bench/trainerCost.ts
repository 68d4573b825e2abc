// What a step of training costs against what it is made of, with the straight line that fits best, and what the trainer's own process holds:
// asked of it as the editor asks, a fresh process for each size.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Random } from '../src/base/random.ts';
import { encodePng } from '../src/files/images/encodePng.ts';
import { architectureNamed } from '../src/models/registry.ts';
import { type EstimatedMessage, readFromTrainer, type ToTrainer } from '../src/protocol/trainerMessages.ts';
import type { Runtime } from '../src/runtime/session.ts';
import { tryOut } from '../src/train/estimate.ts';
import { presetNames } from '../src/train/presets.ts';
import { type BenchContext, forRounds } from './context.ts';
import { fitLine } from './statistics.ts';

interface Sweep {
  readonly name: string;
  readonly architecture: string;
  /** Of the parameters of a point. */
  readonly what: string;
  readonly points: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly config: object;
  readonly batch: number;
  readonly time: number;
}

const recurrent = (hiddenSize: number) => ({
  vocabularySize: 96,
  startSymbol: 0,
  embeddingSize: 32,
  hiddenSize,
  numLayers: 1,
});
const pixels = (side: number, hiddenSize: number) => ({
  ...{ width: side, height: side, channels: 1, levels: 256, block: 'residual' },
  ...{ hiddenSize, numLayers: 4, firstKernel: 7, kernel: 3, outputSize: hiddenSize },
});
const rnnPoint = (x: number, hidden: number, batch: number, time: number): Point => ({
  x,
  config: recurrent(hidden),
  batch,
  time,
});
const cnnPoint = (x: number, side: number, hidden: number, batch: number): Point => ({
  ...{ x, config: pixels(side, hidden), batch, time: side * side },
});

const sweeps: readonly Sweep[] = [
  {
    ...{ name: 'charRnn/time', architecture: 'charRnn', what: 'symbols of a row' },
    points: [32, 64, 128, 256].map((time) => rnnPoint(time, 256, 32, time)),
  },
  {
    ...{ name: 'charRnn/batch', architecture: 'charRnn', what: 'rows' },
    points: [16, 32, 64, 128].map((batch) => rnnPoint(batch, 256, batch, 64)),
  },
  {
    // A matrix of the width in both directions: the multiplications grow with its square.
    ...{ name: 'charRnn/width', architecture: 'charRnn', what: 'hidden units, squared' },
    points: [128, 256, 384, 512].map((hidden) => rnnPoint(hidden * hidden, hidden, 32, 64)),
  },
  {
    ...{ name: 'pixelCnn/pixels', architecture: 'pixelCnn', what: 'pixels of an image' },
    points: [8, 12, 16, 24].map((side) => cnnPoint(side * side, side, 32, 8)),
  },
  {
    ...{ name: 'pixelCnn/batch', architecture: 'pixelCnn', what: 'images' },
    points: [4, 8, 16, 32].map((batch) => cnnPoint(batch, 12, 32, batch)),
  },
];

export async function trainerCostBench(bench: BenchContext): Promise<void> {
  const runtime = await bench.runtime();
  for (const sweep of sweeps) await timeSweep(bench, runtime, sweep);
  await measureProcesses(bench);
}

async function timeSweep(
  bench: BenchContext,
  runtime: Runtime,
  { name, architecture, what, points }: Sweep,
): Promise<void> {
  const best = new Map<number, number>();
  await forRounds(bench, `cost of ${name}`, async () => {
    for (const point of points) {
      const { msPerStep } = await trial(runtime, architecture, point);
      bench.recorder.add(`cost/${name}/${point.x}`, 'ms', msPerStep);
      // Other work on the machine only ever adds.
      best.set(point.x, Math.min(msPerStep, best.get(point.x) ?? Number.POSITIVE_INFINITY));
    }
  });
  const { slope, intercept, explained } = fitLine([...best]);
  bench.note(
    `A step of ${name}: ${intercept.toPrecision(3)} ms + ${slope.toPrecision(3)} ms for each of the ${what}; ` +
      `the line explains ${(100 * explained).toFixed(1)} % of the variance (fastest of the rounds).`,
  );
}

function trial(runtime: Runtime, name: string, { config, batch, time }: Point) {
  const architecture = architectureNamed(name);
  const memoryBytes = () => process.memoryUsage.rss();
  const options = { architecture, config: architecture.parseConfig(config), batch, time, threads: 2 };
  const settings = { optimizer: 'adamw', weightDecay: 0.01, clipNorm: 1 } as const;
  return tryOut({ ...options, ...settings }, { runtime, now: () => performance.now(), memoryBytes, nextTurn });
}

/** The sizes that a person chooses among. */
async function measureProcesses(bench: BenchContext): Promise<void> {
  await bench.vsix(); // Builds dist/host.js.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chainrule-cost-'));
  try {
    makeImages(folder);
    const image = { width: 28, height: 28, channels: 1, levels: 256, rule: 'stretch' } as const;
    const families = [
      { architecture: 'charRnn', eats: 'text', root: path.resolve('src'), image: null },
      { architecture: 'pixelCnn', eats: 'image', root: folder, image },
    ] as const;
    for (const { architecture, eats, root, image: options } of families) {
      for (const preset of presetNames) {
        bench.progress(`trainer process, ${architecture} ${preset}`);
        const wish = { architecture, preset, threads: 2, image: options };
        const roots = [{ path: root, excludes: [] }];
        const { memoryBytes, secondsPerStep } = await asked(
          { kind: 'survey', request: 1, eats, roots },
          { kind: 'estimate', request: 2, ...wish },
        );
        bench.recorder.add(`memory/trainer/${architecture}/${preset}`, 'MiB', memoryBytes / 2 ** 20);
        bench.recorder.add(`cost/trainer/${architecture}/${preset}`, 'ms', 1000 * secondsPerStep);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeImages(folder: string): void {
  const random = new Random(1);
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 32; i++) {
    const data = Uint8Array.from({ length: 28 * 28 }, () => random.nextInteger(256));
    writeFileSync(path.join(folder, `${i}.png`), encodePng({ width: 28, height: 28, channels: 1, data }));
  }
}

function asked(survey: ToTrainer, estimate: ToTrainer): Promise<EstimatedMessage> {
  const child = fork(path.resolve('dist', 'host.js'), ['trainer'], {
    ...{ serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  });
  return new Promise<EstimatedMessage>((resolve, reject) => {
    child.on('message', (value) => {
      const message = readFromTrainer(value);
      if (message.kind === 'surveyed') child.send(estimate);
      if (message.kind === 'estimated') resolve(message);
      if (message.kind === 'refused') reject(new Error(`trainerCost: ${message.reason}`));
    });
    child.on('exit', (code) => reject(new Error(`trainerCost: the process ended with ${code}`)));
    child.send(survey);
  }).finally(() => child.kill());
}
