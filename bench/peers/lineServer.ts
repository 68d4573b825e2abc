// The side of a peer's process: answers each line of stdin with one line on stdout. llama.c answers the same lines.
//   decode HELD N    ms per symbol, of N greedy symbols after a prompt of HELD
//   prefill N        ms for a prompt of N symbols, from an empty cache to the last row
//   greedy HELD N    the symbols themselves
//   logits N         the last row after a prompt of N; up to a constant
//   score A B C ...  mean nats of all symbols but the first
import { createInterface } from 'node:readline';
import { prompt, promptSymbol } from './prompt.ts';

export interface PeerEngine {
  readonly title: string;
  readonly vocabularySize: number;
  /** A prompt from an empty cache. Returns the last row where it has one. */
  prefill(symbols: Int32Array): Promise<Float32Array | undefined>;
  /** Afterwards the cache holds the first `length` symbols of the prompt and no others. */
  hold(length: number): Promise<void>;
  /** Feeds `first` and what it makes likeliest, and so on: `count` symbols, the last of which is not fed. */
  decode(first: number, count: number): Promise<number[]>;
  /** Where it can: mean nats of all symbols but the first. */
  score?(symbols: Int32Array): Promise<number>;
}

/** The first steps after a pause find threads asleep and caches cold. */
const WARM_STEPS = 2;

export async function serve(engine: PeerEngine): Promise<void> {
  console.log(`ready ${engine.title}`);
  for await (const line of createInterface({ input: process.stdin })) console.log(await answer(engine, line));
}

async function answer(engine: PeerEngine, line: string): Promise<string> {
  const [command, ...words] = line.trim().split(' ');
  const [a = 0, b = 0] = words.map(Number);
  const { vocabularySize } = engine;
  switch (command) {
    case 'decode': {
      await engine.hold(a);
      const warm = await engine.decode(promptSymbol(a, vocabularySize), WARM_STEPS);
      const startedAt = performance.now();
      await engine.decode(warm.at(-1)!, b);
      return String((performance.now() - startedAt) / b);
    }
    case 'prefill': {
      const symbols = prompt(a, vocabularySize);
      const startedAt = performance.now();
      await engine.prefill(symbols);
      return String(performance.now() - startedAt);
    }
    case 'greedy':
      await engine.hold(a);
      return (await engine.decode(promptSymbol(a, vocabularySize), b)).join(' ');
    case 'logits': {
      const row = await engine.prefill(prompt(a, vocabularySize));
      if (!row) throw new Error(`${engine.title}: it does not tell logits`);
      return row.join(' ');
    }
    case 'score':
      if (!engine.score) throw new Error(`${engine.title}: it does not tell the likelihood of a text`);
      return String(await engine.score(Int32Array.from(words, Number)));
    default:
      throw new Error(`${engine.title}: a line that it does not know: ${line}`);
  }
}
