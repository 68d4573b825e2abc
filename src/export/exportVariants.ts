// The variants of a model folder: weights of few bits, and the same graphs over them. While they are made, model.json does not list
// them, so that the folder is whole at any moment; what they cost is measured by the caller, and told in model.json and on the card.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/errors.ts';
import { sizeOf } from '../base/tensor.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import {
  cardFileName,
  type ModelDescription,
  readModelFolder,
  type VariantDescription,
  type VariantName,
  variantFile,
  weightsFile,
  writeModelDescription,
} from '../formats/modelFolder.ts';
import { readSafetensors, safetensorsIndex, writeSafetensors } from '../formats/safetensors.ts';
import { toOnnx } from '../graph/onnx.ts';
import { type AnyArchitecture, architectureNamed, readConfig } from '../models/registry.ts';
import { externalTensors, parametersFile, textGraphs } from './exportModel.ts';
import { quantizeGraph, quantizeParameters } from './quantizeGraph.ts';
import { variantForms, weightsOf } from './variantForms.ts';
import { cardWithVariants } from './variantsSection.ts';

export type MeasureVariant = (name: VariantName) => Promise<Omit<VariantDescription, 'name'>>;

/**
 * Makes the variants named, in place of all that there were. `measure` is asked when the files of a variant are written.
 * @throws UserError when the folder is no sound model, or there are none for such a model; then nothing is changed.
 */
export async function exportVariants(
  dir: string,
  names: readonly VariantName[],
  measure: MeasureVariant,
): Promise<ModelDescription> {
  const { description } = await readModelFolder(dir, { verify: true, readConfig });
  const { files, variants: before = [], ...rest } = description;
  const architecture = architectureNamed(description.architecture);
  checkKind(dir, description, architecture);
  const config = architecture.parseConfig(description.config);
  const parameters = await readSafetensors(path.join(dir, parametersFile));
  const graphs = textGraphs(architecture, config).map(([, graph]) => graph);
  const weights = weightsOf(
    graphs,
    [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  );

  const own = new Set(before.flatMap(({ name }) => [weightsFile(name), ...graphNames(name, Object.keys(files))]));
  const others = Object.keys(files).filter((file) => !own.has(file));
  await writeModelDescription(dir, rest, others);
  const variants: VariantDescription[] = [];
  const written: string[] = [];
  for (const name of names) {
    await writeSafetensors(
      path.join(dir, weightsFile(name)),
      quantizeParameters(parameters, variantForms(name, weights)),
    );
    written.push(weightsFile(name), ...(await writeVariantGraphs(dir, architecture, config, name)));
    variants.push({ name, ...(await measure(name)) });
  }
  const changed = { ...rest, variants };
  await writeCard(dir, changed);
  await writeModelDescription(dir, changed, [...others, ...written]);
  return (await readModelFolder(dir, { verify: false, readConfig })).description;
}

/** Makes the graphs of a variant over its weights, which lie in `dir`; their names. */
export async function writeVariantGraphs(
  dir: string,
  architecture: AnyArchitecture,
  config: unknown,
  name: VariantName,
): Promise<string[]> {
  const graphs = textGraphs(architecture, config);
  const numParameters = architecture.parameters(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const forms = variantForms(
    name,
    weightsOf(
      graphs.map(([, graph]) => graph),
      numParameters,
    ),
  );
  const external = await externalTensors(dir, weightsFile(name));
  const names: string[] = [];
  for (const [file, graph] of graphs) {
    const variant = variantFile(file, name);
    await writeFileAtomic(path.join(dir, variant), [toOnnx(quantizeGraph(graph, forms), { parameters: { external } })]);
    names.push(variant);
  }
  return names;
}

function graphNames(name: VariantName, files: readonly string[]): string[] {
  return files.filter((file) => file.endsWith(`.${name}.onnx`));
}

/** What a recurrent model rounds it feeds to itself without end, so no tolerance of it holds. */
function checkKind(dir: string, { codec, state }: ModelDescription, { title }: AnyArchitecture): void {
  const problem =
    codec.kind === 'image'
      ? 'a model of images'
      : state.some(({ kind }) => kind === 'replaced')
        ? 'a recurrent one, which rounding would lead ever further away'
        : undefined;
  if (problem === undefined) return;
  throw new UserError(
    `${dir}: expected a model of text with attention, such as GPT, got ${title}, ${problem}; there are no variants of it`,
  );
}

/** The card may have been edited; only what it says of variants is replaced. */
async function writeCard(dir: string, description: Omit<ModelDescription, 'files'>): Promise<void> {
  const file = path.join(dir, cardFileName);
  const card = await readFile(file, 'utf8').catch(() => undefined);
  if (card !== undefined) await writeFileAtomic(file, [await withVariants(dir, card, description)]);
}

/** A card that tells of the variants in `dir`. */
export async function withVariants(
  dir: string,
  card: string,
  description: Pick<ModelDescription, 'variants'>,
): Promise<string> {
  const sizes: number[] = [];
  for (const { name } of description.variants ?? [])
    sizes.push((await safetensorsIndex(path.join(dir, weightsFile(name)))).sizeBytes);
  return cardWithVariants(card, description, sizes);
}
