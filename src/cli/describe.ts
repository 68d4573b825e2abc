// `chainrule describe`: tells more about a finished model, in its model.json and on its card.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';
import { replaceSections } from '../export/cardSections.ts';
import { describeModel } from '../export/describeModel.ts';
import type { Command, CommandContext } from './command.ts';
import { jsonOption } from './jsonOption.ts';

const usage = `chainrule describe DIR [--provenance JSON] [--section FILE]... [--keep] [--json]

  --provenance JSON  fields to set in model.json's provenance, as JSON or a file; the others stay. Such as
                     {"data":"40 public repositories","validation":"text held out from them"}
  --section FILE     Markdown, heading included, that goes into the card after what was measured; may be given several times
  --keep             the card stays, but for these sections: each takes the place of the one with its heading
  --json             stdout is one line of JSON, the description

The files of the folder are compared with their hashes first. model.json then lists what it did before, but for the card, which is
for people and may be edited. The card, README.md, is written afresh: sections and edits that it had are lost, unless it is kept.`;

export const describe: Command = { summary: 'tells more about a model: its provenance, its card', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      provenance: { type: 'string' },
      section: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw new UserError('expected one model folder');
  if (values.keep && values.provenance !== undefined) {
    throw new UserError('expected --keep or --provenance, got both: what was learned from stands all over the card');
  }
  const provenance = values.provenance === undefined ? {} : await jsonOption('provenance', values.provenance);
  const sections = await Promise.all((values.section ?? []).map(readSection));
  if (values.keep) {
    await replaceSections(dir, sections);
    context.out(
      values.json ? JSON.stringify({ path: dir, sections: sections.length }) : `${dir}: README.md is written`,
    );
    return 0;
  }
  const description = await describeModel(dir, { provenance, sections });
  context.out(values.json ? JSON.stringify(description) : `${dir}: model.json and README.md are written`);
  return 0;
}

async function readSection(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`--section: expected a Markdown file, got ${file}: ${messageOf(error)}`);
  }
}
