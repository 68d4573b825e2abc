// `chainrule quantize`: makes the variants of a model with weights of few bits, and measures what they cost.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';
import { loadUnlisted } from '../engine/loadModel.ts';
import { exportVariants } from '../export/exportVariants.ts';
import { type VariantDescription, type VariantName, variantNames } from '../formats/modelDescription.ts';
import { VariantMeter } from '../likelihood/variantLoss.ts';
import { readConfig } from '../models/registry.ts';
import type { Command, CommandContext } from './command.ts';
import { threadsOf } from './openModel.ts';
import { openRuntime, runtimeOption } from './openRuntime.ts';

const usage = `chainrule quantize DIR [--text FILE]... [--only V]... [--threads N] [--runtime auto|native|plain] [--json]

  --text FILE   text that the model did not learn from, as it lies; may be given several times. Without it nobody knows what a
                variant costs, and none is taken by itself
  --only V      int8, int4 or dynamicInt8; may be given several times (default: all)
  --json        stdout is one line of JSON for each variant

Makes variants of a model of text with attention, in place of those it had: weights of few bits, and the same graphs over them. How many
more bits for each byte of the texts they need is measured, and how far their own ways to one number lie apart; both go into
model.json and onto the card.`;

export const quantize: Command = { summary: 'makes faster variants of a model, with weights of few bits', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      text: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      threads: { type: 'string' },
      json: { type: 'boolean' },
      ...runtimeOption,
    },
    allowPositionals: true,
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw new UserError('expected one model folder');
  const names = namesOf(values.only ?? variantNames);
  const texts = await Promise.all((values.text ?? []).map(readText));
  const runtime = await openRuntime(values, context);
  const options = { runtime, threads: threadsOf(values), verify: false, readConfig, open: 'none' } as const;
  const meter = new VariantMeter({
    texts,
    open: (weights) => loadUnlisted(dir, options, weights),
    signal: context.signal,
  });
  const { variants = [], bitsPerByte } = await exportVariants(dir, names, (name) => {
    context.progress(`measuring ${name}`);
    return meter.measure(name);
  });
  for (const variant of variants)
    context.out(values.json ? JSON.stringify(variant) : lineOf(variant, bitsPerByte ?? undefined));
  return 0;
}

function lineOf({ name, lossBitsPerByte, toleranceNats }: VariantDescription, bitsPerByte: number | undefined): string {
  const share = bitsPerByte ? ` (${((100 * (lossBitsPerByte ?? 0)) / bitsPerByte).toFixed(2)} %)` : '';
  const loss = lossBitsPerByte === null ? 'not measured' : `${lossBitsPerByte.toFixed(5)} bits per byte more${share}`;
  return `${name}: ${loss}, tolerance ${toleranceNats.toPrecision(2)} nats`;
}

function namesOf(given: readonly string[]): VariantName[] {
  const strange = given.find((one) => !variantNames.some((name) => name === one));
  if (strange === undefined) return variantNames.filter((name) => given.includes(name));
  throw new UserError(`--only: expected one of ${variantNames.join(', ')}, got ${strange}`);
}

async function readText(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError(`--text: expected a file, got ${file}: ${messageOf(error)}`);
  }
}
