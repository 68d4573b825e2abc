// `npm run bench:export`: a model, exported to GGUF, says in llama.cpp what it says here. Ten prompts, given as symbols, are continued greedily
// by both; and the symbols that llama.cpp cuts texts into are those that its pattern gives by our own rules, which are ours but for the pattern.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/base/errors.ts';
import { exportModel } from '../../src/cli/export.ts';
import { type BpeDescription, bpeCodec } from '../../src/codecs/bpe.ts';
import type { TextCodec } from '../../src/codecs/text.ts';
import { loadTextModel, type TextModel } from '../../src/engine/loadModel.ts';
import { likeliestOf } from '../../src/engine/sampler.ts';
import { SequenceCache } from '../../src/engine/sequenceCache.ts';
import { pretokenizerPattern } from '../../src/export/gguf.ts';
import { parseTokenizerJson } from '../../src/formats/tokenizerJson.ts';
import { readConfig } from '../../src/models/registry.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { installPeers } from '../peers/install.ts';
import type { Questions, Replies } from './nodeLlamaText.ts';

const usage = `npm run bench:export -- [--model DIR] [--weights PLACE]

  --model DIR      default: models/default
  --weights PLACE  as of chainrule export`;
const folder = path.join('out', 'bench', 'export');
const count = 24;
/** Nats: llama.cpp rounds what it multiplies to half precision. Where two symbols are closer, either may be the likeliest. */
const tolerance = 0.05;

const prompts = [
  'import { readFile } from "node:fs/promises";\n\nexport async function read',
  'def main():\n    parser = argparse.ArgumentParser()\n    parser.add_',
  'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\tif len(os.Args) ',
  'use std::collections::HashMap;\n\nimpl Default for Config {\n    fn ',
  'public class Queue<T> {\n    private final List<T> items = new ArrayList<>();\n\n    public ',
  '#include <stdio.h>\n\nint main(int argc, char **argv) {\n    for (int i = 0; ',
  '# Installation\n\n```sh\nnpm ',
  'name: ci\non:\n  push:\n    branches: [main]\njobs:\n  test:\n    runs-on: ',
  '{\n  "name": "example",\n  "version": "1.0.0",\n  "scripts": {\n    "',
  'SELECT id, name FROM users WHERE ',
];
/** What cuts in other places are likely at. */
const texts = [
  'hello world',
  '  indented\n    more\n\ttab\r\n',
  'x12 = 3456.78e9',
  'getHTTPResponseCode(fooBar_baz)',
  'größe 日本語 🙂 e\u0301',
  "don't('quoted', \"twice\") // ((nested))",
  '\n\n\n',
  '',
  ...prompts,
];

export async function main(args: readonly string[], bundle: (source: string) => Promise<string>): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        model: { type: 'string', default: path.join('models', 'default') },
        weights: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    return await run(values.model, values.weights, await bundle('bench/export/nodeLlamaText.ts'));
  } catch (error) {
    console.error(`bench:export: ${messageOf(error)}`);
    return 1;
  }
}

async function run(dir: string, weights: string | undefined, program: string): Promise<number> {
  const peers = installPeers(path.join('out', 'bench', 'peers'));
  const silent = { out: () => undefined, log: console.error, progress: () => undefined, now: () => 0 };
  const context = { ...silent, signal: new AbortController().signal };
  const weightsOption = weights === undefined ? [] : ['--weights', weights];
  await exportModel.run(['--model', dir, '--format', 'gguf', '--out', folder, ...weightsOption], context);
  const file = path.join(folder, `${path.basename(path.resolve(dir))}-f16.gguf`);

  const runtime = await openRuntime();
  const model = await loadTextModel(dir, { runtime, threads: 1, verify: false, readConfig });
  try {
    const { codec } = model;
    const symbols = prompts.map((prompt) => [codec.specials.start, ...codec.encodeText(prompt)]);
    const own = ownSources();
    const replies = ask(program, peers.nodeLlama, file, { texts: [...texts, ...own], prompts: symbols, count });
    const same = [
      compareSpecials(codec, replies),
      await compareTexts(model, symbols, replies),
      compareSymbols(dir, own, replies),
    ];
    return same.every(Boolean) ? 0 : 1;
  } finally {
    model.dispose();
  }
}

