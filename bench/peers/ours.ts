// Our engine in a process of its own: what completion does with a model, without the completion.
//   ours FOLDER THREADS VARIANT
import { logSoftmaxRows } from '../../src/base/logSumExp.ts';
import type { ModelState } from '../../src/base/model.ts';
import { loadTextModel } from '../../src/engine/loadModel.ts';
import { readConfig } from '../../src/models/registry.ts';
import { chooseRuntime } from '../../src/runtime/chooseRuntime.ts';
import { type PeerEngine, serve } from './lineServer.ts';
import { likeliest, prompt } from './prompt.ts';
import { variantNames } from './variants.ts';

const [dir = '', threads = '1', wanted = 'fp32'] = process.argv.slice(2);
const variant = variantNames.find((name) => name === wanted);
if (variant === undefined) throw new Error(`ours: expected one of ${variantNames.join(', ')}, got ${wanted}`);

async function run(variant: Parameters<typeof loadTextModel>[1]['variant'] & string): Promise<void> {
  const runtime = await chooseRuntime({ choice: 'native', log: (_, text) => console.error(text) });
  const { model } = await loadTextModel(dir, {
    runtime,
    threads: Number(threads),
    verify: false,
    readConfig,
    variant,
  });
  const vocabularySize = model.vocabulary.size;
  const lastOnly = { lastOnly: true };

  /** The prompt's, by its length. */
  const states = new Map<number, ModelState>();
  let held: ModelState = model.initialState();

  async function stateAfter(length: number): Promise<ModelState> {
    const known = states.get(length);
    if (known) return known;
    const from = model.initialState();
    const { state } = await model.step(prompt(length, vocabularySize), from, lastOnly);
    from.dispose();
    states.set(length, state);
    return state;
  }

  const engine: PeerEngine = {
    title: `Chainrule ${variant}, ${runtime.name}`,
    vocabularySize,
    async prefill(symbols) {
      const from = model.initialState();
      const { logProbs, state } = await model.step(symbols, from, lastOnly);
      from.dispose();
      state.dispose();
      return logProbs.data;
    },
    async hold(length) {
      held = await stateAfter(length);
    },
    async decode(first, count) {
      const symbols: number[] = [];
      for (let symbol = first; symbols.length < count; symbols.push(symbol)) {
        const { logProbs, state } = await model.step(Int32Array.of(symbol), held, lastOnly);
        if (![...states.values()].includes(held)) held.dispose();
        held = state;
        symbol = likeliest(logProbs.data);
      }
      return symbols;
    },
    async score(symbols) {
      const from = model.initialState();
      const { logProbs, state } = await model.step(symbols, from);
      from.dispose();
      state.dispose();
      const rows = logSoftmaxRows(logProbs.data, vocabularySize, logProbs.data);
      let nats = 0;
      for (let t = 0; t + 1 < symbols.length; t++) nats -= rows[t * vocabularySize + symbols[t + 1]!]!;
      return nats / (symbols.length - 1);
    },
  };
  await serve(engine);
}

run(variant).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
