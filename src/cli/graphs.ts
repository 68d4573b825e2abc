// `chainrule graphs`: makes the graphs of a model folder afresh.
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import { renewGraphs } from '../export/renewGraphs.ts';
import type { Command, CommandContext } from './command.ts';

const usage = `chainrule graphs DIR

Makes the graphs of a model folder afresh from its description, as this version builds them, so that a model which an earlier one made
steps as fast as a new one. The parameters, what was measured and the card stay. All but the graphs is compared with its hashes first.`;

export const graphs: Command = {
  summary: 'makes the graphs of a model afresh, as this version builds them',
  usage,
  run,
};

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw new UserError('expected one model folder');
  await renewGraphs(dir);
  context.out(`${dir}: its graphs are made afresh`);
  return 0;
}
