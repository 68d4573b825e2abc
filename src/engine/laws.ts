// The laws of every autoregressive model, held against one short input: rows are distributions; step equals score, in blocks
// of any size; a step leaves its state alone; row t does not see x[t]. `check` and the tests ask them of whatever they load.
import type { AutoregressiveModel, ModelState, SymbolId } from '../base/model.ts';
import type { Random } from '../base/random.ts';

export interface LawResult {
  readonly law: string;
  readonly ok: boolean;
  /** Largest difference met, in nats. */
  readonly differenceNats: number;
}

export interface LawOptions {
  /** How far two ways to the same number may lie apart. */
  readonly toleranceNats: number;
  readonly random: Random;
  /** Symbols less likely than this either way are not compared, in nats. Default: all are. */
  readonly leastLogProb?: number;
}

/** What a tolerance of weights with few bits is stated for: symbols of 1 % and more. The least likely ones are mostly rounding. */
export const leastSuggested = Math.log(0.01);

/** Fewer leave nothing to cut and nothing to change. */
export const leastSymbols = 4;

/** `symbols`: at least `leastSymbols`, at most what the context holds; no start symbol in front. */
export async function checkLaws(
  model: AutoregressiveModel,
  symbols: Int32Array,
  { toleranceNats, random, leastLogProb = Number.NEGATIVE_INFINITY }: LawOptions,
): Promise<LawResult[]> {
  const time = symbols.length;
  const vocab = model.vocabulary.size;
  if (time < leastSymbols || time > model.contextLength) {
    throw new RangeError(`checkLaws: expected ${leastSymbols} to ${model.contextLength} symbols, got ${time}`);
  }
  const block = Int32Array.of(model.vocabulary.start, ...symbols.subarray(0, time - 1));
  const difference = (a: Float32Array, b: Float32Array) => largestDifference(a, b, leastLogProb);
  const result = (law: string, differenceNats: number): LawResult => ({
    law,
    ok: differenceNats <= toleranceNats, // NaN is not.
    differenceNats,
  });

  const score = (await model.score(symbols)).data; // [time, vocab]
  const whole = await stepInBlocks(model, block, [time]);
  const singles = await stepInBlocks(model, block, Array<number>(time).fill(1));
  const anyBlocks = await stepInBlocks(model, block, randomCuts(time, random));
  const change = Math.floor(time / 2);
  const changed = symbols.slice();
  changed[change] = anotherSymbol(symbols[change]!, model);
  const changedScore = (await model.score(changed)).data.subarray(0, (change + 1) * vocab);
  return [
    result('rows are distributions', largestNormalizer(score, vocab)),
    result('step equals score', difference(whole, score)),
    result('blocks of one symbol', difference(singles, score)),
    result('blocks of any size', difference(anyBlocks, score)),
    result('a step leaves its state alone', await stepTwice(model, block, difference)),
    result('row t does not see x[t]', difference(changedScore, score.subarray(0, changedScore.length))),
  ];
}

/**
 * The largest difference, in nats, between `score` and steps over random cuts, single symbols among them, of symbols that might be
 * suggested: what a variant states as its tolerance.
 */
export async function cutDifference(
  model: AutoregressiveModel,
  symbols: Int32Array,
  { random, rounds }: { readonly random: Random; readonly rounds: number },
): Promise<number> {
  const block = Int32Array.of(model.vocabulary.start, ...symbols.subarray(0, symbols.length - 1));
  const score = (await model.score(symbols)).data; // [time, vocab]
  const ones = Array<number>(block.length).fill(1);
  let largest = largestDifference(await stepInBlocks(model, block, ones), score, leastSuggested);
  for (let round = 0; round < rounds; round++) {
    const stepped = await stepInBlocks(model, block, randomCuts(block.length, random));
    largest = Math.max(largest, largestDifference(stepped, score, leastSuggested));
  }
  return largest;
}

async function stepInBlocks(model: AutoregressiveModel, block: Int32Array, sizes: readonly number[]) {
  const rows = new Float32Array(block.length * model.vocabulary.size); // [time, vocab]
  let at = 0;
  let state: ModelState = model.initialState();
  try {
    for (const size of sizes) {
      const next = await model.step(block.subarray(at, at + size), state);
      state.dispose();
      state = next.state;
      rows.set(next.logProbs.data, at * model.vocabulary.size);
      at += size;
    }
  } finally {
    state.dispose();
  }
  return rows;
}

/** Steps from the middle, then another way, then the first way again. */
async function stepTwice(
  model: AutoregressiveModel,
  block: Int32Array,
  difference: (a: Float32Array, b: Float32Array) => number,
): Promise<number> {
  const half = Math.floor(block.length / 2);
  const rest = block.subarray(half);
  const initial = model.initialState();
  const states: ModelState[] = [initial];
  try {
    const { state: middle } = await model.step(block.subarray(0, half), initial);
    states.push(middle);
    const first = await model.step(rest, middle);
    states.push(first.state);
    const aside = await model.step(
      rest.map((symbol) => anotherSymbol(symbol, model)),
      middle,
    );
    states.push(aside.state);
    const again = await model.step(rest, middle);
    states.push(again.state);
    return difference(again.logProbs.data, first.logProbs.data);
  } finally {
    for (const state of states) state.dispose();
  }
}

function anotherSymbol(symbol: SymbolId, { vocabulary }: AutoregressiveModel): SymbolId {
  return (symbol + 1) % vocabulary.size;
}

function randomCuts(time: number, random: Random): number[] {
  const sizes: number[] = [];
  for (let left = time; left > 0; ) {
    const size = 1 + random.nextInteger(left);
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/** Largest |ln sum exp row|; 0 for distributions. */
function largestNormalizer(rows: Float32Array, vocab: number): number {
  let largest = 0;
  for (let start = 0; start < rows.length; start += vocab) {
    let sum = 0;
    for (let i = start; i < start + vocab; i++) sum += Math.exp(rows[i]!);
    largest = Math.max(largest, Math.abs(Math.log(sum))); // NaN stays NaN.
  }
  return largest;
}

/** Where both call a symbol impossible they agree. */
function largestDifference(a: Float32Array, b: Float32Array, leastLogProb: number): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || (a[i]! < leastLogProb && b[i]! < leastLogProb)) continue;
    largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  }
  return largest;
}
