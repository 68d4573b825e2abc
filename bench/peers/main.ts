// `npm run bench:peers`: our engine against llama.cpp, node-llama-cpp and transformers.js on the same weights, and against what memory
// and arithmetic of this machine allow.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CancelledError, messageOf, throwIfCancelled, UserError } from '../../src/base/errors.ts';
import { openNativeRuntime } from '../../src/runtime/ortNative.ts';
import { Recorder } from '../figures.ts';
import { gemmPeak } from '../gemmPeak.ts';
import { machineFacts } from '../machine.ts';
import { formatJson, formatNumber, formatTable, replaceMarked } from '../table.ts';
import { agrees, commonPrefix, compareRows, toleranceNats } from './agreement.ts';
import { atItsBest, type Contender, type Programs, roomFor, startOurs, startPeer, threadCounts } from './contenders.ts';
import { installPeers } from './install.ts';
import { lossOfForms } from './losses.ts';
import { opponentKey, ShapeRounds } from './measure.ts';
import { type PeerModel, peerModel } from './models.ts';
import { type PeerOptions, readPeerOptions, usage } from './options.ts';
import { counterparts, type VariantName } from './variants.ts';

const folder = path.join('out', 'bench', 'peers');
const readme = path.join('bench', 'README.md');
const cores = os.availableParallelism();
/** Far beyond every cache. */
const largeArrayBytes = 2 ** 30;
const bandwidthSeconds = 0.3;
const agreementLength = 100;
const agreementSymbols = 16;

type Bundle = (source: string, form: 'shipped' | 'module') => Promise<string>;

