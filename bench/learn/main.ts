// `npm run bench:learn`: what a model has learnt after so many minutes on this machine, of text against PyTorch, of images against the
// figures that others report. Through the terminal's own commands, so that whoever doubts a figure can train the same model.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../../src/base/errors.ts';
import { images } from './images.ts';
import { text } from './text.ts';

const usage = `npm run bench:learn -- text FILE [--minutes N] [--threads N] [--preset NAME] [--config JSON] [--python FILE]
npm run bench:learn -- images TRAIN TEST [--minutes N] [--threads N] [--preset NAME] [--config JSON] [--learning-rate X]

  text    CharRNN on the first nine tenths of FILE, asked about the last one; PyTorch learns the same model at the same time
  images  PixelCNN on the IDX file TRAIN, binarized by sampling, asked about all of TEST
  --minutes N    of training (default 10); --threads N of each learner (default 1)
  --preset NAME  small, medium (default) or large; --config JSON and --learning-rate X differ from it`;

export interface LearnWishes {
  readonly minutes: number;
  readonly threads: number;
  readonly preset: string;
  readonly config: string | undefined;
  readonly learningRate: string | undefined;
  readonly python: string | undefined;
  /** For what is made on the way; removed afterwards. */
  readonly folder: string;
}

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-learn-'));
  try {
    await run(args, folder);
    return 0;
  } catch (error) {
    console.error(`bench:learn: ${messageOf(error)}`);
    return error instanceof UserError ? 2 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(args: readonly string[], folder: string): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      threads: { type: 'string', default: '1' },
      preset: { type: 'string', default: 'medium' },
      config: { type: 'string' },
      'learning-rate': { type: 'string' },
      python: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [what, ...files] = positionals;
  const wishes: LearnWishes = {
    minutes: Number(values.minutes),
    threads: Number(values.threads),
    preset: values.preset,
    config: values.config,
    learningRate: values['learning-rate'],
    python: values.python,
    folder,
  };
  if (!(wishes.minutes > 0 && wishes.threads >= 1))
    throw new UserError(`expected minutes and threads above 0\n\n${usage}`);
  if (what === 'text' && files.length === 1) return text(files[0]!, wishes);
  if (what === 'images' && files.length === 2) return images(files[0]!, files[1]!, wishes);
  throw new UserError(`expected text with one file, or images with two\n\n${usage}`);
}
