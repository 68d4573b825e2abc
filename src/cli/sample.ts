// `chainrule sample`: text drawn from a model. The same seed draws the same text; a context that is full restarts by the
// long-text rule.
import { parseArgs } from 'node:util';
import { Random } from '../base/random.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { LongSequence } from '../engine/longSequence.ts';
import { sample as draw, type SamplingOptions } from '../engine/sampler.ts';
import type { Command, CommandContext } from './command.ts';
import { countOption, numberOption } from './numbers.ts';
import { modelOptions, modelUsage, withModel } from './openModel.ts';

const usage = `chainrule sample --model DIR [--prompt TEXT] [--symbols N] [--temperature T] [--top-k K] [--seed S] [--json]

${modelUsage}
  --prompt TEXT    what the text begins with
  --symbols N      how many to draw at most (default 200); it ends earlier when the model ends it
  --temperature T  0 is greedy (default 1)
  --top-k K        draw among the K likeliest only (default: all)
  --seed S         default 1
  --json           one line {"prompt","text","symbols","logProbNats","ended","temperature","topK","seed"}`;

export const sample: Command = { summary: 'draws text from a model', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...modelOptions,
      prompt: { type: 'string' },
      symbols: { type: 'string' },
      temperature: { type: 'string' },
      'top-k': { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const prompt = values.prompt ?? '';
  const numSymbols = countOption(values, 'symbols', { least: 1, most: 10_000_000 }) ?? 200;
  const temperature = numberOption(values, 'temperature', { least: 0, most: 100 }) ?? 1;
  const topK = countOption(values, 'top-k', { least: 1, most: 1 << 24 });
  const seed = countOption(values, 'seed', { least: 0, most: 2 ** 32 - 1 }) ?? 1;
  return withModel(values, 'step', async (model) => {
    const options = { temperature, ...(topK !== undefined && { topK }) };
    const drawn = await drawText(model, prompt, numSymbols, options, new Random(seed), context.signal);
    const settings = { temperature, topK: topK ?? null, seed };
    context.out(values.json ? JSON.stringify({ prompt, ...drawn, ...settings }) : prompt + drawn.text);
    return 0;
  });
}

async function drawText(
  { model, codec }: TextModel,
  prompt: string,
  numSymbols: number,
  options: SamplingOptions,
  random: Random,
  signal: AbortSignal,
) {
  const sequence = new LongSequence(model);
  const symbols: number[] = [];
  let logProbNats = 0;
  let ended = false;
  try {
    let row = await sequence.append(codec.encodeText(prompt), signal);
    while (symbols.length < numSymbols) {
      const { symbol, logProb } = draw(row, options, random);
      logProbNats += logProb;
      symbols.push(symbol);
      ended = symbol === codec.specials.end;
      if (ended || symbols.length === numSymbols) break;
      row = await sequence.append(Int32Array.of(symbol), signal);
    }
  } finally {
    sequence.dispose();
  }
  return { text: codec.decodeText(Int32Array.from(symbols)), symbols: symbols.length, logProbNats, ended };
}
