// `npm run bench`: groups of measurements, one table. A group that fails is reported and does not take the others with it.
import { Console } from 'node:console';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CancelledError, messageOf } from '../src/base/errors.ts';
import { chooseRuntime } from '../src/runtime/chooseRuntime.ts';
import { chartBench } from './chart.ts';
import type { BenchContext, Scripts } from './context.ts';
import { editorBench } from './editor.ts';
import { engineBench } from './engine.ts';
import { Recorder } from './figures.ts';
import { imageLikelihoodBench } from './imageLikelihood.ts';
import { keystrokeBench } from './keystroke.ts';
import { likelihoodBench } from './likelihood.ts';
import { likelihoodEditBench } from './likelihoodEdit.ts';
import { foldersBench } from './likelihoodFolders.ts';
import { likelihoodViewBench } from './likelihoodView.ts';
import { machineFacts } from './machine.ts';
import { chooseModel } from './model.ts';
import { type BenchOptions, type GroupName, readOptions, usage } from './options.ts';
import { packageBench } from './package.ts';
import { samplingBench } from './sampling.ts';
import { suggestionBench } from './suggestion.ts';
import { formatJson, formatTable, replaceMarked } from './table.ts';
import { measureThreads } from './threads.ts';
import { trainBench } from './train.ts';
import { trainerCostBench } from './trainerCost.ts';
import { typingBench } from './typing.ts';

const groups: Readonly<Record<GroupName, (bench: BenchContext) => Promise<void>>> = {
  engine: engineBench,
  keystroke: async (bench) => {
    await keystrokeBench(bench);
    await suggestionBench(bench);
  },
  train: trainBench,
  trainerCost: trainerCostBench,
  sampling: samplingBench,
  likelihood: async (bench) => {
    await likelihoodBench(bench);
    await imageLikelihoodBench(bench);
  },
  folders: foldersBench,
  likelihoodEditor: likelihoodEditBench,
  package: packageBench,
  editor: editorBench,
  typing: typingBench,
  chart: chartBench,
  likelihoodView: likelihoodViewBench,
};
const engineGroups: readonly GroupName[] = [
  'engine',
  'keystroke',
  'likelihood',
  'likelihoodEditor',
  'editor',
  'typing',
  'folders',
];
const readme = path.join('bench', 'README.md');
const vsixFile = path.join('out', 'bench', 'chainrule.vsix');

/** Returns the exit status. */
export async function main(args: readonly string[], scripts: Scripts): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`bench: ${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  // What the scripts and the editor's tools say is for whoever waits; stdout is for the figures alone.
  globalThis.console = new Console(process.stderr);
  const notes: string[] = [];
  const runtime = once(async () => {
    const { runtime: choice } = options;
    const chosen = await chooseRuntime({ choice, log: (_, text) => console.error(text) });
    notes.push(`Runtime: ${chosen.name}.`);
    return chosen;
  });
  const model = once(async () => {
    const chosen = await chooseModel(options.model);
    notes.push(`Engine figures: ${chosen.title}.`);
    return chosen;
  });
  const bench: BenchContext = {
    options,
    scripts,
    recorder: new Recorder(),
    threads: await engineThreads(options, async () => measureThreads((await model()).dir, await runtime())),
    runtime,
    model,
    vsix: once(() => {
      mkdirSync(path.dirname(vsixFile), { recursive: true });
      return scripts.makePackage({ out: vsixFile });
    }),
    note: (text) => notes.push(text),
    progress: (text) => console.error(text),
    signal: interruption(),
  };

  const failed: string[] = [];
  for (const group of options.groups) {
    try {
      await groups[group](bench);
    } catch (error) {
      if (error instanceof CancelledError) return 130;
      console.error(`bench: ${group} failed: ${error instanceof Error ? error.stack : error}`);
      failed.push(group);
    }
  }
  const figures = bench.recorder.figures();
  const lines = [...machineFacts(bench.threads, options.rounds), ...notes].map((text) => `* ${text}`);
  const report = `${formatTable(figures)}\n\n${lines.join('\n')}`;
  process.stdout.write(`${options.json ? formatJson(figures) : report}\n`);
  if (options.write && failed.length === 0) {
    writeFileSync(readme, replaceMarked(readFileSync(readme, 'utf8'), report));
    console.error(`${readme} has the new table`);
  }
  if (failed.length > 0) console.error(`bench: failed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

/** The groups that run the engine ask for its threads; measuring them takes a model. */
async function engineThreads(
  { threads, groups: wanted }: BenchOptions,
  measure: () => Promise<{ threads: number; why: string }>,
): Promise<number> {
  const asked = wanted.some((group) => engineGroups.includes(group));
  if (threads > 0 || !asked) return Math.max(1, threads);
  const measured = await measure();
  console.error(`engine threads: ${measured.threads}; ${measured.why}`);
  return measured.threads;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The first Ctrl+C lets the round end and cleans up, the second ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
