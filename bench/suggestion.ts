// How long a whole suggestion takes inside the engine, over some hundred requests as a person makes them: characters typed one after
// another at real places of this repository's files, the rest of the file below the cursor, one completer that keeps what it knows.
// Nothing is answered from what was suggested before: such answers come at once and would flatter the rest.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Random } from '../src/base/random.ts';
import { Completer, type CompletionResult, defaultCompleterOptions } from '../src/completion/completer.ts';
import { loadTextModel } from '../src/engine/loadModel.ts';
import { engineSpinMicroseconds } from '../src/host/loadEngine.ts';
import { readConfig } from '../src/models/registry.ts';
import { type BenchContext, forRounds } from './context.ts';
import { percentile } from './statistics.ts';

const numPlaces = 16;
const charactersPerPlace = 25;
const shortestFile = 2000;
const seed = 1;

interface Place {
  readonly file: string;
  readonly text: string;
  /** Where typing begins. */
  readonly offset: number;
}

export async function suggestionBench(bench: BenchContext): Promise<void> {
  const { dir } = await bench.model();
  const settings = { threads: bench.threads, spinMicroseconds: engineSpinMicroseconds, verify: false, readConfig };
  const textModel = await loadTextModel(dir, { runtime: await bench.runtime(), ...settings });
  const places = seededPlaces();
  try {
    await forRounds(bench, 'suggestion', async () => {
      const completer = new Completer(textModel, { ...defaultCompleterOptions, review: 'none' });
      try {
        const { opening, warm, prefillMs, decodeMs } = await typeAt(places, completer, bench.signal);
        const add = (name: string, ms: number) => bench.recorder.add(`suggestion/engine/${name}`, 'ms', ms);
        add('p50', percentile(warm, 0.5));
        add('p95', percentile(warm, 0.95));
        add('max', Math.max(...warm));
        add('opening', percentile(opening, 0.5));
        const shareOf = (ms: number) => (100 * ms) / warm.reduce((sum, one) => sum + one, 0);
        bench.recorder.add('suggestion/engine/prefill', '%', shareOf(prefillMs));
        bench.recorder.add('suggestion/engine/decode', '%', shareOf(decodeMs));
      } finally {
        completer.dispose();
      }
    });
    bench.note(`Whole suggestions: ${numPlaces * charactersPerPlace} typed characters at ${numPlaces} places.`);
  } finally {
    textModel.dispose();
  }
}

async function typeAt(places: readonly Place[], completer: Completer, signal: AbortSignal) {
  const opening: number[] = [];
  const warm: number[] = [];
  let [prefillMs, decodeMs] = [0, 0];
  for (const [i, { file, text, offset }] of places.entries()) {
    // The lines that are typed are not there yet; what follows them stays as it is.
    const lineEnd = text.indexOf('\n', offset + charactersPerPlace);
    const after = lineEnd < 0 ? '' : text.slice(lineEnd);
    for (let typed = 0; typed <= charactersPerPlace; typed++) {
      const startedAt = performance.now();
      const result: CompletionResult = await completer.complete(
        {
          ...{ document: `${i}`, path: file, languageId: 'typescript', before: text.slice(0, offset + typed), after },
          ...{ maxSymbols: 64, multiline: 'auto', deadlineMs: 60_000 }, // The settings' defaults.
        },
        signal,
      );
      (typed === 0 ? opening : warm).push(performance.now() - startedAt);
      if (typed === 0 || result.kind === 'nothing') continue;
      prefillMs += result.prefillMs;
      decodeMs += result.decodeMs;
    }
  }
  return { opening, warm, prefillMs, decodeMs };
}

/** Anywhere in as many of our files, inside of lines that are long enough to be typed. */
function seededPlaces(): Place[] {
  const random = new Random(seed);
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join('src', name.replaceAll(path.sep, '/')))
    .sort();
  random.shuffle(files);
  const places: Place[] = [];
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (places.length === numPlaces) break;
    if (text.length < shortestFile) continue;
    const room = text.length - charactersPerPlace;
    places.push({ file, text, offset: Math.floor(room / 4) + random.nextInteger(Math.floor(room / 2)) });
  }
  return places;
}
