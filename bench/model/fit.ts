// Fits how much copies count, on files that are evaluated by nobody: for each level of match and how often it was found the weight under
// which those files cost the fewest bits, by expectation maximization, which finds it since the bits are convex in it. A class that is rarely seen stays near the
// weight of the level below.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { levelLengths } from '../../src/completion/copyIndex.ts';
import { copiedProb, countClass, numCountClasses } from '../../src/completion/copyMixture.ts';
import type { TextModel } from '../../src/engine/loadModel.ts';
import { visitSymbols } from './bits.ts';
import type { HeldOutFile } from './heldOut.ts';

/** What both said of a symbol that came. */
export interface Seen {
  readonly modelProb: number;
  /** With what the copies leave to the model. */
  readonly copyProb: number;
}

const iterations = 200;
/** As if so many symbols had been seen before. */
const priorCount = 20;
const mostWeight = 0.999;

export async function gatherSeen(model: TextModel, files: readonly HeldOutFile[], told: (done: number) => void) {
  const seen: Seen[][][] = levelLengths.map(() => Array.from({ length: numCountClasses }, () => []));
  for (const [i, { file }] of files.entries()) {
    await visitSymbols(model, readFileSync(file), (symbol, modelProb, prediction) => {
      if (prediction.level < 0) return;
      const copyProb = copiedProb(symbol, prediction) + prediction.rest * modelProb;
      seen[prediction.level]![countClass(prediction.count)]!.push({ modelProb, copyProb });
    });
    told(i + 1);
  }
  return seen;
}

export function fitWeights(seen: readonly (readonly (readonly Seen[])[])[]): number[][] {
  const weights: number[][] = [];
  for (const level of seen) {
    const below = weights.at(-1);
    weights.push(level.map((cases, i) => fitOne(cases, below?.[i] ?? 0.5)));
  }
  return weights;
}

/** w <- mean of w c / ((1 - w) m + w c), with the prior's share. */
export function fitOne(cases: readonly Seen[], prior: number): number {
  let weight = prior;
  for (let round = 0; round < iterations; round++) {
    let sum = priorCount * prior;
    for (const { modelProb, copyProb } of cases) {
      const copied = weight * copyProb;
      sum += copied / ((1 - weight) * modelProb + copied);
    }
    weight = sum / (cases.length + priorCount);
  }
  return Math.min(mostWeight, weight);
}

/** In place of the table that is there. */
export function writeWeights(weights: readonly (readonly number[])[]): string {
  const file = path.join('src', 'completion', 'copyWeights.ts');
  const text = readFileSync(file, 'utf8');
  const rows = weights.map((row) => `  [${row.map((weight) => Number(weight.toFixed(3))).join(', ')}],\n`);
  const begin = text.indexOf('= [\n') + '= [\n'.length;
  writeFileSync(file, `${text.slice(0, begin)}${rows.join('')}];\n`);
  return file;
}
