// Reads golden numbers, which a reference implementation wrote, and compares with them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type FloatTensor, float32, type Tensor } from '../../src/base/tensor.ts';

interface GoldenFile {
  readonly formatVersion: number;
  readonly script: string;
}

/** @throws Error that says how to remake the file when its version is not the expected one. */
export function readGolden<T extends GoldenFile>(path: string, formatVersion: number): T {
  const golden = JSON.parse(readFileSync(path, 'utf8')) as T;
  if (golden.formatVersion !== formatVersion) {
    throw new Error(
      `${path}: expected format version ${formatVersion}, got ${golden.formatVersion}; remake it with python3 ${golden.script}`,
    );
  }
  return golden;
}

/** Little-endian float32 in base64. */
export function decodeFloats(base64: string, shape: readonly number[]): FloatTensor {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return float32(new Float32Array(bytes.buffer), shape);
}

/** The L2 norm of the difference over that of the expected tensor. A failure shows the first five pairs. */
export function assertClose(what: string, actual: Tensor | undefined, expected: FloatTensor, tolerance: number): void {
  assert.ok(actual?.dtype === 'float32', `${what}: expected a float32 tensor`);
  assert.equal(actual.data.length, expected.data.length, `${what}: number of elements`);
  const difference = Math.hypot(...expected.data.map((x, i) => x - actual.data[i]!));
  const error = difference / Math.hypot(...expected.data);
  const pairs = Array.from(expected.data.subarray(0, 5), (x, i) => `${actual.data[i]} for ${x}`).join(', ');
  assert.ok(error <= tolerance, `${what}: relative error ${error} exceeds ${tolerance}; got ${pairs}`);
}
