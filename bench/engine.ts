// Prefill and decode as completion does them: through the sequence cache, in its chunks, one symbol per step, greedily. Then several
// symbols per step, where guesses pay.
import { defaultCompleterOptions } from '../src/completion/completer.ts';
import { loadTextModel } from '../src/engine/loadModel.ts';
import { greedy } from '../src/engine/sampler.ts';
import { SequenceCache } from '../src/engine/sequenceCache.ts';
import { readConfig } from '../src/models/registry.ts';
import { type BenchContext, forRounds } from './context.ts';
import { speculationFigures } from './speculation.ts';
import { promptSymbols, typedText } from './text.ts';

const contexts = [128, 512, 960];
const numDecoded = 32;
const precision = 'fp32';

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
