// `chainrule tokenizer`: data -> a byte-level BPE, as a tokenizer.json in Hugging Face's format.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import { plainRoots } from '../files/roots.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { writeTokenizerJson } from '../formats/tokenizerJson.ts';
import { trainTokenizer } from '../train/prepareCodec.ts';
import { readTexts } from '../train/readTexts.ts';
import type { Command, CommandContext } from './command.ts';
import { countOption } from './numbers.ts';

const usage = `chainrule tokenizer --data PATH... --vocabulary N --out tokenizer.json

  --data PATH      a file, or a folder that is walked; may be given several times, and takes several paths;
                   what may hold secrets is left out
  --vocabulary N   special symbols and the 256 bytes included
  --out FILE       where the tokenizer goes
  --no-ignore      read files that .gitignore excludes, too
  --json           stdout is one line of JSON`;

export const tokenizer: Command = { summary: 'trains a tokenizer on files and folders', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', multiple: true },
      vocabulary: { type: 'string' },
      out: { type: 'string' },
      'no-ignore': { type: 'boolean' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const data = [...(values.data ?? []), ...positionals];
  const vocabularySize = countOption(values, 'vocabulary', { least: 264, most: 1 << 20 });
  if (data.length === 0 || vocabularySize === undefined || values.out === undefined) {
    throw new UserError('expected --data PATH, --vocabulary N and --out FILE');
  }
  const texts = readTexts(plainRoots(data), {
    respectIgnore: !values['no-ignore'],
    signal: context.signal,
    onLeftOut: context.log,
  });
  const description = await trainTokenizer(texts, vocabularySize, context.log);
  await mkdir(path.dirname(values.out), { recursive: true });
  await writeFileAtomic(values.out, [writeTokenizerJson(description)]);
  const size = description.tokens.length;
  context.out(
    values.json ? JSON.stringify({ path: values.out, vocabularySize: size }) : `${values.out}: ${size} symbols`,
  );
  return 0;
}
