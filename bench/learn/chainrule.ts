// Runs the terminal's commands as a person would, and reads what they say.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { jsonObject, parseJson } from '../../src/base/json.ts';
import type { LearnWishes } from './main.ts';

const cli = path.join('dist', 'cli.js');

/** A validation on the way. */
export interface Measured {
  readonly minutes: number;
  readonly step: number;
  /** Bits for each byte of text or value of an image. */
  readonly bits: number;
}

export interface Learnt {
  readonly curve: readonly Measured[];
  readonly steps: number;
  readonly symbolsSeen: number;
}

/** Trains with --json; `told` is called with every line. */
export async function train(architecture: string, args: readonly string[], wishes: LearnWishes): Promise<Learnt> {
  const { config, learningRate, minutes, preset, threads } = wishes;
  const common = ['--minutes', String(minutes), '--threads', String(threads), '--preset', preset, '--json'];
  const differing = [
    ...(config === undefined ? [] : ['--config', config]),
    ...(learningRate === undefined ? [] : ['--learning-rate', learningRate]),
  ];
  const startedAt = performance.now();
  const curve: Measured[] = [];
  let last = { steps: 0, symbolsSeen: 0 };
  await lines(['train', architecture, ...args, ...common, ...differing], (line) => {
    const event = jsonObject(parseJson(line, 'train', ''), 'train', '');
    const kind = event.string('kind');
    if (kind === 'validation') {
      const number = (name: string) => event.number(name);
      const bits = event.optional('bitsPerByte', number) ?? event.number('bitsPerDimension');
      curve.push({ minutes: (performance.now() - startedAt) / 60_000, step: event.integer('step'), bits });
      console.error(
        `${architecture}: ${curve.at(-1)!.minutes.toFixed(1)} min, step ${curve.at(-1)!.step}, ${bits.toFixed(4)} bits`,
      );
    }
    if (kind === 'done') last = { steps: event.integer('step'), symbolsSeen: event.integer('symbolsSeen') };
  });
  return { curve, ...last };
}

/** The last line that `chainrule bits` prints, of all files together. */
export async function totalBits(args: readonly string[]) {
  let total = '';
  await lines(['bits', ...args], (line) => {
    total = line;
  });
  return jsonObject(parseJson(total, 'bits', ''), 'bits', '');
}

async function lines(args: readonly string[], told: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) told(line);
  const status = await ended;
  if (status !== 0) throw new Error(`chainrule ${args[0]} ended with status ${status}; what it said is above`);
}
