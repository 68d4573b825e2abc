// Tells more about a model that is finished: where it comes from and what was measured since. The card is written afresh, and
// model.json with it; nothing that runs is touched.
import path from 'node:path';
import { sizeOf } from '../base/tensor.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { cardFileName, type ModelDescription, readModelFolder, writeModelDescription } from '../formats/modelFolder.ts';
import { safetensorsIndex } from '../formats/safetensors.ts';
import { architectureNamed, readConfig } from '../models/registry.ts';
import { parametersFile } from './exportModel.ts';
import { withVariants } from './exportVariants.ts';
import { modelCard } from './modelCard.ts';

export interface Redescription {
  /** Fields of the provenance to be set; the others stay. Checked before they are written. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Markdown for the card, in this order. */
  readonly sections: readonly string[];
}

/** @throws UserError when the folder is no sound model or a field is wrong; then nothing is changed. */
export async function describeModel(dir: string, { provenance, sections }: Redescription): Promise<ModelDescription> {
  const { description } = await readModelFolder(dir, { verify: true, readConfig });
  const { files, ...rest } = description;
  const changed = { ...rest, provenance: { ...rest.provenance, ...provenance } };
  await writeModelDescription(dir, changed, Object.keys(files));

  const { tensors } = await safetensorsIndex(path.join(dir, parametersFile));
  const numParameters = [...tensors.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const architecture = architectureNamed(description.architecture);
  const card = modelCard({ description: changed, architecture, numParameters, sections });
  await writeFileAtomic(path.join(dir, cardFileName), [await withVariants(dir, card, changed)]);
  return { ...changed, files };
}
