// Making images: milliseconds for one of 28 x 28, alone and in a sheet of 16. The peer is what one would write first: the whole image through
// the model for each of its 784 values (by the graph of `score`, which has the causal taps only; a few runs stand for all).
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { int32 } from '../src/base/tensor.ts';
import { loadImageModel } from '../src/engine/loadImageModel.ts';
import { readConfig } from '../src/models/registry.ts';
import type { Session } from '../src/runtime/session.ts';
import { type BenchContext, forRounds } from './context.ts';
import { plainPixelCnn, writePixelCnn } from './pixels.ts';

const counts = [1, 16] as const;
const wholeRuns = 50;

export async function samplingBench(bench: BenchContext): Promise<void> {
  const runtime = await bench.runtime();
  const dir = mkdtempSync(path.join(os.tmpdir(), 'chainrule-bench-'));
  const threads = 1;
  try {
    await writePixelCnn(dir, plainPixelCnn);
    const image = await loadImageModel(dir, { runtime, threads, verify: false, readConfig });
    const whole = await runtime.createSession({ path: path.join(dir, 'score.onnx') }, { threads });
    try {
      const make = (count: number) => image.sampler.sample({ count, temperature: 1, seed: 1 });
      await make(1); // First runs open sessions and allocate.
      await msOf(() => timesWhole(whole, 5));
      await forRounds(bench, 'sampling', async () => {
        const wholeMs = ((await msOf(() => timesWhole(whole, wholeRuns))) / wholeRuns) * total;
        for (const count of counts) {
          const ms = (await msOf(() => make(count))) / count;
          bench.recorder.add(`sample/pixelCnn/${count}`, 'ms', ms, { name: 'recomputed', value: wholeMs });
        }
      });
    } finally {
      whole.dispose();
      image.dispose();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const total = plainPixelCnn.width * plainPixelCnn.height * plainPixelCnn.channels;

async function timesWhole(session: Session, runs: number): Promise<void> {
  const symbols = int32(new Int32Array(total), [total]);
  for (let run = 0; run < runs; run++) await session.run({ symbols }, ['logits']);
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
