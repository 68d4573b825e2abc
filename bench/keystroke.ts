// One person typing at the end of a file, seen from the engine. Per typed character: from the request (text in hand) to the
// distribution of the next symbol, encoding included; and to the end of the whole suggestion. Warm is what the product does:
// the cache of the request before is there. Cold, its peer, is the same request right after it, with an empty cache.
import { Completer, type CompletionRequest, defaultCompleterOptions } from '../src/completion/completer.ts';
import { buildPrompt } from '../src/completion/prompt.ts';
import { loadTextModel, type TextModel } from '../src/engine/loadModel.ts';
import { greedy } from '../src/engine/sampler.ts';
import { SequenceCache } from '../src/engine/sequenceCache.ts';
import { readConfig } from '../src/models/registry.ts';
import { type BenchContext, forRounds } from './context.ts';
import { mean } from './statistics.ts';
import { offsetOf, typedPath, typedText } from './text.ts';

const contexts = [100, 500, 900, 1000];
const charactersPerRound = 8;
/** After the time is taken, so that the next warm request meets a cache that was decoded from, as it would. */
const numDecoded = 4;
/** For the characters typed and the symbols decoded. */
const roomAtEnd = charactersPerRound + numDecoded;
const cold = 'no cache reuse';

export async function keystrokeBench(bench: BenchContext): Promise<void> {
  const { dir } = await bench.model();
  const settings = { threads: bench.threads, verify: false, readConfig };
  const textModel = await loadTextModel(dir, { runtime: await bench.runtime(), ...settings });
  try {
    const text = typedText();
    const fitting = contexts.filter((length) => length + roomAtEnd <= textModel.model.contextLength);
    const places = fitting.map((length) => ({ length, offset: offsetOf(textModel.codec, text, length) }));
    let numSymbols = 0;
    let numSuggestions = 0;
    await forRounds(bench, 'keystroke', async () => {
      for (const { length, offset } of places) {
        const typed = Array.from({ length: charactersPerRound }, (_, i) => text.slice(0, offset + i));
        const first = await timeFirstSymbols(textModel, typed);
        bench.recorder.add(`keystroke/warm/${length}`, 'ms', first.warmMs, { name: cold, value: first.coldMs });
        const whole = await timeSuggestions(textModel, typed);
        bench.recorder.add(`suggestion/warm/${length}`, 'ms', whole.warmMs, { name: cold, value: whole.coldMs });
        numSymbols += whole.numSymbols;
        numSuggestions += typed.length - 1;
      }
    });
    bench.note(`A whole suggestion had ${(numSymbols / numSuggestions).toFixed(1)} symbols in the mean.`);
  } finally {
    textModel.dispose();
  }
}

/** The first text only fills the cache; the others are each one character longer. */
async function timeFirstSymbols(textModel: TextModel, typed: readonly string[]) {
  const warm = new SequenceCache(textModel.model, defaultCompleterOptions.sequences);
  const empty = new SequenceCache(textModel.model, defaultCompleterOptions.sequences);
  const times = { warm: [] as number[], cold: [] as number[] };
  try {
    for (const [i, before] of typed.entries()) {
      const warmMs = await firstSymbolMs(textModel, warm, before);
      if (i === 0) continue;
      times.warm.push(warmMs);
      empty.clear();
      times.cold.push(await firstSymbolMs(textModel, empty, before));
    }
  } finally {
    warm.dispose();
    empty.dispose();
  }
  return { warmMs: mean(times.warm), coldMs: mean(times.cold) };
}

async function firstSymbolMs({ codec, model }: TextModel, sequences: SequenceCache, before: string): Promise<number> {
  const startedAt = performance.now();
  const prompt = buildPrompt(codec, { path: typedPath, before, after: '' }, model.contextLength - numDecoded);
  const elapsedMs = await sequences.run(prompt.symbols, {}, async (run) => {
    const arrivedAt = performance.now();
    let row = run.logProbs;
    for (let i = 0; i < numDecoded; i++) row = await run.step(greedy(row).symbol);
    return arrivedAt - startedAt;
  });
  if (elapsedMs === undefined) throw new Error('keystroke: expected a run that nobody stops, got none');
  return elapsedMs;
}

async function timeSuggestions(textModel: TextModel, typed: readonly string[]) {
  const options = { ...defaultCompleterOptions, review: 'none' } as const; // Whatever comes is measured, shown or not.
  const warm = new Completer(textModel, options);
  const times = { warm: [] as number[], cold: [] as number[] };
  let numSymbols = 0;
  try {
    for (const [i, before] of typed.entries()) {
      const { elapsedMs, symbols } = await suggestionMs(warm, before);
      if (i === 0) continue;
      times.warm.push(elapsedMs);
      numSymbols += symbols;
      const empty = new Completer(textModel, options);
      times.cold.push((await suggestionMs(empty, before)).elapsedMs);
      empty.dispose();
    }
  } finally {
    warm.dispose();
  }
  return { warmMs: mean(times.warm), coldMs: mean(times.cold), numSymbols };
}

async function suggestionMs(completer: Completer, before: string) {
  const request: CompletionRequest = {
    document: typedPath,
    path: typedPath,
    languageId: 'typescript',
    before,
    after: '',
    maxSymbols: 64, // The setting's default.
    multiline: 'auto',
    deadlineMs: 60_000,
  };
  const startedAt = performance.now();
  const result = await completer.complete(request);
  const elapsedMs = performance.now() - startedAt;
  return { elapsedMs, symbols: result.kind === 'suggestion' ? result.symbols : 0 };
}
