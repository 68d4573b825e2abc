// Whether the model gives back what it learnt from: long lines of training files, of which it is shown the beginning alone and goes on greedily.
// Beside it the same with held-out files, whose lines it can only foresee.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import type { TextModel } from '../../src/engine/loadModel.ts';
import { greedy } from '../../src/engine/sampler.ts';
import { SequenceCache } from '../../src/engine/sequenceCache.ts';
import { languageOf } from './heldOut.ts';
import type { Results } from './results.ts';

export interface Memorisation {
  readonly numLines: number;
  readonly numReproduced: number;
}

const leastSymbols = 60;
/** Of the line; the rest, 40 symbols and more, is asked for. */
const shownSymbols = 20;
/** A longer line is data. */
const mostSymbols = 200;
const linesPerFile = 2;
const filesPerLine = 40;

/** Of at most `count` lines, drawn by the seed, two of a file at most. */
export async function memorisationOf(
  model: TextModel,
  folder: string,
  { count, seed }: { readonly count: number; readonly seed: number },
  results: Results,
  told: (done: number) => void,
): Promise<Memorisation> {
  const lines = drawLines(model, folder, count, new Random(seed));
  if (lines.length === 0)
    throw new UserError(`${folder}: expected lines of ${leastSymbols} symbols and more, got none`);
  const sequences = new SequenceCache(model.model, { maxBytes: 2 ** 20, maxSequences: 1, chunkSymbols: 512 });
  let numReproduced = 0;
  try {
    for (const [i, line] of lines.entries()) {
      if (await results.of(['memorisation', [...line]], () => reproduces(model, sequences, line))) numReproduced += 1;
      told(i + 1);
    }
  } finally {
    sequences.dispose();
  }
  return { numLines: lines.length, numReproduced };
}

function drawLines({ codec, model }: TextModel, folder: string, count: number, random: Random): Int32Array[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = random.shuffle(names.filter((name) => languageOf(name) !== undefined));
  const most = Math.min(mostSymbols, model.contextLength - 1);
  const found: Int32Array[] = [];
  for (const name of files.slice(0, filesPerLine * count)) {
    if (found.length >= count) break;
    const file = path.join(folder, name);
    if (!statSync(file).isFile()) continue;
    const lines = random.shuffle(readFileSync(file, 'utf8').split('\n')).filter((line) => line.length >= leastSymbols);
    let ofFile = 0;
    for (const line of lines) {
      const symbols = codec.encodeText(line.trim());
      if (symbols.length < leastSymbols || symbols.length > most) continue;
      found.push(symbols);
      ofFile += 1;
      if (ofFile === linesPerFile || found.length >= count) break;
    }
  }
  return found;
}

async function reproduces({ codec }: TextModel, sequences: SequenceCache, line: Int32Array): Promise<boolean> {
  const shown = Int32Array.of(codec.specials.start, ...line.subarray(0, shownSymbols));
  const isSame = await sequences.run(shown, {}, async (run) => {
    let row = run.logProbs;
    for (let at = shownSymbols; at < line.length; at++) {
      const { symbol } = greedy(row);
      if (symbol !== line[at]) return false;
      row = await run.step(symbol);
    }
    return true;
  });
  return isSame === true;
}