function ask(program: string, library: string, file: string, questions: Questions): Replies {
  const { stdout, status } = spawnSync(process.execPath, [program, library, path.resolve(file)], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`node-llama-cpp: expected an answer, got status ${status}`);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"symbols"'))) as Replies;
}

function compareSpecials({ specials }: TextCodec, { bos, eos }: Replies): boolean {
  const isSame = bos === specials.start && eos === specials.end;
  console.log(
    `start and end symbol: ${isSame ? 'the same' : `expected ${specials.start}, ${specials.end}, got ${bos}, ${eos}`}`,
  );
  return isSame;
}

async function compareTexts(model: TextModel, symbols: readonly number[][], replies: Replies): Promise<boolean> {
  const sequences = new SequenceCache(model.model, { maxBytes: 2 ** 26, maxSequences: 1, chunkSymbols: 512 });
  let numSame = 0;
  let isFine = true;
  try {
    for (const [i, prompt] of symbols.entries()) {
      const theirs = replies.made[i]!;
      const { made, margins } = (await sequences.run(Int32Array.from(prompt), {}, async (run) => greedily(run)))!;
      const at = made.findIndex((symbol, place) => theirs[place] !== symbol);
      const text = JSON.stringify(model.codec.decodeText(Int32Array.from(made)));
      if (at < 0) numSame += 1;
      else if (margins[at]! >= tolerance) isFine = false;
      const verdict =
        at < 0 ? 'same' : `differs at symbol ${at}, where the likeliest two are ${margins[at]!.toFixed(3)} nats apart`;
      console.log(`prompt ${i + 1}: ${verdict}: ${text}`);
    }
  } finally {
    sequences.dispose();
  }
  console.log(`${numSame} of ${symbols.length} prompts are continued with the same ${count} symbols`);
  return isFine;
}

async function greedily(run: { logProbs: Float32Array; step(symbol: number): Promise<Float32Array> }) {
  const made: number[] = [];
  const margins: number[] = [];
  for (let row = run.logProbs; ; ) {
    const [best, second] = likeliestOf(row, 2);
    made.push(best!.symbol);
    margins.push(best!.logProb - second!.logProb);
    if (made.length === count) return { made, margins };
    row = await run.step(best!.symbol);
  }
}

/** Their symbols are those of our merges within their pieces; and how many that leaves as ours. */
function compareSymbols(dir: string, own: readonly string[], { symbols }: Replies): boolean {
  const description: BpeDescription = parseTokenizerJson(readFileSync(path.join(dir, 'tokenizer.json'), 'utf8'));
  const foretold = bpeCodec({ ...description, pattern: pretokenizerPattern });
  const ours = bpeCodec(description);
  const wrong = [...texts, ...own].filter((text, i) => foretold.encodeText(text).join() !== symbols[i]!.join());
  for (const text of wrong.slice(0, 3))
    console.log(`cut otherwise than foretold: ${JSON.stringify(text.slice(0, 80))}`);
  const same = texts.filter((text, i) => ours.encodeText(text).join() === symbols[i]!.join()).length;
  const shares = own.map((text, i) => commonShare(ours, ours.encodeText(text), symbols[texts.length + i]!));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  console.log(`symbols: ${wrong.length} of ${texts.length + own.length} texts are cut otherwise than foretold`);
  console.log(
    `of ${texts.length} test texts ${same} have our own symbols; of this project's sources ${(100 * mean).toFixed(1)} % of the symbols are ours`,
  );
  return wrong.length === 0;
}

/** Symbols that stand at the same place in both. */
function commonShare(codec: TextCodec, ours: ArrayLike<number>, theirs: readonly number[]): number {
  const places = (symbols: ArrayLike<number>) => {
    let at = 0;
    return Array.from(symbols, (symbol) => {
      at += codec.symbolBytes(symbol).length;
      return `${at} ${symbol}`;
    });
  };
  const found = new Set(places(theirs));
  return places(ours).filter((place) => found.has(place)).length / Math.max(1, ours.length);
}

function ownSources(): string[] {
  const dir = path.join('src', 'engine');
  return readdirSync(dir)
    .sort()
    .slice(0, 12)
    .map((name) => readFileSync(path.join(dir, name), 'utf8'));
}
