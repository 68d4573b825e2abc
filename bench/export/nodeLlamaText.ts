// An exported model in node-llama-cpp: stdin has one JSON of questions, stdout one of answers.
//   nodeLlamaText PACKAGE MODEL < {"texts": [...], "prompts": [[symbol, ...], ...], "count": N}
import { readFileSync } from 'node:fs';

export interface Questions {
  /** To be cut into symbols. */
  readonly texts: readonly string[];
  /** To go on from, greedily. */
  readonly prompts: readonly (readonly number[])[];
  readonly count: number;
}

export interface Replies {
  readonly symbols: readonly (readonly number[])[];
  /** Of what was generated. */
  readonly made: readonly (readonly number[])[];
  readonly texts: readonly string[];
  readonly bos: number | null;
  readonly eos: number | null;
}

interface Sequence {
  clearHistory(): Promise<void>;
  evaluate(tokens: readonly number[], options: object): AsyncGenerator<number, void, void>;
}
interface LlamaModel {
  readonly tokens: { readonly bos: number | null; readonly eos: number | null };
  tokenize(text: string, specialTokens: boolean, options: 'trimLeadingSpace' | undefined): readonly number[];
  detokenize(tokens: readonly number[]): string;
  createContext(options: object): Promise<{ getSequence(): Sequence }>;
}
interface Library {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<LlamaModel> }>;
}

const [library = '', modelPath = ''] = process.argv.slice(2);
const { texts, prompts, count } = JSON.parse(readFileSync(0, 'utf8')) as Questions;
const { getLlama } = (await import(library)) as Library;
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 512, batchSize: 512, threads: 1, sequences: 1 });
const sequence = context.getSequence();

const made: number[][] = [];
for (const prompt of prompts) {
  await sequence.clearHistory();
  const tokens: number[] = [];
  for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    tokens.push(token);
    if (tokens.length === count) break;
  }
  made.push(tokens);
}
const { bos, eos } = model.tokens;
const replies: Replies = {
  symbols: texts.map((text) => [...model.tokenize(text, false, undefined)]),
  made,
  texts: made.map((tokens) => model.detokenize(tokens)),
  bos,
  eos,
};
console.log(JSON.stringify(replies));
process.exit(0);
