// `chainrule export`: a finished model for other programs, in half precision.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';
import { readParameters } from '../export/assembleModel.ts';
import { parametersFile } from '../export/exportModel.ts';
import { writeGgufModel } from '../export/gguf.ts';
import { writeHuggingFace } from '../export/huggingface.ts';
import { readModelFolder } from '../formats/modelFolder.ts';
import { parseTokenizerJson } from '../formats/tokenizerJson.ts';
import { gpt } from '../models/gpt.ts';
import { architectureNamed } from '../models/registry.ts';
import type { Command, CommandContext } from './command.ts';

const formats = ['huggingface', 'gguf'] as const;

const usage = `chainrule export --model DIR --format ${formats.join('|')} --out DIR [--weights PLACE]

  --model DIR      the folder of a GPT with a byte-level BPE
  --format F       huggingface: safetensors, config.json and tokenizer for transformers, vLLM and others; gguf: one file for llama.cpp
  --out DIR        made when it is missing
  --weights PLACE  a safetensors file, or a folder with its pieces weights.00, weights.01, ...; default: DIR's model.safetensors
  --json           stdout is one line of JSON

Weights are written in half precision; those of training/weights are so already. llama.cpp cuts text into other pieces than we do, so that
some symbols of a text differ there; give it symbols where that matters.`;

export const exportModel: Command = { summary: 'writes a model for transformers or llama.cpp', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string' },
      format: { type: 'string' },
      out: { type: 'string' },
      weights: { type: 'string' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const { model: dir, out, weights } = values;
  if (dir === undefined || out === undefined || positionals.length > 0) {
    throw new UserError('expected --model, --format and --out, and nothing else');
  }
  const format = formats.find((one) => one === values.format);
  if (format === undefined) throw new UserError(`--format: expected ${formats.join(' or ')}, got ${values.format}`);
  const model = await readGpt(dir, weights);
  await mkdir(out, { recursive: true });
  const name = path.basename(path.resolve(dir));
  const file = `${name}-f16.gguf`;
  if (format === 'gguf') await writeGgufModel(path.join(out, file), { name, ...model });
  const files = format === 'gguf' ? [file] : await writeHuggingFace(out, model);
  context.out(values.json ? JSON.stringify({ path: out, files }) : `${out}: ${files.join(', ')}`);
  return 0;
}

async function readGpt(dir: string, weights: string | undefined) {
  const { description } = await readModelFolder(dir, { verify: false });
  const { architecture, codec } = description;
  if (architecture !== gpt.name || codec.kind !== 'bpe') {
    throw new UserError(
      `${dir}: expected a gpt with a byte-level BPE, got ${architecture} of ${codec.kind}: no other program knows it`,
    );
  }
  const config = gpt.parseConfig(description.config);
  const place = weights ?? path.join(dir, parametersFile);
  const parameters = await withWholeFile(place, (file) =>
    readParameters(file, architectureNamed(architecture), config),
  );
  const file = path.join(dir, codec.file);
  return { config, parameters, tokenizer: parseTokenizerJson(await readFile(file, 'utf8'), file) };
}

/** Pieces are joined in a folder that is gone afterwards. */
async function withWholeFile<T>(place: string, use: (file: string) => Promise<T>): Promise<T> {
  const found = await stat(place).catch((error: unknown) => {
    throw new UserError(`--weights: cannot read ${place}: ${messageOf(error)}`, { cause: error });
  });
  if (!found.isDirectory()) return use(place);
  const pieces = (await readdir(place)).filter((name) => /^weights\.\d\d$/.test(name)).sort();
  if (pieces.length === 0)
    throw new UserError(`--weights: expected weights.00 and further pieces in ${place}, got none`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-weights-'));
  try {
    const whole = path.join(folder, parametersFile);
    for (const piece of pieces) await writeFile(whole, await readFile(path.join(place, piece)), { flag: 'a' });
    return await use(whole);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
