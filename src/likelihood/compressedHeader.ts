// What stands before the code in a compressed file: which text it becomes, under which model, and what computed it. At most 96 bytes:
//
//   0  magic (4)   4  format (1)   5  CRC-32 of all that follows (4)   9  model (16)   25  SHA-256 of the text, its first half (16)
//   41 numbers (8): a digest of what the model answers to a few fixed questions   49 length of the text (1 to 5, seven bits each)
//   then the settings: their length (1), and as text "native 1.30.0 fp32 1 x64"   then the code, up to the end of the file
import { createHash } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { crc32 } from '../files/images/crc32.ts';

/** What the same model may depend on in its last bits. All of it is recorded, and has to be the same again. */
export interface CodingSettings {
  readonly runtime: 'native' | 'plain';
  /** Of ONNX Runtime. */
  readonly version: string;
  readonly weights: string;
  readonly threads: number;
  /** As Node calls it: x64, arm64. */
  readonly processor: string;
}

export interface CompressedHeader {
  /** As `modelIdentity` has it. */
  readonly model: string;
  /** As `textDigest` has it. */
  readonly text: string;
  /** Eight bytes in hexadecimal. */
  readonly numbers: string;
  /** In bytes. */
  readonly length: number;
  readonly settings: CodingSettings;
}

export interface CompressedParts {
  readonly header: CompressedHeader;
  readonly headerBytes: number;
  readonly code: Uint8Array;
}

export const maxTextBytes = 64 * 2 ** 20;
const magic = Uint8Array.of(0x8d, 0x43, 0x52, 0x5a);
const formatVersion = 1;
const checkedFrom = 9;
const fixedBytes = 49;
const maxSettingsBytes = 40;
const maxLengthBytes = 5;

export function writeCompressed(header: CompressedHeader, code: Uint8Array): Uint8Array {
  const { runtime, version, weights, threads, processor } = header.settings;
  const settings = Buffer.from(`${runtime} ${version.slice(0, 10)} ${weights} ${threads} ${processor.slice(0, 7)}`);
  const file = Buffer.concat([
    magic,
    Uint8Array.of(formatVersion),
    new Uint8Array(4),
    ...[header.model, header.text, header.numbers].map((digest) => Buffer.from(digest, 'hex')),
    sevenBits(header.length),
    Uint8Array.of(settings.length),
    settings,
    code,
  ]);
  file.writeUInt32BE(crc32(file.subarray(checkedFrom)), 5);
  return file;
}

/** `name` is how messages call the file. @throws UserError when it is no compressed text, of another version, cut off or damaged. */
export function readCompressed(file: Uint8Array, name: string): CompressedParts {
  const view = Buffer.from(file.buffer, file.byteOffset, file.length);
  const begin = view.subarray(0, magic.length);
  if (begin.length === 0 || !begin.equals(magic.subarray(0, begin.length))) {
    throw new UserError(`${name}: expected a file that chainrule compress wrote, got another; check the path`);
  }
  const damaged = new UserError(`${name}: is damaged or not whole: its checksum is wrong; fetch it again`);
  if (file.length <= fixedBytes) throw damaged;
  if (file[4]! > formatVersion) {
    throw new UserError(
      `${name}: expected format ${formatVersion}, got ${file[4]}: it was written by a newer Chainrule; update`,
    );
  }
  if (file[4] !== formatVersion || crc32(file.subarray(checkedFrom)) !== view.readUInt32BE(5)) throw damaged;
  const digest = (from: number, to: number) => view.toString('hex', from, to);
  let at = fixedBytes;
  let length = 0;
  for (let place = 1; ; place *= 128) {
    const byte = file[at++];
    if (byte === undefined || at - fixedBytes > maxLengthBytes) throw damaged;
    length += (byte & 127) * place;
    if (byte < 128) break;
  }
  const headerBytes = at + 1 + (file[at] ?? 0);
  const settings = readSettings(view.toString('latin1', at + 1, headerBytes));
  if (settings === undefined || headerBytes > file.length || length > maxTextBytes) throw damaged;
  const header = { model: digest(9, 25), text: digest(25, 41), numbers: digest(41, 49), length, settings };
  return { header, headerBytes, code: file.subarray(headerBytes) };
}

function sevenBits(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(128 + (value % 128));
  return Uint8Array.of(...bytes, value);
}

function readSettings(text: string): CodingSettings | undefined {
  const found = /^(native|plain) (\S+) (\w+) (\d{1,2}) (\w+)$/.exec(text);
  if (!found || text.length > maxSettingsBytes) return undefined;
  const [, runtime, version, weights, threads, processor] = found as unknown as string[];
  return {
    runtime: runtime === 'native' ? 'native' : 'plain',
    version: version!,
    weights: weights!,
    threads: Number(threads),
    processor: processor!,
  };
}

/** In words, or undefined when nothing differs. */
export function settingsDifference(written: CodingSettings, here: CodingSettings): string | undefined {
  const words: { readonly [Name in keyof CodingSettings]: (value: CodingSettings[Name]) => string } = {
    runtime: (value) => `the ${value} runtime`,
    version: (value) => `ONNX Runtime ${value}`,
    weights: (value) => `${value} weights`,
    threads: (value) => (value === 1 ? '1 thread' : `${value} threads`),
    processor: (value) => `a processor of kind ${value}`,
  };
  const say = <Name extends keyof CodingSettings>(name: Name) =>
    written[name] === here[name] ? [] : [`${words[name](written[name])} (here ${words[name](here[name])})`];
  const differences = (Object.keys(words) as (keyof CodingSettings)[]).flatMap((name) => say(name));
  return differences.length === 0 ? undefined : differences.join(', ');
}

/**
 * What a model is, apart from its name and place: its configuration and the hashes of what computes its steps. Graphs for other questions
 * and other weights may come and go.
 */
export function modelIdentity(description: TextModel['description'], weights: string): string {
  const { architecture, config, contextLength, codec, vocabularySize } = description;
  const files = Object.entries(description.files)
    .filter(([name]) => takesPart(name, weights))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const whole = { architecture, config, contextLength, codec, vocabularySize, files };
  return createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, 32);
}

/** step.onnx does, step.int8.onnx if those are the weights, score.onnx not. */
function takesPart(name: string, weights: string): boolean {
  const [stem, variant, ...more] = name.split('.');
  if (stem === 'score' || stem === 'sample' || stem === 'config') return false;
  return more.length === 0 || variant === weights;
}

export function textDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
