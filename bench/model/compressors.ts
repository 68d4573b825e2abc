// What general compressors need for a file alone: headers and checksums included, as a person would get it.
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { UserError } from '../../src/base/errors.ts';

const maxOutput = 64 * 2 ** 20;

export function gzipBits(bytes: Uint8Array): number {
  return 8 * gzipSync(bytes, { level: 9 }).length;
}

/** @throws UserError where there is no xz. */
export function xzBits(bytes: Uint8Array): number {
  const { stdout, status, error } = spawnSync('xz', ['-9e', '--stdout'], { input: bytes, maxBuffer: maxOutput });
  if (error === undefined && status === 0) return 8 * stdout.length;
  throw new UserError(`expected the program xz, got ${error?.message ?? `status ${status}`}; install xz-utils`);
}
