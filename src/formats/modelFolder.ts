// Model folders: model.json, a codec's file, model.safetensors and the graphs. model.json is written last and holds the
// hashes of the rest, so a folder that has one is whole, or can be shown not to be. Files that it does not list are no part
// of the model: a log, a note, and the card, which is for people and may be edited.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { type JsonObject, jsonObject, parseJson } from '../base/json.ts';
import { type BpeCodec, bpeCodec } from '../codecs/bpe.ts';
import { bytesCodec } from '../codecs/bytes.ts';
import { type CharactersCodec, charactersCodec } from '../codecs/characters.ts';
import { type ImageCodec, imageCodec } from '../codecs/image.ts';
import type { TextCodec } from '../codecs/text.ts';
import { writeFileAtomic } from './atomicFile.ts';
import { sha256OfFile } from './hashes.ts';
import {
  type CodecDescription,
  type ModelDescription,
  modelFileName,
  parseModelDescription,
  type TextCodecDescription,
  type VariantName,
} from './modelDescription.ts';
import { safetensorsIndex } from './safetensors.ts';
import { parseTokenizerJson, writeTokenizerJson } from './tokenizerJson.ts';

export type {
  CodecDescription,
  ModelDescription,
  Provenance,
  StateTensor,
  TextCodecDescription,
  TrainingRecord,
  VariantDescription,
  VariantName,
} from './modelDescription.ts';

/** What a model's sequences stand for. */
export type ModelCodec = TextCodec | ImageCodec;

export interface ModelFolder {
  readonly dir: string;
  readonly description: ModelDescription;
  readonly codec: ModelCodec;
}

/** What a configuration comes to. @throws UserError when the architecture is unknown or a field of its configuration wrong. */
export type ReadConfig = (
  architecture: string,
  config: unknown,
) => { readonly vocabularySize: number; readonly contextLength: number; readonly startSymbol?: number | undefined };

export interface ReadOptions {
  /** 'parameters': everything but the graphs, for who makes them afresh. */
  readonly verify: boolean | 'parameters';
  /** Who knows the architectures; without it their configurations are not looked into. */
  readonly readConfig?: ReadConfig;
}

export const cardFileName = 'README.md';
/** One symbol for each of a batch of sequences; not every model has it. */
export const sampleFile = 'sample.onnx';
export const inPlaceFile = 'inPlace.onnx';

/** step.onnx -> step.int8.onnx */
export function variantFile(file: string, variant: VariantName): string {
  const { name, ext } = path.parse(file);
  return `${name}.${variant}${ext}`;
}

/** The parameters of a variant. */
export function weightsFile(variant: VariantName): string {
  return variantFile('weights.safetensors', variant);
}

/**
 * `verify` reads every file and compares its hash; without it files must be there, and model.safetensors have its full length.
 * @throws UserError naming file, field, value and remedy.
 */
export async function readModelFolder(dir: string, { verify, readConfig }: ReadOptions): Promise<ModelFolder> {
  const description = await readDescription(dir);
  const fields = jsonObject(description, path.join(dir, modelFileName), fetchAgain);
  const meant = readConfig && checkConfig(description, fields, readConfig);
  for (const [name, hash] of Object.entries(description.files)) {
    const isCompared = verify === 'parameters' ? path.extname(name) !== '.onnx' : verify;
    await checkFile(path.join(dir, name), hash, isCompared);
  }
  const codec = await readCodec(dir, description.codec);
  if (codec.vocabulary.size !== description.vocabularySize) {
    throw fields.problem('vocabularySize', `${codec.vocabulary.size}, the size of its ${codec.kind} codec`);
  }
  if (meant?.startSymbol !== undefined && meant.startSymbol !== codec.vocabulary.start) {
    throw fields.problem('config', `the start symbol ${codec.vocabulary.start} of its ${codec.kind} codec`);
  }
  if (codec.kind === 'image') checkShape(description, codec, fields);
  return { dir, description, codec };
}

/** Hashes `fileNames`, the names of what belongs to the model, and writes model.json, last and whole. */
export async function writeModelDescription(
  dir: string,
  description: Omit<ModelDescription, 'files'>,
  fileNames: readonly string[],
): Promise<void> {
  const files: Record<string, string> = {};
  for (const name of [...fileNames].sort()) files[name] = await sha256OfFile(path.join(dir, name));
  const whole: ModelDescription = { ...description, files };
  const text = `${JSON.stringify(whole, null, 2)}\n`;
  parseModelDescription(text, path.join(dir, modelFileName)); // What we could not read back must not be written.
  await writeFileAtomic(path.join(dir, modelFileName), [text]);
}

