// transformers.js as a program uses it below `generate`: the model's forward pass, its cache handed from step to step. That leaves
// out what `generate` adds to each token, to the peer's good.
//   transformers PACKAGE FOLDER PRECISION THREADS VOCABULARY-SIZE
import path from 'node:path';
import { type PeerEngine, serve } from './lineServer.ts';
import { likeliest, prompt } from './prompt.ts';

interface PeerTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
type Outputs = Readonly<Record<string, PeerTensor>>;
interface Library {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModelForCausalLM: {
    from_pretrained(name: string, options: object): Promise<(inputs: object) => Promise<Outputs>>;
  };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => PeerTensor;
}

const [library = '', dir = '', dtype = 'fp32', threads = '1', symbols = '0'] = process.argv.slice(2);
const { AutoModelForCausalLM, Tensor, env } = (await import(library)) as Library;
env.allowRemoteModels = false;
env.localModelPath = path.dirname(dir);
const model = await AutoModelForCausalLM.from_pretrained(path.basename(dir), {
  dtype,
  device: 'cpu',
  use_external_data_format: true,
  session_options: { intraOpNumThreads: Number(threads), interOpNumThreads: 1 },
});
const vocabularySize = Number(symbols);

interface Past {
  readonly length: number;
  readonly cache: Readonly<Record<string, PeerTensor>>;
}
const none: Past = { length: 0, cache: {} };
/** The prompt's, by its length. */
const pasts = new Map<number, Past>();
let held = none;

async function forward(block: Int32Array, past: Past): Promise<{ row: Float32Array; past: Past }> {
  const time = block.length;
  const length = past.length + time;
  const outputs = await model({
    input_ids: new Tensor('int64', BigInt64Array.from(block, BigInt), [1, time]),
    attention_mask: new Tensor('int64', new BigInt64Array(length).fill(1n), [1, length]),
    num_logits_to_keep: new Tensor('int64', BigInt64Array.of(1n), []),
    ...(past.length > 0 && { past_key_values: past.cache }),
  });
  const present = Object.entries(outputs).filter(([name]) => name.startsWith('present.'));
  const cache = Object.fromEntries(
    present.map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]),
  );
  return { row: outputs['logits']!.data, past: { length, cache } };
}

const engine: PeerEngine = {
  title: `transformers.js ${dtype}`,
  vocabularySize,
  prefill: async (block) => (await forward(block, none)).row,
  async hold(length) {
    const known = pasts.get(length) ?? (await forward(prompt(length, vocabularySize), none)).past;
    pasts.set(length, known);
    held = known;
  },
  async decode(first, count) {
    const made: number[] = [];
    for (let symbol = first; made.length < count; made.push(symbol)) {
      const { row, past } = await forward(Int32Array.of(symbol), held);
      held = past;
      symbol = likeliest(row);
    }
    return made;
  },
};
await serve(engine);
