// How the rest of a line goes on, asked in three ways: the model alone, with copies mixed in as it is served, and the copies alone. Greedy,
// healed at the cursor, from what stands before it and with what follows the line.
import { systemClock } from '../../src/base/clock.ts';
import { SymbolIndex } from '../../src/codecs/layout.ts';
import { Completer, defaultCompleterOptions } from '../../src/completion/completer.ts';
import { CopyIndex, copyDiscounts } from '../../src/completion/copyIndex.ts';
import { maxCopiedSymbols } from '../../src/completion/copySource.ts';
import { copyWeights } from '../../src/completion/copyWeights.ts';
import { type Decoder, generate, logProbOf } from '../../src/completion/generate.ts';
import { buildPrompt, copiedSymbols, shortnessOf } from '../../src/completion/prompt.ts';
import type { TextModel } from '../../src/engine/loadModel.ts';
import type { LineCase } from './cases.ts';
import type { Results } from './results.ts';
import type { Answer } from './scores.ts';

export const ways = ['model', 'mixture', 'copies'] as const;
export type Way = (typeof ways)[number];
export const directions = ['from the prefix', 'with the suffix'] as const;
export type Direction = (typeof directions)[number];

export interface Answers {
  readonly way: Way;
  readonly direction: Direction;
  readonly answers: readonly Answer[];
}

interface Suggested {
  readonly text: string;
  /** JSON has no infinity: undefined for nothing. */
  readonly meanLogProbNats?: number;
}

export interface AskedCase extends LineCase {
  readonly language: string;
}

type Ask = (path: string, before: string, after: string) => Promise<Suggested>;

const maxSymbols = 64;
/** Raise it when other symbols are copied from: results of before are then measured anew. */
const copiesVersion = 2;
/** What results depend on beside the model and the case. */
const settingsOf: Readonly<Record<Way, readonly unknown[]>> = {
  model: [],
  mixture: [copyDiscounts, copyWeights, copiesVersion],
  copies: [copyDiscounts, copiesVersion],
};

export async function answersOf(
  model: TextModel,
  cases: readonly AskedCase[],
  results: Results,
  told: (done: number, of: number) => void,
): Promise<Answers[]> {
  const completers = {
    model: new Completer(model, { review: 'none', copies: 'none' }),
    mixture: new Completer(model, { review: 'none', copies: 'mixed' }),
  };
  const asks: Readonly<Record<Way, Ask>> = {
    model: askCompleter(completers.model),
    mixture: askCompleter(completers.mixture),
    copies: askCopies(model),
  };
  const all: Answers[] = [];
  let done = 0;
  try {
    for (const direction of directions) {
      for (const way of ways) {
        const answers: Answer[] = [];
        for (const one of cases) {
          const { path, before, rest, kind, language } = one;
          const after = direction === 'with the suffix' ? one.after : '';
          const settings = ['line', way, path, before, after, ...settingsOf[way]];
          const { text, meanLogProbNats = Number.NEGATIVE_INFINITY } = await results.of(settings, () =>
            asks[way](path, before, after),
          );
          answers.push({ language, kind, rest, text, meanLogProbNats });
          done += 1;
          told(done, cases.length * ways.length * directions.length);
        }
        all.push({ way, direction, answers });
      }
    }
  } finally {
    for (const completer of Object.values(completers)) completer.dispose();
  }
  return all;
}

function askCompleter(completer: Completer): Ask {
  let asked = 0;
  return async (path, before, after) => {
    asked += 1;
    const result = await completer.complete({
      document: String(asked),
      path,
      languageId: '',
      before,
      after,
      maxSymbols,
      multiline: 'never',
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    if (result.kind === 'nothing') return { text: '' };
    const { text, meanLogProbNats } = result;
    return { text, meanLogProbNats };
  };
}

/** The same decoding with nothing but what the text repeats; how often a symbol came decides where it repeats nothing. */
function askCopies({ model, codec }: TextModel): Ask {
  const symbols = new SymbolIndex(codec);
  const vocab = model.vocabulary.size;
  const budget = Math.min(defaultCompleterOptions.maxPromptSymbols, model.contextLength - maxSymbols);
  return async (path, before, after) => {
    const index = new CopyIndex(vocab, { shortness: shortnessOf(codec), separator: codec.specials.start });
    index.append(copiedSymbols(codec, { before, after }, maxCopiedSymbols));
    index.endSources();
    const sequences: Decoder['sequences'] = {
      run: async (_given, _options, body) =>
        body({
          logProbs: copiesRow(index, vocab),
          reusedSymbols: 0,
          step: async (symbol) => {
            index.push(symbol);
            return copiesRow(index, vocab);
          },
        }),
    };
    const generated = await generate(
      { codec, index: symbols, sequences },
      buildPrompt(codec, { path, before, after }, budget),
      {
        extent: { kind: 'line' },
        maxSymbols,
        maxOpenings: 0,
        deadlineAtMs: Number.POSITIVE_INFINITY,
        clock: systemClock,
        signal: undefined,
      },
    );
    if (generated === undefined) return { text: '' };
    const { logProb, count } = logProbOf(generated.pieces, generated.text.length);
    return { text: generated.text, meanLogProbNats: logProb / Math.max(1, count) };
  };
}

function copiesRow(index: CopyIndex, vocab: number): Float32Array {
  const { symbols, probs, rest } = index.predict();
  const row = Float64Array.from({ length: vocab }, (_, symbol) => rest * index.frequency(symbol));
  for (let i = 0; i < symbols.length; i++) row[symbols[i]!]! += probs[i]!;
  return Float32Array.from(row, Math.log);
}
