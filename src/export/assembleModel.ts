// Parameters that were trained elsewhere -> model folder: one safetensors file of any floating point, with our names, whose metadata
// `training` tells configuration, steps, symbols and seed, as training/pretrain.py writes it.
import { UserError } from '../base/errors.ts';
import { jsonObject, parseJson } from '../base/json.ts';
import type { FloatTensor } from '../base/tensor.ts';
import type { TextCodec } from '../codecs/text.ts';
import { readSafetensors, safetensorsIndex } from '../formats/safetensors.ts';
import { type AnyArchitecture, architectureNamed } from '../models/registry.ts';
import { exportModel } from './exportModel.ts';

export interface Assembly {
  /** A safetensors file. */
  readonly weights: string;
  readonly architecture: string;
  readonly codec: TextCodec;
  /** In words: what it was trained on. */
  readonly data: string;
  /** In words: what `bitsPerByte` was measured on. */
  readonly validation?: string;
  readonly bitsPerByte: number | null;
}

const remedy = 'take a file that training/pretrain.py wrote';

/** Replaces the model in `dir`, which is made when it is missing. @throws UserError when file, configuration and codec do not fit. */
export async function assembleModel(dir: string, assembly: Assembly): Promise<{ numParameters: number }> {
  const { weights, codec } = assembly;
  const architecture = architectureNamed(assembly.architecture);
  const { metadata } = await safetensorsIndex(weights);
  const facts = jsonObject(parseJson(metadata['training'] ?? '{}', `${weights}: training`, remedy), weights, remedy);
  const config = architecture.parseConfig(facts.record('config'));
  const vocabularySize = architecture.vocabularySize(config);
  if (vocabularySize !== codec.vocabulary.size) {
    throw new UserError(
      `${weights}: expected the tokenizer of its ${vocabularySize} symbols, got one of ${codec.vocabulary.size}`,
    );
  }
  const parameters = await readParameters(weights, architecture, config);
  const provenance = {
    data: assembly.data,
    steps: facts.integer('step', { min: 0 }),
    symbols: facts.integer('symbols', { min: 0 }),
    seed: facts.integer('seed'),
    ...(assembly.validation !== undefined && { validation: assembly.validation }),
  };
  const { bitsPerByte } = assembly;
  await exportModel(dir, { architecture, config, codec, parameters, provenance, bitsPerByte });
  return { numParameters: [...parameters.values()].reduce((sum, { data }) => sum + data.length, 0) };
}

/** Exactly those of the configuration. @throws UserError naming the one that is missing, unknown, of another shape or not finite. */
export async function readParameters(file: string, architecture: AnyArchitecture, config: unknown) {
  const specs = architecture.parameters(config);
  const names = specs.map(({ name }) => name);
  const { tensors } = await safetensorsIndex(file);
  const unknown = [...tensors.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UserError(`${file}: ${unknown}: ${architecture.name} has no such parameter`);
  const read: ReadonlyMap<string, FloatTensor> = await readSafetensors(file, names);
  for (const { name, shape } of specs) {
    const got = read.get(name)!;
    if (got.shape.join() !== shape.join()) {
      throw new UserError(`${file}: ${name}: expected the shape [${shape.join(', ')}], got [${got.shape.join(', ')}]`);
    }
    if (!got.data.every(Number.isFinite)) throw new UserError(`${file}: ${name}: expected finite numbers; ${remedy}`);
  }
  return read;
}
