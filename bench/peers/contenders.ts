// Who is measured, and in how many threads: each of them at whatever count is fastest for it here, found out beforehand, for decoding
// and for prompts apart.
import type { Disposable } from '../../src/base/disposable.ts';
import type { Peers } from './install.ts';
import { LineProcess } from './lineProcess.ts';
import type { PeerModel } from './models.ts';
import type { PeerName } from './options.ts';
import { counterparts, type VariantName } from './variants.ts';

/** Compiled or bundled. */
export interface Programs extends Peers {
  readonly ours: string;
  readonly nodeLlamaProgram: string;
  readonly transformersProgram: string;
}

type Start = (threads: number) => Promise<LineProcess>;

/** Processes of one contender. Nothing runs in them until they are asked. */
export interface Contender extends Disposable {
  readonly decoder: LineProcess;
  readonly decodeThreads: number;
  readonly prefiller: LineProcess;
  readonly prefillThreads: number;
}

/** How many symbols there is room for where room has to be said beforehand. */
export function roomFor(contexts: readonly number[]): number {
  return Math.ceil((Math.max(256, ...contexts) + 64) / 256) * 256;
}

export function startOurs(programs: Programs, model: PeerModel, variant: VariantName): Start {
  return (threads) => LineProcess.start(process.execPath, [programs.ours, model.dir, String(threads), variant]);
}

export async function startPeer(
  programs: Programs,
  model: PeerModel,
  peer: PeerName,
  variant: VariantName,
  room: number,
): Promise<Start> {
  const { llama, transformers } = counterparts[variant];
  const symbols = String(model.config.vocabularySize);
  if (peer === 'transformers.js') {
    const folder = await model.onnx(transformers);
    const { transformersProgram: program, transformers: library } = programs;
    return (threads) =>
      LineProcess.start(process.execPath, [program, library, folder, transformers, String(threads), symbols]);
  }
  const file = await model.gguf(llama);
  if (peer === 'llama.cpp')
    return (threads) => LineProcess.start(programs.llama, [programs.backends, file, String(threads), String(room)]);
  const { nodeLlamaProgram: program, nodeLlama: library } = programs;
  return (threads) =>
    LineProcess.start(process.execPath, [program, library, file, String(threads), String(room), symbols]);
}

export const prefillLength = 256;
const triedSymbols = 16;
const tries = 3;

/** The fastest count of threads for each of the two; for decoding over all contexts together. */
export async function atItsBest(
  start: Start,
  threadCounts: readonly number[],
  contexts: readonly number[],
): Promise<Contender> {
  const children: LineProcess[] = [];
  const tried = [];
  try {
    for (const threads of threadCounts) {
      const child = await start(threads);
      children.push(child);
      tried.push({ threads, child, ...(await bestTimes(child, contexts)) });
    }
  } catch (error) {
    for (const child of children) child.dispose();
    throw error;
  }
  const decoder = tried.reduce((best, other) => (other.decodeMs < best.decodeMs ? other : best));
  const prefiller = tried.reduce((best, other) => (other.prefillMs < best.prefillMs ? other : best));
  for (const child of children) if (child !== decoder.child && child !== prefiller.child) child.dispose();
  return {
    decoder: decoder.child,
    decodeThreads: decoder.threads,
    prefiller: prefiller.child,
    prefillThreads: prefiller.threads,
    dispose() {
      decoder.child.dispose();
      prefiller.child.dispose();
    },
  };
}

async function bestTimes(child: LineProcess, contexts: readonly number[]) {
  const fastest = async (line: string) => {
    const times = [];
    for (let i = 0; i < tries; i++) times.push(await child.number(line));
    return Math.min(...times);
  };
  let decodeMs = 0;
  for (const context of contexts) decodeMs += await fastest(`decode ${context} ${triedSymbols}`);
  return { decodeMs, prefillMs: await fastest(`prefill ${prefillLength}`) };
}

/** 1, 2, 4 ... and all cores. */
export function threadCounts(cores: number): number[] {
  const counts = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}
