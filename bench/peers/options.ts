// The command line of `npm run bench:peers`.
import { parseArgs } from 'node:util';
import { UserError } from '../../src/base/errors.ts';
import { type ShapeName, shapeNames } from './shapes.ts';
import { type VariantName, variantNames } from './variants.ts';

export const peerNames = ['llama.cpp', 'node-llama-cpp', 'transformers.js'] as const;
export type PeerName = (typeof peerNames)[number];
export const partNames = ['decode', 'prefill', 'growth', 'ceilings'] as const;
export type PartName = (typeof partNames)[number];

export const usage = `npm run bench:peers [-- options]

  --rounds N       how often everything is measured (default 7); the table shows medians
  --shapes LIST    of ${shapeNames.join(', ')}; default: all of them
  --contexts LIST  in symbols; default: 128,512,960
  --variants LIST  of ${variantNames.join(', ')}; default: those that a model folder has
  --only LIST      of ${[...peerNames, ...partNames].join(', ')}
  --json           one line of JSON per figure in place of the table
  --write          put the table into bench/README.md as well`;

export interface PeerOptions {
  readonly rounds: number;
  readonly shapes: readonly ShapeName[];
  readonly contexts: readonly number[];
  readonly variants: readonly VariantName[];
  readonly peers: readonly PeerName[];
  readonly parts: readonly PartName[];
  readonly json: boolean;
  readonly write: boolean;
}

/** Undefined: help was asked for. @throws UserError that says what is wrong. */
export function readPeerOptions(args: readonly string[]): PeerOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '7' },
      shapes: { type: 'string' },
      contexts: { type: 'string', default: '128,512,960' },
      variants: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const only = chosen('only', values.only, [...peerNames, ...partNames]);
  return {
    rounds: wholeNumber('rounds', values.rounds, 1000),
    shapes: chosen('shapes', values.shapes, shapeNames),
    // The random models are made for 2,304 symbols, of which some are decoded behind the context.
    contexts: values.contexts.split(',').map((text) => wholeNumber('contexts', text, 2048)),
    variants: chosen('variants', values.variants, variantNames),
    peers: orAll(only, peerNames),
    parts: orAll(only, partNames),
    json: values.json,
    write: values.write,
  };
}

function chosen<T extends string>(option: string, list: string | undefined, known: readonly T[]): T[] {
  const names = list?.split(',') ?? [...known];
  const unknown = names.find((name) => !known.some((other) => other === name));
  if (unknown === undefined) return known.filter((name) => names.includes(name));
  throw new UserError(`--${option}: expected some of ${known.join(', ')}, got ${unknown}`);
}

function orAll<T extends string>(only: readonly string[], known: readonly T[]): readonly T[] {
  const named = known.filter((name) => only.includes(name));
  return named.length > 0 ? named : known;
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UserError(`--${option}: expected whole numbers from 1 to ${most}, got ${text}`);
}
