// Tiny models for the tests of compressing: attention and recurrent, in place and by rows, over each kind of codec.
import path from 'node:path';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { charactersCodec } from '../../../src/codecs/characters.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import { loadTextModel, type TextModel } from '../../../src/engine/loadModel.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { architectureNamed, readConfig } from '../../../src/models/registry.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { alphabetOf, codeSamples, smallBpeCodec } from '../codecs/samples.ts';

export interface CodingModel {
  readonly name: string;
  readonly architecture: string;
  readonly config: object;
  readonly codec: TextCodec;
}

/** The first steps in place where the runtime can, the second restarts its context every 12 symbols. */
export const codingModels: readonly CodingModel[] = [
  { name: 'bpe', architecture: 'gpt', config: tinyConfigs['gpt']![2]!, codec: smallBpeCodec },
  { name: 'bytes', architecture: 'gpt', config: tinyConfigs['gpt']![1], codec: bytesCodec() },
  {
    name: 'characters',
    architecture: 'charRnn',
    config: tinyConfigs['charRnn']![0],
    codec: charactersCodec(alphabetOf(Object.values(codeSamples), 64)),
  },
];

/** Returns its folder. */
export async function exportCodingModel(folder: string, { name, architecture, config, codec }: CodingModel, seed = 1) {
  const family = architectureNamed(architecture);
  const whole = family.withVocabulary(family.parseConfig(config), codec.vocabulary);
  const parameters = randomParameters(family, whole, new Random(seed));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed };
  const dir = path.join(folder, seed === 1 ? name : `${name}-${seed}`);
  await exportModel(dir, { architecture: family, config: whole, codec, parameters, provenance, bitsPerByte: null });
  return dir;
}

export function openCodingModel(dir: string, runtime: Runtime): Promise<TextModel> {
  return loadTextModel(dir, { runtime, threads: 1, verify: false, readConfig });
}
