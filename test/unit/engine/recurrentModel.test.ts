// A CharRNN from its folder, as it serves: a context without bound through export, model.json, loading, likelihood and the cache
// of sequences.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { Completer } from '../../../src/completion/completer.ts';
import { checkLaws } from '../../../src/engine/laws.ts';
import { loadTextModel, type TextModel } from '../../../src/engine/loadModel.ts';
import { LongSequence } from '../../../src/engine/longSequence.ts';
import { SequenceCache } from '../../../src/engine/sequenceCache.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { bitsOf, surprisals } from '../../../src/likelihood/bits.ts';
import { architectureNamed, readConfig } from '../../../src/models/registry.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { randomParameters } from '../../tinyModels.ts';

const runtime = await openRuntime();
const codec = bytesCodec();
const load = { runtime, threads: 1, verify: true, readConfig };
let folder: string;
let loaded: TextModel;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-recurrent-'));
  const architecture = architectureNamed('charRnn');
  const wishes = { ...architecture.defaultConfig, embeddingSize: 8, hiddenSize: 16, numLayers: 2 };
  const config = architecture.withVocabulary(architecture.parseConfig(wishes), codec.vocabulary);
  const parameters = randomParameters(architecture, config, new Random(1));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  await exportModel(folder, { architecture, config, codec, parameters, provenance, bitsPerByte: null });
  loaded = await loadTextModel(folder, load);
});

after(async () => {
  loaded.dispose();
  await rm(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

test('the description says that the context has no bound, and what the states are', async () => {
  const { contextLength, state } = loaded.description;
  assert.equal(contextLength, null);
  assert.deepEqual(state, [
    { name: 'layers.0.hidden', shape: [1, 16], kind: 'replaced' },
    { name: 'layers.1.hidden', shape: [1, 16], kind: 'replaced' },
  ]);
  assert.equal(loaded.model.contextLength, Infinity);
  assert.match(await readFile(path.join(folder, 'README.md'), 'utf8'), /context \| without bound/);
});

test('a start symbol that is not the codec’s is refused', async () => {
  const file = path.join(folder, 'model.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"startSymbol": 256', '"startSymbol": 10'));
  await assert.rejects(loadTextModel(folder, load), /config: expected the start symbol 256 of its bytes codec/);
  await writeFile(file, text);
});

test('the laws, over the folder’s own graphs', async () => {
  const random = new Random(5);
  const symbols = Int32Array.from({ length: 200 }, () => random.nextInteger(256));
  for (const { law, ok, differenceNats } of await checkLaws(loaded.model, symbols, { toleranceNats: 1e-4, random }))
    assert.ok(ok, `${law}: off by ${differenceNats} nats`);
});

test('likelihood of a long text, block by block, is what one pass over it says', async () => {
  const random = new Random(6);
  const symbols = Int32Array.from({ length: 1000 }, () => random.nextInteger(256));
  const { surprisal } = await surprisals(loaded.model, symbols, { by: 'step' });
  const whole = await surprisals(loaded.model, symbols, { by: 'score' });
  for (const [t, nats] of surprisal.entries()) assert.ok(Math.abs(nats - whole.surprisal[t]!) < 1e-4);
  const { bits, numSymbols } = await bitsOf(loaded.model, symbols);
  assert.equal(numSymbols, 1000);
  assert.ok(Math.abs(bits * Math.LN2 - surprisal.reduce((sum, nats) => sum + nats, 0)) < 0.01);
  const sequence = new LongSequence(loaded.model);
  const row = await sequence.append(symbols.subarray(0, 999));
  assert.ok(Math.abs(-row[symbols[999]!]! - surprisal[999]!) < 1e-4);
  sequence.dispose();
});

test('reused states answer as a cold model does', async () => {
  const options = { maxBytes: 1e6, maxSequences: 4, chunkSymbols: 64 };
  const cache = new SequenceCache(loaded.model, options);
  const random = new Random(7);
  const text = Array.from({ length: 300 }, () => random.nextInteger(256));
  const { start } = codec.vocabulary;
  for (const end of [300, 299, 250, 251, 100, 300]) {
    const prompt = Int32Array.of(start, ...text.slice(0, end));
    const cold = new SequenceCache(loaded.model, options);
    const [warm, expected] = [await rowAfter(cache, prompt), await rowAfter(cold, prompt)];
    for (const [v, x] of warm!.entries()) assert.ok(Math.abs(x - expected![v]!) < 1e-5);
    cold.dispose();
  }
  cache.dispose();
});

test('while one types, deletes and moves, suggestions are those of a completer that was just made', async () => {
  const ask = async (completer: Completer, before: string) => {
    const result = await completer.complete({
      ...{ document: 'a', path: 'a.ts', languageId: 'typescript', multiline: 'unbounded', deadlineMs: 1e6 },
      before,
      after: 'after',
      maxSymbols: 6,
    });
    assert.ok(result.kind === 'suggestion');
    return result;
  };
  const options = { review: 'none' } as const;
  const warm = new Completer(loaded, options);
  const random = new Random(8);
  let text = 'let total = sum(items);\n'.repeat(8);
  let cursor = text.length;
  for (let edit = 0; edit < 30; edit++) {
    const kind = random.nextFloat();
    if (kind < 0.5) text = `${text.slice(0, cursor)}${'abc;\n'.charAt(random.nextInteger(5))}${text.slice(cursor++)}`;
    else if (kind < 0.75 && cursor > 0) text = text.slice(0, cursor - 1) + text.slice(cursor--);
    else cursor = random.nextInteger(text.length + 1);
    const before = text.slice(0, cursor);
    const cold = new Completer(loaded, options);
    const [suggested, expected] = [await ask(warm, before), await ask(cold, before)];
    assert.equal(suggested.text, expected.text, `edit ${edit}`);
    assert.ok(Math.abs(suggested.logProbNats - expected.logProbNats) < 1e-4);
    cold.dispose();
  }
  warm.dispose();
});

function rowAfter(cache: SequenceCache, prompt: Int32Array): Promise<Float32Array | undefined> {
  return cache.run(prompt, {}, async ({ logProbs }) => logProbs.slice());
}
