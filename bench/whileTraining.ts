// The same typing once more while a model is trained on the workspace: what the training costs who types.
import { eventually } from '../test/e2e/lib/eventually.ts';
import { commands } from '../test/e2e/lib/product.ts';
import { View } from '../test/e2e/lib/views.ts';
import type { Workbench } from '../test/e2e/lib/workbench.ts';
import type { Recorder } from './figures.ts';
import { askProbe, type ProbeAnswer } from './probe/client.ts';
import { percentile } from './statistics.ts';
import type { Typist } from './typist.ts';

/** The same without a training, of this very editor. */
export interface Plain {
  readonly stall: ProbeAnswer;
  readonly asked: readonly number[];
}

const numKeystrokes = 25;
const numLines = 8;
const trainingStartsWithinMs = 240_000;

/** `file` is where the typing goes on. */
export async function measureWhileTraining(
  recorder: Recorder,
  { workbench, typist, socket, file }: { workbench: Workbench; typist: Typist; socket: string; file: string },
  plain: Plain,
): Promise<void> {
  const view = new View(workbench);
  const patience = { timeoutMs: trainingStartsWithinMs };
  await workbench.command(commands.trainCharRnn);
  await view.waitForHeadline(/^Ready/, patience);
  await view.choose('Until stopped');
  await view.press('Start Training');
  await eventually('it learns', async () => /[1-9]/.test((await view.facts())['Steps'] ?? ''), patience);
  await workbench.open(file);
  await askProbe(socket);
  await typist.typeLines(numLines);
  const stall = await askProbe(socket);
  const { asked } = await typist.keystrokes(numKeystrokes);
  const without = (value: number) => ({ name: 'without training', value });
  recorder.add('training/longestStall', 'ms', stall.longestStallMs, without(plain.stall.longestStallMs));
  recorder.add('training/longestWork', 'ms', stall.longestWorkMs, without(plain.stall.longestWorkMs));
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const) {
    const usual = without(percentile(plain.asked, share));
    recorder.add(`training/ghostText/${name}`, 'ms', percentile(asked, share), usual);
  }
}