/** Writes the codec's file, where it has one, and says what model.json is to say about it. */
export async function writeCodec(dir: string, codec: ModelCodec): Promise<CodecDescription> {
  if (codec.kind === 'image') {
    const { kind, width, height, channels, levels, rule } = codec;
    return { kind, width, height, channels, levels, rule };
  }
  if (isBpe(codec)) {
    await writeFileAtomic(path.join(dir, 'tokenizer.json'), [writeTokenizerJson(codec.description)]);
    return { kind: 'bpe', file: 'tokenizer.json' };
  }
  if (isCharacters(codec)) {
    await writeFileAtomic(path.join(dir, 'characters.json'), [`${JSON.stringify({ alphabet: codec.alphabet })}\n`]);
    return { kind: 'characters', file: 'characters.json' };
  }
  return { kind: 'bytes' };
}

/** The codec that model.json names. @throws UserError when its file is missing or wrong. */
export async function readCodec(dir: string, description: TextCodecDescription): Promise<TextCodec>;
export async function readCodec(dir: string, description: CodecDescription): Promise<ModelCodec>;
export async function readCodec(dir: string, description: CodecDescription): Promise<ModelCodec> {
  if (description.kind === 'image') return imageCodec(description);
  if (description.kind === 'bytes') return bytesCodec();
  const file = path.join(dir, description.file);
  const text = await readText(file);
  if (description.kind === 'bpe') return bpeCodec(parseTokenizerJson(text, file));
  const root = jsonObject(parseJson(text, file, fetchAgain), file, fetchAgain);
  try {
    return charactersCodec(root.strings('alphabet'));
  } catch (error) {
    if (error instanceof RangeError) throw root.problem('alphabet', 'different single characters');
    throw error;
  }
}

const fetchAgain = 'export the model again or fetch it again';

function checkConfig(
  description: ModelDescription,
  fields: JsonObject,
  readConfig: ReadConfig,
): ReturnType<ReadConfig> {
  const { architecture, config, vocabularySize, contextLength } = description;
  let meant: ReturnType<ReadConfig>;
  try {
    meant = readConfig(architecture, config);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${fields.place.file}: ${error.message}`, { cause: error });
    throw error;
  }
  if (vocabularySize !== meant.vocabularySize) {
    throw fields.problem('vocabularySize', `${meant.vocabularySize}, as its config says`);
  }
  if ((contextLength ?? Infinity) !== meant.contextLength) {
    const expected = Number.isFinite(meant.contextLength) ? String(meant.contextLength) : 'null';
    throw fields.problem('contextLength', `${expected}, as its config says`);
  }
  return meant;
}

/** The pictures that the codec makes are those that the configuration is for. */
function checkShape({ config, contextLength }: ModelDescription, codec: ImageCodec, fields: JsonObject): void {
  for (const field of ['width', 'height', 'channels', 'levels'] as const) {
    const value = config[field];
    if (value === undefined || value === codec[field]) continue;
    throw fields.object('codec').problem(field, `${JSON.stringify(value)}, as its config says`);
  }
  const size = codec.width * codec.height * codec.channels;
  if (contextLength !== size) throw fields.problem('contextLength', `${size}, the channel values of one picture`);
}

/** The card may be listed: earlier exporters did, and it is not looked at. */
async function readDescription(dir: string): Promise<ModelDescription> {
  const folder = await stat(dir).catch(() => undefined);
  if (folder === undefined) throw new UserError(`${dir}: expected a model folder, got nothing there; check the path`);
  if (!folder.isDirectory())
    throw new UserError(`${dir}: expected a model folder, got a file; name the folder it is in`);
  const file = path.join(dir, modelFileName);
  const description = parseModelDescription(await readText(file), file);
  const { [cardFileName]: _card, ...files } = description.files;
  return { ...description, files };
}

async function checkFile(file: string, expected: string, verify: boolean): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile())
    throw new UserError(`${file}: expected the file that model.json lists, got none; ${fetchAgain}`);
  if (path.extname(file) === '.safetensors') await safetensorsIndex(file);
  if (!verify) return;
  const hash = await sha256OfFile(file);
  if (hash !== expected) {
    throw new UserError(`${file}: expected sha256 ${expected} as model.json says, got ${hash}; ${fetchAgain}`);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file}: cannot be read: ${messageOf(error)}; ${fetchAgain}`, { cause: error });
  }
}

function isBpe(codec: TextCodec): codec is BpeCodec {
  return codec.kind === 'bpe';
}

function isCharacters(codec: TextCodec): codec is CharactersCodec {
  return codec.kind === 'characters';
}
