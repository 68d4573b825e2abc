// What the processes of an open editor compute while nobody does anything.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { enginesAtHome } from '../test/e2e/lib/processes.ts';
import type { Sandbox } from '../test/e2e/lib/sandbox.ts';
import type { OpenEditor } from './editorSession.ts';
import { askProbe, restProbe } from './probe/client.ts';

/** What was asked last settles first. */
const [settledAfterMs, idleMs] = [2500, 10_000];

/** In % of one core, while nobody does anything; the probe, which ticks itself, rests meanwhile. */
export async function idleShares({ sandbox, socket }: OpenEditor): Promise<{ engine: number; extensionHost: number }> {
  const pids = [enginePid(sandbox), await restProbe(socket)] as const;
  await setTimeout(settledAfterMs);
  const before = pids.map(processorMs);
  await setTimeout(idleMs);
  const [engine, extensionHost] = pids.map((pid, i) => (100 * (processorMs(pid) - before[i]!)) / idleMs);
  await askProbe(socket);
  return { engine: engine!, extensionHost: extensionHost! };
}

/** All threads of a process; the kernel counts in hundredths of a second. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

export function enginePid(sandbox: Sandbox): number {
  const [engine] = enginesAtHome(sandbox.home);
  if (engine === undefined) throw new Error('editor: expected an engine that runs, found none');
  return engine.pid;
}
