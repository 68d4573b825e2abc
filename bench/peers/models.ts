// The models that all peers are given, each in every form. Ours is exported afresh for every run, as the code of today does it; what is
// made for the peers is kept as long as the parameters are the same, and a seed makes the same again.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { FloatTensor } from '../../src/base/tensor.ts';
import { bpeCodec } from '../../src/codecs/bpe.ts';
import type { BpeDescription } from '../../src/codecs/bpeDescription.ts';
import { byteCharacter } from '../../src/codecs/byteAlphabet.ts';
import { specialNames, type TextSpecials } from '../../src/codecs/text.ts';
import { parametersFile } from '../../src/export/exportModel.ts';
import { exportVariants } from '../../src/export/exportVariants.ts';
import type { GgufType } from '../../src/formats/gguf.ts';
import { sha256OfFile } from '../../src/formats/hashes.ts';
import { variantNames as exportedVariants } from '../../src/formats/modelDescription.ts';
import { readModelFolder } from '../../src/formats/modelFolder.ts';
import { readSafetensors } from '../../src/formats/safetensors.ts';
import { type GptConfig, gpt } from '../../src/models/gpt.ts';
import { exportRandomModel } from '../model.ts';
import { writeGgufForm } from './ggufModel.ts';
import { beginOnnxFolder, type OnnxPrecision, writeOnnxModel } from './onnxModel.ts';
import { randomShapes, type ShapeName } from './shapes.ts';
import type { VariantName } from './variants.ts';

export interface PeerModel {
  readonly name: ShapeName;
  readonly config: GptConfig;
  /** Of ours. */
  readonly dir: string;
  readonly variants: readonly VariantName[];
  readonly numParameters: number;
  /** Read for each symbol: all of them, since the output matrix is the embedding table; norms are next to nothing. */
  gguf(type: GgufType): Promise<string>;
  onnx(precision: OnnxPrecision): Promise<string>;
}

export async function peerModel(name: ShapeName, folder: string): Promise<PeerModel> {
  const at = path.resolve(folder, name);
  mkdirSync(at, { recursive: true });
  const dir = name === 'default' ? path.resolve('models', 'default') : path.join(at, 'ours');
  if (name !== 'default') {
    rmSync(dir, { recursive: true, force: true });
    await exportRandom(dir, randomShapes[name]);
  }
  const { description } = await readModelFolder(dir, { verify: false });
  const config = gpt.parseConfig(description.config);
  const source = path.join(dir, parametersFile);
  const parameters = once(() => readSafetensors(source));
  const theirs = path.join(at, await sha256OfFile(source));
  if (!existsSync(theirs)) {
    for (const stale of readdirSync(at)) if (stale !== 'ours') rmSync(path.join(at, stale), { recursive: true });
    mkdirSync(theirs);
  }
  return {
    name,
    config,
    dir,
    variants: ['fp32', ...(description.variants ?? []).map(({ name: variant }) => variant)],
    numParameters: gpt.parameters(config).reduce((sum, { shape }) => sum + shape.reduce(product, 1), 0),
    async gguf(type) {
      const file = path.join(theirs, `${type}.gguf`);
      if (existsSync(file)) return file;
      await writeGgufForm(`${file}.part`, config, await parameters(), type);
      renameSync(`${file}.part`, file);
      return file;
    },
    async onnx(precision) {
      const file = path.join(theirs, `onnx-${precision}`);
      if (existsSync(file)) return file;
      rmSync(`${file}.part`, { recursive: true, force: true });
      beginOnnxFolder(`${file}.part`, dir);
      writeOnnxModel(`${file}.part`, config, await parameters(), precision);
      renameSync(`${file}.part`, file);
      return file;
    },
  };
}

function product(a: number, b: number): number {
  return a * b;
}

function once(make: () => Promise<Map<string, FloatTensor>>): () => Promise<Map<string, FloatTensor>> {
  let made: Promise<Map<string, FloatTensor>> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function exportRandom(dir: string, shape: GptConfig): Promise<void> {
  await exportRandomModel(dir, shape, bpeCodec(pairsOfBytes(shape.vocabularySize)));
  // A loss would say nothing here, and speed is asked for by name.
  await exportVariants(dir, exportedVariants, async () => ({ lossBitsPerByte: null, toleranceNats: 1 }));
}

/** A vocabulary of any size up to 65,798 that was not learnt: special symbols, bytes, pairs of bytes. */
function pairsOfBytes(size: number): BpeDescription {
  const names = Object.values(specialNames);
  const roles = Object.fromEntries(Object.keys(specialNames).map((role, symbol) => [role, symbol]));
  const specials = Object.fromEntries(names.map((name, symbol) => [name, symbol]));
  const firstByte = names.length;
  const bytes = Array.from({ length: 256 }, (_, byte) => byteCharacter(byte));
  const pairs = Array.from({ length: size - firstByte - 256 }, (_, i) => [i >> 8, i & 255] as const);
  return {
    pattern: '[^]+?',
    tokens: [...names, ...bytes, ...pairs.map(([left, right]) => bytes[left]! + bytes[right]!)],
    merges: pairs.map(([left, right]) => [firstByte + left, firstByte + right] as const),
    specials,
    roles: roles as unknown as TextSpecials,
  };
}
