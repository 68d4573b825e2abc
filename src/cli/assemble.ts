// `chainrule assemble`: parameters from another trainer -> a model folder.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';
import { bpeCodec } from '../codecs/bpe.ts';
import { assembleModel } from '../export/assembleModel.ts';
import { parseTokenizerJson } from '../formats/tokenizerJson.ts';
import type { Command, CommandContext } from './command.ts';
import { numberOption } from './numbers.ts';

const usage = `chainrule assemble ARCHITECTURE --weights FILE --tokenizer FILE --data TEXT --out DIR

  --weights FILE         safetensors, as training/pretrain.py joins them
  --tokenizer FILE       the tokenizer.json that the data was packed with
  --data TEXT            what it was trained on, in words, for model.json and the card
  --bits-per-byte N      measured on held-out text; --validation TEXT says on what
  --out DIR              the model folder; a model that is there is replaced
  --json                 stdout is one line of JSON`;

export const assemble: Command = { summary: 'makes a model folder of parameters trained elsewhere', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      weights: { type: 'string' },
      tokenizer: { type: 'string' },
      data: { type: 'string' },
      validation: { type: 'string' },
      'bits-per-byte': { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [architecture, ...more] = positionals;
  const { weights, tokenizer, data, validation, out } = values;
  const isComplete = weights !== undefined && tokenizer !== undefined && data !== undefined && out !== undefined;
  if (architecture === undefined || more.length > 0 || !isComplete) {
    throw new UserError('expected an architecture, --weights, --tokenizer, --data and --out');
  }
  const bitsPerByte = numberOption(values, 'bits-per-byte', { least: 0, most: 64 }) ?? null;
  const codec = bpeCodec(parseTokenizerJson(await textOf(tokenizer), tokenizer));
  const assembly = { weights, architecture, codec, data, bitsPerByte, ...(validation !== undefined && { validation }) };
  const { numParameters } = await assembleModel(out, assembly);
  context.out(values.json ? JSON.stringify({ path: out, numParameters }) : `${out}: ${numParameters} parameters`);
  return 0;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`--tokenizer: cannot read ${file}: ${messageOf(error)}`);
  }
}
