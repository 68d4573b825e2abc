// Likelihoods: how fast a text is scored with everything that is kept of a distribution (surprisal, rank, entropy), beside the bare graph that
// makes the logits of the same blocks; and whether the sum is what `chainrule bits` prints.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { float32, int32 } from '../src/base/tensor.ts';
import { bits } from '../src/cli/bits.ts';
import { loadTextModel, type TextModel } from '../src/engine/loadModel.ts';
import { type SurprisalOptions, surprisals, wholeText } from '../src/likelihood/bits.ts';
import { readConfig } from '../src/models/registry.ts';
import type { Session } from '../src/runtime/session.ts';
import { type BenchContext, forRounds } from './context.ts';
import { typedText } from './text.ts';

const numBlocks = 8;
const everything: SurprisalOptions = { rank: true, entropy: true };

export async function likelihoodBench(bench: BenchContext): Promise<void> {
  const { dir, label } = await bench.model();
  const runtime = await bench.runtime();
  const { threads } = bench;
  const loaded = await loadTextModel(dir, { runtime, threads, verify: false, readConfig, open: 'score' });
  const bare = await runtime.createSession({ path: path.join(dir, 'score.onnx') }, { threads });
  const { model, codec } = loaded;
  try {
    const block = Math.min(1024, model.contextLength);
    const text = longText(loaded, numBlocks * block);
    const symbols = wholeText(codec, text);
    // Each block from its own start: the graph's work is the same on both sides.
    const starts = Array.from({ length: numBlocks }, (_, i) => i * block);
    const windows = starts.map((from) => ({ from, countFrom: from, to: from + block }));
    const blocks = symbols.subarray(0, numBlocks * block);
    const reduced = () => surprisals(model, blocks, { ...everything, windows, by: 'score' });
    const graph = bareGraph(bare, blocks, block, model.vocabulary.size);
    await reduced(); // First runs allocate.
    await graph();
    await forRounds(bench, 'likelihood', async (round) => {
      const graphFirst = round % 2 === 0 ? await msOf(graph) : 0;
      const reducedMs = await msOf(reduced);
      const graphMs = graphFirst || (await msOf(graph));
      const rate = (ms: number) => (1000 * blocks.length) / ms;
      const peer = { name: 'score graph', value: rate(graphMs) };
      bench.recorder.add(`likelihood/${label}/fp32/${block}`, 'symbols/s', rate(reducedMs), peer);
      const fileMs = await msOf(() => surprisals(model, symbols, everything));
      bench.recorder.add(`likelihood/${label}/fp32/file`, 'symbols/s', (1000 * symbols.length) / fileMs);
    });
    const { surprisal } = await surprisals(model, symbols, everything);
    const sum = surprisal.reduce((total, nats) => total + nats, 0) / Math.LN2;
    const printed = await commandBits(bench, dir, text);
    bench.recorder.add(`likelihood/${label}/fp32/difference`, 'ppm', (1e6 * Math.abs(sum - printed)) / printed);
    bench.note(
      `Likelihoods: ${symbols.length} symbols, ${sum.toFixed(6)} bits as summed, ${printed.toFixed(6)} as printed.`,
    );
  } finally {
    bare.dispose();
    loaded.dispose();
  }
}

/** This repository's own text, over and over, of at least so many symbols. */
function longText({ codec }: TextModel, length: number): Uint8Array {
  const once = typedText();
  const symbols = codec.encodeText(once).length;
  return new TextEncoder().encode(once.repeat(Math.ceil(length / symbols)));
}

/** The logits of each block, into the same room. */
function bareGraph(session: Session, symbols: Int32Array, block: number, vocab: number): () => Promise<void> {
  const logits = float32(new Float32Array(block * vocab), [block, vocab]);
  return async () => {
    for (let at = 0; at < symbols.length; at += block) {
      const inputs = { symbols: int32(symbols.slice(at, at + block), [block]) };
      await session.run(inputs, ['logits'], { into: { logits }, background: true });
    }
  };
}

/** What the command prints for a file of the text. */
async function commandBits({ options, threads, signal }: BenchContext, dir: string, text: Uint8Array): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chainrule-bench-'));
  const file = path.join(folder, 'text');
  const lines: string[] = [];
  const context = {
    out: (line: string) => lines.push(line),
    log: () => undefined,
    progress: () => undefined,
    signal,
    now: () => performance.now(),
  };
  try {
    writeFileSync(file, text);
    await bits.run(['--model', dir, '--threads', `${threads}`, '--runtime', options.runtime, file], context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [measured] = lines.map((line): { bits?: number; error?: string } => JSON.parse(line));
  if (measured?.bits === undefined) throw new Error(`bits: expected a number, got ${measured?.error ?? 'nothing'}`);
  return measured.bits;
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
