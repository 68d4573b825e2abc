// The two roads to a model agree: parameters as training/pretrain.py writes them become a model folder whose graphs give the logits of
// that script's own model. Remake: python3 test/golden/pretrain.py
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { liveObjects } from '../../src/base/disposable.ts';
import { logSoftmaxRows } from '../../src/base/logSumExp.ts';
import { bytesCodec } from '../../src/codecs/bytes.ts';
import { charactersCodec } from '../../src/codecs/characters.ts';
import { loadTextModel } from '../../src/engine/loadModel.ts';
import { type Assembly, assembleModel } from '../../src/export/assembleModel.ts';
import { readConfig } from '../../src/models/registry.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { decodeFloats, readGolden } from './golden.ts';

interface PretrainGolden {
  readonly formatVersion: number;
  readonly script: string;
  readonly symbols: number[];
  readonly logits: string;
}

const weights = 'test/golden/pretrain.safetensors';
const golden = readGolden<PretrainGolden>('test/golden/pretrain.json', 1);
const toleranceNats = 1e-4;
const codec = bytesCodec();
const assembly: Assembly = { weights, architecture: 'gpt', codec, data: 'numbers drawn at random', bitsPerByte: null };

after(() => assert.deepEqual(liveObjects(), {}));

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'chainrule-'));
  after(() => rm(made, { recursive: true, force: true }));
  return made;
}

test('score and step of the assembled folder give what pretrain.py computes', async () => {
  const dir = await folder();
  await assembleModel(dir, assembly);
  const loaded = await loadTextModel(dir, { runtime: await openRuntime(), threads: 1, verify: true, readConfig });
  try {
    const { model, description } = loaded;
    assert.deepEqual([description.provenance.steps, description.provenance.symbols], [3, 6144]);
    const time = golden.symbols.length;
    const vocab = codec.vocabulary.size;
    const expected = logSoftmaxRows(decodeFloats(golden.logits, [time, vocab]).data, vocab);
    const symbols = Int32Array.from(golden.symbols);
    assert.equal(symbols[0], codec.vocabulary.start);

    const scored = await model.score(symbols.subarray(1)); // Row t is what comes after start and t symbols.
    assertNear('score', scored.data, expected.subarray(0, (time - 1) * vocab));
    const state = model.initialState();
    const stepped = await model.step(symbols, state);
    assertNear('step', stepped.logProbs.data, expected);
    stepped.state.dispose();
    state.dispose();
  } finally {
    loaded.dispose();
  }
});

test('what does not fit is refused with the reason', async () => {
  const dir = await folder();
  await assert.rejects(assembleModel(dir, { ...assembly, codec: charactersCodec(['a']) }), /tokenizer of its 262/);
  await assert.rejects(assembleModel(dir, { ...assembly, architecture: 'gtp' }), /architecture: expected one of/);
  const cut = path.join(dir, 'cut.safetensors');
  const content = await readFile(weights);
  await writeFile(cut, content.subarray(0, content.length - 2));
  await assert.rejects(assembleModel(dir, { ...assembly, weights: cut }), /damaged or was not copied whole/);
  const plain = path.join(dir, 'plain.safetensors');
  await writeFile(plain, Buffer.from(content.toString('latin1').replace('"training"', '"traininG"'), 'latin1'));
  await assert.rejects(assembleModel(dir, { ...assembly, weights: plain }), /pretrain\.py/);
});

function assertNear(what: string, actual: Float32Array, expected: Float32Array): void {
  assert.equal(actual.length, expected.length, what);
  const error = expected.reduce((largest, x, i) => Math.max(largest, Math.abs(x - actual[i]!)), 0);
  assert.ok(error < toleranceNats, `${what}: largest difference ${error} nats`);
}
