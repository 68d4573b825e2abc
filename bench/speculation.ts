// Speculative decoding against plain, as completion does it: the same places, one after the other in turns. Lines and 64 symbols of
// this repository's own sources, and text that repeats.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Random } from '../src/base/random.ts';
import { Completer, type CompletionRequest, defaultCompleterOptions } from '../src/completion/completer.ts';
import type { TextModel } from '../src/engine/loadModel.ts';
import { type BenchContext, forRounds } from './context.ts';
import { drawCases } from './model/cases.ts';
import type { BenchModel } from './model.ts';

type Place = Pick<CompletionRequest, 'path' | 'before' | 'after' | 'multiline'>;

const placesOfKind = 24;
const maxSymbols = 64; // The setting's default.
const seed = 1;

export async function speculationFigures(
  bench: BenchContext,
  { label }: BenchModel,
  textModel: TextModel,
): Promise<void> {
  const places = { line: linesOfCode('never'), code: linesOfCode('unbounded'), repeats: repeatingTexts() };
  const plain = decoding(textModel, 'never');
  const speculative = decoding(textModel, 'measured');
  let numSame = 0;
  let numAll = 0;
  const runsPerSymbol = new Map<string, number>();
  try {
    await forRounds(bench, 'speculation', async (round) => {
      for (const [kind, ofKind] of Object.entries(places)) {
        const sums = [plain, speculative].map(() => ({ symbols: 0, decodeMs: 0, runs: 0 }));
        for (const [i, place] of ofKind.entries()) {
          const texts: string[] = [];
          // Who is second meets a warmer processor, so they take turns in that, too.
          const order = (i + round) % 2 === 0 ? [0, 1] : [1, 0];
          for (const which of order) {
            const { text, ...cost } = await (which === 0 ? plain : speculative).complete(place);
            texts.push(text);
            sums[which]!.symbols += cost.symbols;
            sums[which]!.decodeMs += cost.decodeMs;
            sums[which]!.runs += cost.runs;
          }
          numAll += 1;
          if (texts[0] === texts[1]) numSame += 1;
        }
        const [one, other] = sums.map(({ symbols, decodeMs }) => symbols / (decodeMs / 1000));
        bench.recorder.add(`decode/${label}/speculative/${kind}`, 'symbols/s', other!, { name: 'plain', value: one! });
        runsPerSymbol.set(kind, sums[1]!.runs / sums[1]!.symbols);
      }
    });
  } finally {
    plain.dispose();
    speculative.dispose();
  }
  const runs = [...runsPerSymbol].map(([kind, ratio]) => `${kind} ${ratio.toFixed(2)}`).join(', ');
  bench.note(
    `Speculative decoding: runs per symbol in the last round: ${runs}; the same text as plain decoding ${numSame} times of ${numAll}.`,
  );
}

/** A completer of its own that counts the runs of the model. */
function decoding({ model, codec }: TextModel, speculation: 'never' | 'measured') {
  let runs = 0;
  const counting: TextModel['model'] = {
    vocabulary: model.vocabulary,
    contextLength: model.contextLength,
    score: (...args) => model.score(...args),
    initialState: () => model.initialState(),
    step: (...args) => {
      runs += 1;
      return model.step(...args);
    },
    dispose: () => undefined, // It stays the caller's.
  };
  const sequences = { ...defaultCompleterOptions.sequences, speculation };
  // Whatever comes is measured, shown or not.
  const completer = new Completer({ model: counting, codec }, { review: 'none', sequences });
  return {
    async complete(place: Place) {
      // A second time, so that of the prompt one symbol is left and a run of the model is a symbol.
      await completer.complete({ ...requestAt(place), maxSymbols: 1 });
      runs = 0;
      const result = await completer.complete(requestAt(place));
      if (result.kind === 'nothing') throw new Error(`speculation: expected a text, got nothing: ${result.reason}`);
      return { text: result.text, symbols: result.symbols, decodeMs: result.decodeMs, runs };
    },
    dispose: () => completer.dispose(),
  };
}

function requestAt(place: Place): CompletionRequest {
  return { document: place.path, languageId: 'typescript', maxSymbols, deadlineMs: 60_000, ...place };
}

function linesOfCode(multiline: 'never' | 'unbounded'): Place[] {
  const names = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const files = names.sort().map((name) => {
    const file = path.join('src', name);
    return { path: file, text: readFileSync(file, 'utf8') };
  });
  return drawCases(files, placesOfKind, new Random(seed)).map(({ path, before, after }) => {
    return { path, before, after, multiline };
  });
}

/** Tables and lists, as tests and configurations hold them. */
function repeatingTexts(): Place[] {
  const random = new Random(seed);
  return Array.from({ length: placesOfKind }, (_, i) => {
    const words = Array.from({ length: 4 }, () => random.nextUint32().toString(36));
    const line = `  check('${words[0]}', { ${words[1]}: ${i}, ${words[2]}: '${words[3]}' });\n`;
    return { path: `test/table${i}.ts`, before: line.repeat(4) + line.slice(0, 9), after: '', multiline: 'unbounded' };
  });
}
