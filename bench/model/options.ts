// The command line of `npm run bench:model`.
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../../src/base/errors.ts';
import { variantOf } from '../../src/cli/openModel.ts';
import type { WeightsWish } from '../../src/engine/variants.ts';

export const partNames = ['bits', 'lines', 'speed'] as const;
export type PartName = (typeof partNames)[number];

export const usage = `npm run bench:model -- [FOLDER] [options]

  FOLDER                held-out files, a folder for each repository; default: corpus/heldout
  --model DIR           default: models/default
  --variant V           weights: fp32, int8, int4, dynamicInt8 or fastest; default: fp32
  --only LIST           of ${partNames.join(', ')}; default: all of them
  --infilling FILE      HumanEval-SingleLineInfilling.jsonl or .jsonl.gz: its lines, too
  --every N             only each Nth of the files, and of the lines of --infilling
  --cases N             lines to complete (default 1000), at most 6 of a file
  --limit N             at most so many files, and lines of each kind
  --seed N              of the lines; default: 1
  --memorisation CORPUS training files: how many of their long lines the model gives back; and nothing else
  --fit                 fits the weights of copies on the files that are put aside for that, and writes them; and nothing else
  --write               puts the report into the card of the model
  --json                one line of JSON for each result in place of the report
  --threads N           default: as many as the machine has

Results are kept in out/bench/model as they come, and not computed again for the same model, file and settings.`;

export interface EvaluationOptions {
  readonly folder: string;
  readonly model: string;
  readonly variant: WeightsWish;
  readonly parts: readonly PartName[];
  readonly infilling: string | undefined;
  readonly every: number;
  readonly numCases: number;
  readonly limit: number;
  readonly seed: number;
  readonly memorisation: string | undefined;
  readonly fit: boolean;
  readonly write: boolean;
  readonly json: boolean;
  readonly threads: number;
}

/** Undefined: help was asked for. @throws UserError that says what is wrong. */
export function readOptions(args: readonly string[]): EvaluationOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', default: path.join('models', 'default') },
      variant: { type: 'string' },
      only: { type: 'string', default: partNames.join() },
      infilling: { type: 'string' },
      every: { type: 'string', default: '1' },
      cases: { type: 'string', default: '1000' },
      limit: { type: 'string' },
      seed: { type: 'string', default: '1' },
      memorisation: { type: 'string' },
      fit: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      threads: { type: 'string', default: String(os.availableParallelism()) },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return undefined;
  const [folder = path.join('corpus', 'heldout'), ...more] = positionals;
  if (more.length > 0) throw new UserError(`expected one folder of held-out files, got ${positionals.join(' ')}`);
  const only = values.only.split(',');
  const unknown = only.find((name) => !partNames.some((part) => part === name));
  if (unknown !== undefined) throw new UserError(`--only: expected some of ${partNames.join(', ')}, got ${unknown}`);
  if (values.write && only.length < partNames.length) {
    throw new UserError(`--write: expected the whole report, got --only ${values.only}`);
  }
  return {
    folder,
    model: values.model,
    variant: variantOf(values.variant === undefined ? {} : { variant: values.variant }),
    parts: partNames.filter((part) => only.includes(part)),
    infilling: values.infilling,
    every: wholeNumber('every', values.every),
    numCases: wholeNumber('cases', values.cases),
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('limit', values.limit),
    seed: wholeNumber('seed', values.seed),
    memorisation: values.memorisation,
    fit: values.fit,
    write: values.write,
    json: values.json,
    threads: wholeNumber('threads', values.threads),
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1e6) return value;
  throw new UserError(`--${name}: expected a whole number from 1 to 1000000, got ${text}`);
}