interface PeerBench {
  readonly options: PeerOptions;
  readonly programs: Programs;
  readonly recorder: Recorder;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Returns the exit status. `bundle` makes a program of a TypeScript source. */
export async function main(args: readonly string[], bundle: Bundle): Promise<number> {
  const notes: string[] = [];
  try {
    const options = readPeerOptions(args);
    if (options === undefined) {
      console.log(usage);
      return 0;
    }
    const peers = installPeers(folder);
    const programs: Programs = {
      ...peers,
      ours: await bundle('bench/peers/ours.ts', 'shipped'),
      nodeLlamaProgram: await bundle('bench/peers/nodeLlama.ts', 'module'),
      transformersProgram: await bundle('bench/peers/transformers.ts', 'module'),
    };
    notes.push(`Peers: ${peers.versions}.`);
    const recorder = new Recorder();
    const bench = { options, programs, recorder, note: (text: string) => notes.push(text), signal: interruption() };
    if (options.parts.includes('ceilings')) await ceilings(bench);
    for (const shape of options.shapes) await measureShape(bench, await peerModel(shape, path.join(folder, 'models')));

    const figures = recorder.figures();
    const [machine, software] = machineFacts(cores, options.rounds);
    const shown = `Rounds: ${options.rounds}, of which the medians are shown.`;
    const lines = [machine, software, shown, ...notes].map((text) => `* ${text}`);
    const report = `${formatTable(figures)}\n\n${lines.join('\n')}`;
    process.stdout.write(`${options.json ? formatJson(figures) : report}\n`);
    if (options.write) {
      writeFileSync(readme, replaceMarked(readFileSync(readme, 'utf8'), report, 'peers'));
      console.error(`${readme} has the new table`);
    }
    return 0;
  } catch (error) {
    if (error instanceof CancelledError) return 130;
    console.error(messageOf(error));
    return 1;
  }
}

async function measureShape(bench: PeerBench, model: PeerModel): Promise<void> {
  const { options, programs, recorder, note, signal } = bench;
  const room = roomFor(options.contexts);
  const variants = model.variants.filter((variant) => options.variants.includes(variant));
  await proveAgreement(bench, model, room);

  const contexts = options.contexts.filter((context) => context + 64 <= model.config.contextLength);
  if (contexts.length === 0) throw new UserError(`--contexts: expected one that fits into ${model.name}, got none`);
  const disposables: { dispose(): void }[] = [];
  try {
    const entered = async <K>(into: Map<K, Contender>, key: K, start: Parameters<typeof atItsBest>[0]) => {
      if (into.has(key)) return;
      throwIfCancelled(signal);
      console.error(`${model.name}: ${key}: looking for the best number of threads`);
      const contender = await atItsBest(start, threadCounts(cores), contexts);
      disposables.push(contender);
      into.set(key, contender);
    };
    const ours = new Map<VariantName, Contender>();
    const peers = new Map<string, Contender>();
    for (const variant of variants) {
      await entered(ours, variant, startOurs(programs, model, variant));
      for (const peer of options.peers)
        await entered(peers, opponentKey(peer, variant), await startPeer(programs, model, peer, variant, room));
    }
    const threads = [...ours, ...peers].map(([name, { decodeThreads, prefillThreads }]) =>
      decodeThreads === prefillThreads ? `${name} ${decodeThreads}` : `${name} ${decodeThreads} and ${prefillThreads}`,
    );
    note(`Threads in ${model.name} (decode and prefill, where they differ): ${threads.join(', ')}.`);

    const { contextLength } = model.config;
    const field = { shape: model.name, contextLength, ours, peers, contexts };
    const rounds = new ShapeRounds(field, recorder, options.peers, options.parts);
    for (let round = 0; round < options.rounds; round++) {
      throwIfCancelled(signal);
      console.error(`${model.name}, round ${round + 1} of ${options.rounds}`);
      await rounds.round(round);
      if (options.parts.includes('ceilings')) besideCeilings(bench, model, rounds, variants, contexts);
    }
    const fastest = rounds.fastestPrefill();
    if (fastest) note(`Fastest prefill of ${model.name}: ours ${fastest.ours}, theirs ${fastest.theirs}.`);
  } finally {
    for (const each of disposables) each.dispose();
  }
  // Random parameters have no text to lose anything on.
  if (model.name === 'default') for (const text of await lossOfForms(programs, model, variants, room)) note(text);
}

/** Of fp32, on fixed input. @throws Error when a peer computes something else. */
async function proveAgreement(bench: PeerBench, model: PeerModel, room: number): Promise<void> {
  const { options, note, programs } = bench;
  const ours = await startOurs(programs, model, 'fp32')(1);
  const said: string[] = [];
  try {
    const line = `logits ${agreementLength}`;
    const greedyLine = `greedy ${agreementLength} ${agreementSymbols}`;
    const row = await ours.numbers(line);
    const symbols = await ours.numbers(greedyLine);
    for (const peer of options.peers) {
      const theirs = await (await startPeer(programs, model, peer, 'fp32', room))(1);
      try {
        const common = commonPrefix(symbols, await theirs.numbers(greedyLine));
        const same = `${common} of ${agreementSymbols} greedy symbols`;
        // node-llama-cpp tells no logits; it is the same library on the same file as llama.cpp.
        if (peer === 'node-llama-cpp') {
          said.push(`${peer}: ${same}`);
          if (common === 0)
            throw new Error(`${model.name}: ${peer} computes something else than we do: no symbol agrees`);
          continue;
        }
        const agreement = compareRows(row, await theirs.numbers(line));
        const far = agreement.largestDifference.toExponential(1);
        said.push(`${peer}: ${far} nats, ${same}`);
        if (agrees(agreement)) continue;
        const allowed = `expected log-probabilities within ${toleranceNats} nats and the same likeliest symbol`;
        throw new Error(`${model.name}: ${peer} computes something else than we do: ${allowed}, got ${far}; ${same}`);
      } finally {
        theirs.dispose();
      }
    }
  } finally {
    ours.dispose();
  }
  const text = `Agreement of ${model.name} in fp32 (largest difference of a log-probability): ${said.join('; ')}.`;
  console.error(text);
  note(text);
}

/** How far from reading all parameters once for every symbol, as fast as memory or cache gives them. */
function besideCeilings(
  bench: PeerBench,
  model: PeerModel,
  rounds: ShapeRounds,
  variants: readonly VariantName[],
  contexts: readonly number[],
): void {
  const context = contexts[0]!;
  for (const variant of variants) {
    const bytes = model.numParameters * counterparts[variant].bytesPerWeight;
    const ceilingMs = bytes / (readBandwidth(bench.programs, bytes) * 1e6);
    const peer = { name: 'memory bandwidth', value: ceilingMs };
    bench.recorder.add(`ceiling/${model.name}/${variant}/${context}`, 'ms', rounds.decoded(variant, context), peer);
  }
}

/** What the machine can do at best, each round anew. */
async function ceilings({ options, programs, recorder, signal }: PeerBench): Promise<void> {
  const runtime = openNativeRuntime();
  for (let round = 0; round < options.rounds; round++) {
    throwIfCancelled(signal);
    console.error(`ceilings, round ${round + 1} of ${options.rounds}`);
    recorder.add('bandwidth/memory', 'GB/s', readBandwidth(programs, largeArrayBytes));
    for (const threads of threadCounts(cores))
      recorder.add(`gemm/fp32/${threads}`, 'GFLOP/s', await gemmPeak(runtime, threads));
  }
}

/** GB/s of reading an array of that size again and again, by as many threads as are best. */
function readBandwidth({ bandwidth }: Programs, bytes: number): number {
  const values = threadCounts(cores).map((threads) => {
    const args = [Math.ceil(bytes), threads, bandwidthSeconds].map(String);
    const { stdout, status } = spawnSync(bandwidth, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (status !== 0) throw new Error(`bandwidth: expected a number, got status ${status}`);
    return Number(stdout);
  });
  const best = Math.max(...values);
  if (best > 0) return best;
  throw new Error(`bandwidth: expected more than nothing, got ${values.map(formatNumber).join(', ')}`);
}

/** The first Ctrl+C lets the round end, the second ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
