// `chainrule sample`: text or images drawn from a model. The same seed draws the same; a context that is full restarts by the
// long-text rule.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { type DrawTextOptions, drawText } from '../engine/drawText.ts';
import type { ImageModel } from '../engine/loadImageModel.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { contactSheet } from '../files/images/contactSheet.ts';
import { encodePng } from '../files/images/encodePng.ts';
import { readShaped, upperHalf } from '../files/images/readShaped.ts';
import type { Command, CommandContext } from './command.ts';
import { countOption, numberOption, type OptionValues } from './numbers.ts';
import { modelOptions, modelUsage, withAnyModel } from './openModel.ts';

const usage = `chainrule sample --model DIR [--prompt TEXT] [--symbols N] [--temperature T] [--top-k K] [--seed S] [--json]
chainrule sample --model DIR --out FILE.png [--count N] [--upper FILE] [--temperature T] [--seed S] [--json]

${modelUsage}
  --prompt TEXT    what the text begins with
  --symbols N      how many to draw at most (default 200); it ends earlier when the model ends it
  --out FILE.png   of a model of images: where its contact sheet goes
  --count N        images on it (default 16)
  --upper FILE     an image whose upper half is kept, to be completed
  --temperature T  0 is greedy (default 1)
  --top-k K        draw among the K likeliest only (default: all); of text
  --seed S         default 1
  --json           one line {"prompt","text","symbols","logProbNats","ended","temperature","topK","seed"};
                   of images {"path","images","width","height","temperature","seed"}`;

export const sample: Command = { summary: 'draws text or images from a model', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...modelOptions,
      prompt: { type: 'string' },
      symbols: { type: 'string' },
      out: { type: 'string' },
      count: { type: 'string' },
      upper: { type: 'string' },
      temperature: { type: 'string' },
      'top-k': { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const drawing: Drawing = {
    temperature: numberOption(values, 'temperature', { least: 0, most: 100 }) ?? 1,
    seed: countOption(values, 'seed', { least: 0, most: 2 ** 32 - 1 }) ?? 1,
  };
  return withAnyModel(values, context, 'step', {
    text: (model) => sampleText(model, drawing, values, context),
    image: (model) => sampleImages(model, drawing, values, context),
  });
}

interface Drawing {
  readonly temperature: number;
  readonly seed: number;
}

async function sampleText(
  model: TextModel,
  { temperature, seed }: Drawing,
  values: OptionValues,
  context: CommandContext,
): Promise<number> {
  const prompt = String(values['prompt'] ?? '');
  const maxSymbols = countOption(values, 'symbols', { least: 1, most: 10_000_000 }) ?? 200;
  const topK = countOption(values, 'top-k', { least: 1, most: 1 << 24 });
  const wishes = { prompt, maxSymbols, temperature, ...(topK !== undefined && { topK }) };
  const drawn = await drawWhole(model, { ...wishes, random: new Random(seed), signal: context.signal });
  const settings = { temperature, topK: topK ?? null, seed };
  context.out(values['json'] ? JSON.stringify({ prompt, ...drawn, ...settings }) : prompt + drawn.text);
  return 0;
}

async function sampleImages(
  { sampler, codec }: ImageModel,
  { temperature, seed }: Drawing,
  values: OptionValues,
  context: CommandContext,
): Promise<number> {
  const { out, upper: completes } = values;
  if (typeof out !== 'string') throw new UserError('expected --out FILE.png, since it is a model of images');
  const count = countOption(values, 'count', { least: 1, most: 4096 }) ?? 16;
  const upper = typeof completes === 'string' ? upperHalf(await readShaped(completes, codec)) : undefined;
  const images = await sampler.sample({
    ...{ count, temperature, seed, upper, signal: context.signal },
    onLine: ({ first, line }) => context.progress(`image ${first + 1} of ${count}, line ${line} of ${codec.height}`),
  });
  const sheet = contactSheet(images, Math.ceil(Math.sqrt(count)), count > 1 ? 1 : 0);
  await writeFile(out, encodePng(sheet));
  const { width, height } = codec;
  context.out(values['json'] ? JSON.stringify({ path: out, images: count, width, height, temperature, seed }) : out);
  return 0;
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
