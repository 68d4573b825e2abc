// The graphs of a model folder made afresh, as this version builds them: a folder of an earlier one then steps as fast.
import { readModelFolder, writeModelDescription } from '../formats/modelFolder.ts';
import { architectureNamed, readConfig } from '../models/registry.ts';
import { stateDescriptions, writeGraphs } from './exportModel.ts';
import { writeVariantGraphs } from './exportVariants.ts';

/**
 * Numbers and card stay. When that is interrupted, it is done again. @throws UserError when anything but the graphs is not as it was.
 */
export async function renewGraphs(dir: string): Promise<void> {
  const { description } = await readModelFolder(dir, { verify: 'parameters', readConfig });
  const { files, variants = [], ...rest } = description;
  const architecture = architectureNamed(description.architecture);
  const config = architecture.parseConfig(description.config);
  const graphs = await writeGraphs(dir, architecture, config);
  for (const { name } of variants) graphs.push(...(await writeVariantGraphs(dir, architecture, config, name)));
  const state = stateDescriptions(architecture, config);
  const changed = { ...rest, state, ...(variants.length > 0 && { variants }) };
  await writeModelDescription(dir, changed, [...new Set([...Object.keys(files), ...graphs])]);
}
