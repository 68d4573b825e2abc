// The command line of `npm run bench`.
import { parseArgs } from 'node:util';
import { UserError } from '../src/base/errors.ts';

export const groupNames = [
  'engine',
  'keystroke',
  'train',
  'trainerCost',
  'sampling',
  'likelihood',
  'folders',
  'likelihoodEditor',
  'package',
  'editor',
  'typing',
  'chart',
  'likelihoodView',
] as const;
export type GroupName = (typeof groupNames)[number];

export const usage = `npm run bench [-- [GROUP...] [options]]

  GROUP          ${groupNames.join(', ')}; default: all of them
  --rounds N     how often everything is measured (default 5); the table shows medians
  --minutes N    of typing in the group of that name (default 5)
  --json         one line of JSON per figure in place of the table
  --write        put the table into bench/README.md as well; needs all groups
  --model DIR    measure this model folder; default: models/default
  --threads N    of the engine; default: as many as the extension takes
  --runtime R    native (default) or plain
  --python FILE  a Python with PyTorch, the peer in training; default: the first found`;

export interface BenchOptions {
  readonly groups: readonly GroupName[];
  readonly rounds: number;
  /** Of typing. */
  readonly minutes: number;
  readonly json: boolean;
  readonly write: boolean;
  readonly model: string | undefined;
  /** 0: as many as the extension takes. */
  readonly threads: number;
  readonly runtime: 'native' | 'plain';
  readonly python: string | undefined;
}

/** Undefined: help was asked for. @throws Error that says what is wrong. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      model: { type: 'string' },
      threads: { type: 'string' },
      runtime: { type: 'string', default: 'native' },
      python: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return undefined;
  const unknown = positionals.find((name) => !groupNames.some((group) => group === name));
  if (unknown !== undefined) throw new UserError(`there is no group ${unknown}; choose from ${groupNames.join(', ')}`);
  const groups = groupNames.filter((group) => positionals.length === 0 || positionals.includes(group));
  if (values.write && groups.length < groupNames.length) {
    throw new UserError('--write needs all groups, since it replaces the whole table; leave the group out');
  }
  return {
    groups,
    rounds: wholeNumber('rounds', values.rounds ?? '5', 1),
    minutes: wholeNumber('minutes', values.minutes ?? '5', 1),
    json: values.json,
    write: values.write,
    model: values.model,
    threads: wholeNumber('threads', values.threads ?? '0', 0),
    runtime: runtimeNamed(values.runtime),
    python: values.python,
  };
}

function runtimeNamed(name: string): BenchOptions['runtime'] {
  if (name === 'native' || name === 'plain') return name;
  throw new UserError(`--runtime: expected native or plain, got ${name}`);
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 1000) return value;
  throw new UserError(`--${name}: expected a whole number from ${least} to 1000, got ${text}`);
}
