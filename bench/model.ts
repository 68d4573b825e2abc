// The model that is measured. Timings do not depend on what a model learned, so where none is shipped yet one of the same shape
// with random parameters does; only how long suggestions are, and whether they would be shown, does depend on it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Random } from '../src/base/random.ts';
import { bpeCodec } from '../src/codecs/bpe.ts';
import { BpeTrainer } from '../src/codecs/bpeTrainer.ts';
import type { TextCodec } from '../src/codecs/text.ts';
import { exportModel } from '../src/export/exportModel.ts';
import { type GptConfig, gpt } from '../src/models/gpt.ts';
import { architectureNamed } from '../src/models/registry.ts';
import { ParameterMemory } from '../src/train/parameterMemory.ts';

/** Of the model that the extension ships. */
export const defaultShape = { ...gpt.defaultConfig, contextLength: 1024 };

const shippedFolder = path.join('models', 'default');
const randomFolder = path.join('out', 'bench', 'random');
const seed = 1;

export interface BenchModel {
  readonly dir: string;
  /** In the names of figures. */
  readonly label: string;
  /** In words. */
  readonly title: string;
}

/** A folder that was asked for, else the model that is shipped, else one that is made. */
export async function chooseModel(wanted: string | undefined): Promise<BenchModel> {
  const found = existingModel(wanted);
  if (found) return found;
  await exportRandomModel(randomFolder, defaultShape);
  const { vocabularySize, contextLength } = defaultShape;
  const title = `random parameters in the shape of the default model (${vocabularySize} symbols, context ${contextLength}), since ${shippedFolder} is missing`;
  return { dir: randomFolder, label: 'random', title };
}

/** The folder that was asked for, or the model that is shipped, if it is there. */
export function existingModel(wanted: string | undefined): BenchModel | undefined {
  if (wanted !== undefined) {
    const label = path.basename(path.resolve(wanted));
    return { dir: path.resolve(wanted), label, title: `the model folder ${label}` };
  }
  if (!existsSync(path.join(shippedFolder, 'model.json'))) return undefined;
  return { dir: path.resolve(shippedFolder), label: 'default', title: 'the default model, as it is shipped' };
}

/** A GPT that learnt nothing. */
export async function exportRandomModel(
  dir: string,
  shape: GptConfig,
  codec: TextCodec = ownCodec(shape.vocabularySize),
): Promise<void> {
  const architecture = architectureNamed('gpt');
  const config = architecture.parseConfig(shape);
  const memory = new ParameterMemory(architecture.parameters(config));
  memory.initialize(new Random(seed));
  await exportModel(dir, {
    architecture,
    config,
    codec,
    parameters: memory.tensors('parameters'),
    provenance: { data: 'none: random parameters, for timing only', steps: 0, symbols: 0, seed },
    bitsPerByte: null,
  });
}

/** Of the right size, learned from this repository's own sources. */
function ownCodec(vocabularySize: number): TextCodec {
  const trainer = new BpeTrainer();
  for (const folder of ['src', 'test', 'scripts', 'bench', 'training']) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    for (const name of names) if (/\.(ts|mjs|md)$/.test(name)) trainer.add(readFileSync(path.join(folder, name)));
  }
  const description = trainer.train({ vocabularySize, minCount: 1 });
  if (description.tokens.length < vocabularySize) {
    throw new Error(`ownCodec: expected ${vocabularySize} symbols, got ${description.tokens.length}`);
  }
  return bpeCodec(description);
}
