// `chainrule sample`: text drawn from a model. The same seed draws the same text; a context that is full restarts by the
// long-text rule.
import { parseArgs } from 'node:util';
import { Random } from '../base/random.ts';
import { type DrawTextOptions, drawText } from '../engine/drawText.ts';
import type { TextModel } from '../engine/loadModel.ts';
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
    const wishes = { prompt, maxSymbols: numSymbols, temperature, ...(topK !== undefined && { topK }) };
    const drawn = await drawWhole(model, { ...wishes, random: new Random(seed), signal: context.signal });
    const settings = { temperature, topK: topK ?? null, seed };
    context.out(values.json ? JSON.stringify({ prompt, ...drawn, ...settings }) : prompt + drawn.text);
    return 0;
  });
}

async function drawWhole(model: TextModel, options: DrawTextOptions) {
  const symbols: number[] = [];
  let logProbNats = 0;
  for await (const { symbol, logProb } of drawText(model, options)) {
    symbols.push(symbol);
    logProbNats += logProb;
  }
  const ended = symbols.at(-1) === model.codec.specials.end;
  return { text: model.codec.decodeText(Int32Array.from(symbols)), symbols: symbols.length, logProbNats, ended };
}
