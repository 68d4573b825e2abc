// What models made of texts, remembered on disk by the hash of the text and of the model: scoring a long file takes minutes, and a view
// that comes back with a reloaded window should not. Bounded; what was used longest ago goes first. A file that is not whole is none.
//
//   header    magic, number of tokens, bytes of the text, and the sum of bits as a double
//   starts    Int32 [tokens + 1]     bits, entropy   Float32 [tokens]     rank   Int32 [tokens]
//   the first 16 bytes of the SHA-256 of all before
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../formats/atomicFile.ts';

export interface TextScores {
  readonly starts: Int32Array; // [tokens + 1]
  readonly bits: Float32Array; // [tokens]
  readonly entropy: Float32Array; // [tokens]
  readonly rank: Int32Array; // [tokens]
  readonly totalBits: number;
  readonly numBytes: number;
}

const folderName = 'likelihoods';
const magic = 0x31534c43; // CLS1
const headerBytes = 24;
const checkBytes = 16;

export interface CacheLimits {
  readonly files: number;
  readonly bytes: number;
}

const usualLimits: CacheLimits = { files: 200, bytes: 192 * 2 ** 20 };

/** Undefined when it is not remembered, or not whole. */
export async function recallScores(storagePath: string, key: string): Promise<TextScores | undefined> {
  if (storagePath === '') return undefined;
  const file = fileOf(storagePath, key);
  try {
    const scores = decode(await readFile(file));
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return scores;
  } catch {
    return undefined; // Not there, or in the middle of going.
  }
}

/** @throws Error when the disk refuses, which is no reason to fail what was asked. */
export async function rememberScores(
  storagePath: string,
  key: string,
  scores: TextScores,
  limits: CacheLimits = usualLimits,
): Promise<void> {
  const data = encode(scores);
  if (storagePath === '' || data.length > limits.bytes) return;
  const file = fileOf(storagePath, key);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, [data]);
  await makeRoom(path.dirname(file), limits);
}

async function makeRoom(folder: string, limits: CacheLimits): Promise<void> {
  const names = await readdir(folder);
  const known = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => undefined);
      return { file, bytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 };
    }),
  );
  known.sort((a, b) => b.usedMs - a.usedMs);
  let bytes = 0;
  for (const [i, one] of known.entries()) {
    bytes += one.bytes;
    if (i >= limits.files || bytes > limits.bytes) await rm(one.file, { force: true });
  }
}

function fileOf(storagePath: string, key: string): string {
  return path.join(storagePath, folderName, createHash('sha256').update(key).digest('hex'));
}

function encode({ starts, bits, entropy, rank, totalBits, numBytes }: TextScores): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(bits.length, 4);
  header.writeDoubleLE(numBytes, 8);
  header.writeDoubleLE(totalBits, 16);
  const parts = [
    header,
    ...[starts, bits, entropy, rank].map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength)),
  ];
  return Buffer.concat([...parts, checkOf(parts)]);
}

function decode(file: Buffer): TextScores | undefined {
  const tokens = file.length >= headerBytes && file.readUInt32LE(0) === magic ? file.readUInt32LE(4) : -1;
  const length = headerBytes + 4 * (4 * tokens + 1) + checkBytes;
  if (tokens < 0 || file.length !== length) return undefined;
  const body = file.subarray(0, length - checkBytes);
  if (!checkOf([body]).equals(file.subarray(length - checkBytes))) return undefined;
  const data = new Uint8Array(body).buffer; // Aligned.
  const at = (index: number) => headerBytes + 4 * index;
  return {
    starts: new Int32Array(data, at(0), tokens + 1),
    bits: new Float32Array(data, at(tokens + 1), tokens),
    entropy: new Float32Array(data, at(2 * tokens + 1), tokens),
    rank: new Int32Array(data, at(3 * tokens + 1), tokens),
    totalBits: file.readDoubleLE(16),
    numBytes: file.readDoubleLE(8),
  };
}

function checkOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, checkBytes);
}
