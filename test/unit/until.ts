// Waiting for something outside this process: polls, and says what it waited for when it never comes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { setInterval } from 'node:timers/promises';

export async function until(what: string, holds: () => boolean, patienceMs = 20_000): Promise<void> {
  const startedAt = performance.now();
  if (holds()) return;
  for await (const _ of setInterval(5)) {
    if (holds()) return;
    if (performance.now() - startedAt > patienceMs) assert.fail(`waited ${patienceMs} ms for: ${what}`);
  }
}

/** A process that ended but was not collected by its new parent counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  if (!existsSync('/proc/self/stat')) return true;
  try {
    return !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
