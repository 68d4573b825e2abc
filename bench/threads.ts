// The engine's number of threads where the command line leaves it open: measured as the engine itself does.
import os from 'node:os';
import { loadTextModel } from '../src/engine/loadModel.ts';
import { climbThreads, describeClimb, threadCandidates } from '../src/engine/threadScaling.ts';
import { engineSpinMicroseconds } from '../src/host/loadEngine.ts';
import { ModelTrial } from '../src/host/threadTrials.ts';
import { readConfig } from '../src/models/registry.ts';
import type { Runtime } from '../src/runtime/session.ts';

export async function measureThreads(dir: string, runtime: Runtime): Promise<{ threads: number; why: string }> {
  const candidates = threadCandidates(os.availableParallelism());
  if (candidates.length === 1) return { threads: 1, why: 'the only processor' };
  const settings = { runtime, spinMicroseconds: engineSpinMicroseconds, verify: false, readConfig };
  const open = async (threads: number) => new ModelTrial(threads, await loadTextModel(dir, { ...settings, threads }));
  const first = await open(1);
  const never = new AbortController().signal;
  try {
    const { best, comparisons } = await climbThreads({
      first,
      candidates,
      open,
      whenIdle: (piece) => piece(never),
      clock: performance,
    });
    if (best !== first) best.dispose();
    return { threads: best.threads, why: describeClimb(comparisons) };
  } finally {
    first.dispose();
  }
}
