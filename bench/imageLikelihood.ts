// The map of an image: milliseconds to score one of 28 x 28 in grey and one of 32 x 32 in color with all that the view shows (bits, rank,
// expected bits, likeliest value). The peer is the bare score graph, whose logits nobody reads.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Pixels } from '../src/base/pixels.ts';
import { Random } from '../src/base/random.ts';
import { float32, int32 } from '../src/base/tensor.ts';
import { loadImageModel } from '../src/engine/loadImageModel.ts';
import { imageMap } from '../src/likelihood/imageMap.ts';
import type { PixelCnnConfig } from '../src/models/pixelLayers.ts';
import { readConfig } from '../src/models/registry.ts';
import { type BenchContext, forRounds } from './context.ts';
import { plainPixelCnn, writePixelCnn } from './pixels.ts';

const configs: readonly PixelCnnConfig[] = [
  plainPixelCnn,
  { ...plainPixelCnn, width: 32, height: 32, channels: 3, hiddenSize: 66 },
];
/** Of each in a round; the median counts. */
const runs = 15;

export async function imageLikelihoodBench(bench: BenchContext): Promise<void> {
  for (const config of configs) await benchOne(bench, config);
}

async function benchOne(bench: BenchContext, config: PixelCnnConfig): Promise<void> {
  const runtime = await bench.runtime();
  const { threads } = bench;
  const dir = mkdtempSync(path.join(os.tmpdir(), 'chainrule-bench-'));
  const name = `${config.width}x${config.height}x${config.channels}`;
  try {
    await writePixelCnn(dir, config);
    const { model, codec, dispose } = await loadImageModel(dir, { runtime, threads, verify: false, readConfig });
    const bare = await runtime.createSession({ path: path.join(dir, 'score.onnx') }, { threads });
    try {
      const image = noise(config);
      const symbols = int32(codec.encode(image), [image.data.length]);
      const logits = float32(new Float32Array(image.data.length * codec.vocabulary.size), [
        image.data.length,
        codec.vocabulary.size,
      ]);
      const graph = () => bare.run({ symbols }, ['logits'], { into: { logits }, background: true });
      const map = () => imageMap(model, codec, image);
      await map(); // First runs allocate.
      await graph();
      await forRounds(bench, `image likelihood ${name}`, async () => {
        const [graphMs, mapMs] = await medians(graph, map);
        bench.recorder.add(`likelihood/pixelCnn/${name}`, 'ms', mapMs, { name: 'score graph', value: graphMs });
      });
    } finally {
      bare.dispose();
      dispose();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Of both in turn, so that what else the machine does falls on both. */
async function medians(a: () => Promise<unknown>, b: () => Promise<unknown>): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    for (const [i, work] of [a, b].entries()) {
      const startedAt = performance.now();
      await work();
      times[i]!.push(performance.now() - startedAt);
    }
  }
  const median = (values: number[]) => values.sort((x, y) => x - y)[Math.floor(values.length / 2)]!;
  return [median(times[0]), median(times[1])];
}

function noise({ width, height, channels }: PixelCnnConfig): Pixels {
  const random = new Random(1);
  const data = Uint8Array.from({ length: width * height * channels }, () => random.nextInteger(256));
  return { width, height, channels, data };
}
