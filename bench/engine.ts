// Prefill and decode as completion does them: through the sequence cache, in its chunks, one symbol per step, greedily. Then several
// symbols per step, where guesses pay.
import path from 'node:path';
import { Random } from '../src/base/random.ts';
import { defaultCompleterOptions } from '../src/completion/completer.ts';
import { loadTextModel } from '../src/engine/loadModel.ts';
import { greedy } from '../src/engine/sampler.ts';
import { SequenceCache } from '../src/engine/sequenceCache.ts';
import { readConfig } from '../src/models/registry.ts';
import { type BenchContext, forRounds } from './context.ts';
import { exportRandomModel } from './model.ts';
import { randomShapes } from './peers/shapes.ts';
import { speculationFigures } from './speculation.ts';
import { promptSymbols, typedText } from './text.ts';

const contexts = [128, 512, 960];
const numDecoded = 32;
/** Where shape b is asked; its context holds the longest. */
const growth = [128, 512, 960, 2048];
const precision = 'fp32';
const shapeFolder = path.join('out', 'bench', 'shapeB');

export async function engineBench(bench: BenchContext): Promise<void> {
  const model = await bench.model();
  const { dir, label } = model;
  const settings = { threads: bench.threads, verify: false, readConfig };
  const textModel = await loadTextModel(dir, { runtime: await bench.runtime(), ...settings });
  const sequences = new SequenceCache(textModel.model, defaultCompleterOptions.sequences);
  try {
    const prompts = fittingPrompts(textModel.model.contextLength, promptSymbols(textModel.codec, typedText()));
    for (const prompt of prompts) await prefillAndDecode(sequences, prompt); // Opens the session, grows the cache.
    await forRounds(bench, 'engine', async () => {
      for (const prompt of prompts) {
        const { prefillMs, decodeMs } = await prefillAndDecode(sequences, prompt);
        const name = (phase: string) => `${phase}/${label}/${precision}/${prompt.length}`;
        bench.recorder.add(name('prefill'), 'symbols/s', prompt.length / (prefillMs / 1000));
        bench.recorder.add(name('decode'), 'symbols/s', numDecoded / (decodeMs / 1000));
      }
    });
    await speculationFigures(bench, model, textModel);
  } finally {
    sequences.dispose();
    textModel.dispose();
  }
  await contextGrowth(bench);
}

/** Shape b: what a symbol costs when the context is long, beside what it costs when it is short; attention alone may grow. */
async function contextGrowth(bench: BenchContext): Promise<void> {
  await exportRandomModel(shapeFolder, randomShapes.b);
  const settings = { threads: bench.threads, verify: false, readConfig };
  const textModel = await loadTextModel(shapeFolder, { runtime: await bench.runtime(), ...settings });
  const sequences = new SequenceCache(textModel.model, defaultCompleterOptions.sequences);
  const random = new Random(1);
  const prompts = growth.map((length) =>
    Int32Array.from({ length }, () => random.nextInteger(textModel.model.vocabulary.size)),
  );
  try {
    for (const prompt of prompts) await prefillAndDecode(sequences, prompt);
    await forRounds(bench, 'context growth', async () => {
      const speeds: number[] = [];
      for (const prompt of prompts) {
        speeds.push(numDecoded / ((await prefillAndDecode(sequences, prompt)).decodeMs / 1000));
      }
      for (const [i, { length }] of prompts.entries()) {
        const short = i > 0 ? [{ name: `at ${growth[0]}`, value: speeds[0]! }] : [];
        bench.recorder.add(`decode/b/${precision}/${length}`, 'symbols/s', speeds[i]!, ...short);
      }
    });
  } finally {
    sequences.dispose();
    textModel.dispose();
  }
}

function fittingPrompts(contextLength: number, symbols: Int32Array): Int32Array[] {
  return contexts
    .filter((length) => length + numDecoded <= contextLength && length <= symbols.length)
    .map((length) => symbols.slice(0, length));
}

async function prefillAndDecode(sequences: SequenceCache, prompt: Int32Array) {
  sequences.clear();
  const startedAt = performance.now();
  const times = await sequences.run(prompt, {}, async (run) => {
    const prefilledAt = performance.now();
    let row = run.logProbs;
    for (let i = 0; i < numDecoded; i++) row = await run.step(greedy(row).symbol);
    return { prefillMs: prefilledAt - startedAt, decodeMs: performance.now() - prefilledAt };
  });
  if (times === undefined) throw new Error('engine: expected a run that nobody stops, got none');
  return times;
}
