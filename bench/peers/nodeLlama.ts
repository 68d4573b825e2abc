// node-llama-cpp as a program in JavaScript uses it: a sequence, and its generator of tokens.
//   nodeLlama PACKAGE MODEL THREADS CONTEXT VOCABULARY-SIZE
import { type PeerEngine, serve } from './lineServer.ts';
import { prompt } from './prompt.ts';

interface Sequence {
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  eraseContextTokenRanges(ranges: readonly { start: number; end: number }[]): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
  evaluate(
    tokens: readonly number[],
    options: { temperature: number; yieldEogToken: boolean },
  ): AsyncGenerator<number, void, void>;
}
interface LlamaModel {
  createContext(options: object): Promise<{ getSequence(): Sequence }>;
}
interface Library {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<LlamaModel> }>;
}

const [library = '', modelPath = '', threads = '1', contextSize = '1024', symbols = '0'] = process.argv.slice(2);
const { getLlama } = (await import(library)) as Library;
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  contextSize: Number(contextSize),
  batchSize: Number(contextSize),
  threads: Number(threads),
  sequences: 1,
});
const sequence = context.getSequence();
const vocabularySize = Number(symbols);
const options = { temperature: 0, yieldEogToken: true };

/** Of the prompt. */
let heldLength = 0;

async function generate(tokens: readonly number[], count: number): Promise<number[]> {
  const made: number[] = [];
  for await (const token of sequence.evaluate(tokens, options)) {
    made.push(token);
    if (made.length === count) break;
  }
  return made;
}

const engine: PeerEngine = {
  title: 'node-llama-cpp',
  vocabularySize,
  /** To the first token: it does not offer less. */
  async prefill(tokens) {
    await sequence.clearHistory();
    heldLength = 0;
    await generate([...tokens], 1);
    return undefined;
  },
  async hold(length) {
    const kept = Math.min(length, heldLength);
    const end = sequence.nextTokenIndex;
    if (end > kept) await sequence.eraseContextTokenRanges([{ start: kept, end }]);
    if (kept < length)
      await sequence.evaluateWithoutGeneratingNewTokens([...prompt(length - kept, vocabularySize, kept)]);
    heldLength = length;
  },
  decode: (first, count) => generate([first], count),
};
await serve(engine);
