// What other programs get: tensors, configuration and tokenizer of a tiny model, read back by the book.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { halfBits, halfValue } from '../../../src/base/half.ts';
import { Random } from '../../../src/base/random.ts';
import type { FloatTensor } from '../../../src/base/tensor.ts';
import { exportModel as command } from '../../../src/cli/export.ts';
import { bpeCodec } from '../../../src/codecs/bpe.ts';
import { trainBpe } from '../../../src/codecs/bpeTrainer.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { pairsTogether, pretokenizerName } from '../../../src/export/gguf.ts';
import { readSafetensors, safetensorsIndex } from '../../../src/formats/safetensors.ts';
import { parseTokenizerJson } from '../../../src/formats/tokenizerJson.ts';
import { gpt } from '../../../src/models/gpt.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { recordsOf, terminal } from '../cli/terminal.ts';
import { temporaryFolder } from '../formats/folder.ts';
import { floatsOf, readGguf } from '../formats/ggufReader.ts';

const tokenizer = trainBpe(['const a = 1;\nconst bc = a + 2;\n'.repeat(9)], { vocabularySize: 300, minCount: 2 });
const codec = bpeCodec(tokenizer);
const architecture = architectureNamed('gpt');
const config = architecture.withVocabulary(architecture.parseConfig(tinyConfigs['gpt']![0]), codec.vocabulary);
const parameters = randomParameters(architecture, config, new Random(1));
const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };

async function exported(folder: string, format: string, ...more: string[]): Promise<string> {
  const dir = path.join(folder, 'tiny');
  await exportModel(dir, { architecture, config, codec, parameters, provenance, bitsPerByte: null });
  const out = path.join(folder, 'out');
  const shown = terminal();
  const args = ['--model', dir, '--format', format, '--out', out, '--json', ...more];
  assert.equal(await command.run(args, shown), 0);
  assert.equal(recordsOf(shown).length, 1);
  return out;
}

const rounded = (data: ArrayLike<number>) => Array.from(data, (value) => halfValue(halfBits(value)));

test('GGUF: every tensor in half precision, queries and keys with their rotated rows side by side', async (t) => {
  const bytes = readFileSync(path.join(await exported(temporaryFolder(t), 'gguf'), 'tiny-f16.gguf'));
  const { values, tensors } = readGguf(bytes);
  const model = gpt.parseConfig(config);
  const headDim = model.hiddenSize / model.numHeads;
  const names = new Map([
    ['token_embd', 'model.embed_tokens'],
    ['output_norm', 'model.norm'],
    ['blk.0.attn_norm', 'model.layers.0.input_layernorm'],
    ['blk.0.attn_q', 'model.layers.0.self_attn.q_proj'],
    ['blk.0.attn_k', 'model.layers.0.self_attn.k_proj'],
    ['blk.0.attn_v', 'model.layers.0.self_attn.v_proj'],
    ['blk.0.attn_output', 'model.layers.0.self_attn.o_proj'],
    ['blk.0.ffn_norm', 'model.layers.0.post_attention_layernorm'],
    ['blk.0.ffn_gate', 'model.layers.0.mlp.gate_proj'],
    ['blk.0.ffn_up', 'model.layers.0.mlp.up_proj'],
    ['blk.0.ffn_down', 'model.layers.0.mlp.down_proj'],
  ]);
  assert.equal(tensors.length, parameters.size);
  for (const [theirs, ours] of names) {
    const tensor = tensors.find(({ name }) => name === `${theirs}.weight`)!;
    const parameter: FloatTensor = parameters.get(`${ours}.weight`)!;
    assert.deepEqual(tensor.extents, parameter.shape.toReversed());
    const isTurned = /attn_[qk]$/.test(theirs);
    const { data } = isTurned ? pairsTogether(parameter, headDim) : parameter;
    assert.equal(tensor.type, parameter.shape.length === 1 ? 0 : 1);
    assert.deepEqual(floatsOf(bytes, tensor), tensor.type === 0 ? [...data] : rounded(data), theirs);
  }
  assert.equal(values.get('general.architecture'), 'llama');
  assert.equal(values.get('llama.block_count'), model.numLayers);
  assert.equal(values.get('llama.attention.head_count_kv'), model.numKeyValueHeads);
  assert.equal(values.get('llama.rope.freq_base'), model.rotaryBase);
  assert.equal(values.get('llama.attention.layer_norm_rms_epsilon'), Math.fround(model.normEpsilon));
});

test('GGUF: the tokenizer with its merges, kinds of symbols, and the marks of holes', async (t) => {
  const { values } = readGguf(readFileSync(path.join(await exported(temporaryFolder(t), 'gguf'), 'tiny-f16.gguf')));
  const { tokens, merges, roles, specials } = tokenizer;
  assert.equal(values.get('tokenizer.ggml.model'), 'gpt2');
  assert.equal(values.get('tokenizer.ggml.pre'), pretokenizerName);
  const spelled = values.get('tokenizer.ggml.tokens') as string[];
  assert.deepEqual(spelled.toSpliced(roles.start, 1), tokens.toSpliced(roles.start, 1));
  assert.equal(spelled[roles.start], '<|begin_of_text|>');
  assert.deepEqual(
    values.get('tokenizer.ggml.merges'),
    merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`),
  );
  const control = new Set(Object.values(specials));
  assert.deepEqual(
    values.get('tokenizer.ggml.token_type'),
    tokens.map((_, symbol) => (control.has(symbol) ? 3 : 1)),
  );
  assert.equal(values.get('tokenizer.ggml.bos_token_id'), roles.start);
  assert.equal(values.get('tokenizer.ggml.eos_token_id'), roles.end);
  assert.equal(values.get('tokenizer.ggml.add_bos_token'), true);
  assert.equal(values.get('tokenizer.ggml.fim_pre_token_id'), roles.prefix);
  assert.equal(values.get('tokenizer.ggml.fim_suf_token_id'), roles.suffix);
  assert.equal(values.get('tokenizer.ggml.fim_mid_token_id'), roles.middle);
});

test('Hugging Face: the same tensors in half precision, and a tokenizer that begins every text with the start symbol', async (t) => {
  const out = await exported(temporaryFolder(t), 'huggingface');
  const json = (name: string) => JSON.parse(readFileSync(path.join(out, name), 'utf8')) as Record<string, unknown>;
  const file = path.join(out, 'model.safetensors');
  const { tensors, metadata } = await safetensorsIndex(file);
  assert.deepEqual(metadata, { format: 'pt' });
  assert.ok([...tensors.values()].every(({ dtype }) => dtype === 'F16'));
  const read = await readSafetensors(file);
  assert.deepEqual([...read.keys()].sort(), [...parameters.keys()].sort());
  for (const [name, { shape, data }] of parameters) {
    assert.deepEqual(read.get(name)!.shape, shape);
    assert.deepEqual([...read.get(name)!.data], rounded(data));
  }
  const { start, end } = tokenizer.roles;
  assert.equal(json('config.json')['torch_dtype'], 'float16');
  assert.equal(json('config.json')['vocab_size'], codec.vocabulary.size);
  assert.equal(json('generation_config.json')['eos_token_id'], end);
  assert.equal(json('tokenizer_config.json')['bos_token'], tokenizer.tokens[start]);
  assert.deepEqual(parseTokenizerJson(readFileSync(path.join(out, 'tokenizer.json'), 'utf8')), tokenizer);
  // Hugging Face's own implementation reads both files.
  const reference = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  const text = 'const abc = a + 1;\n';
  assert.deepEqual(reference.encode(text).ids, [start, ...codec.encodeText(text)]);
});

test('weights in pieces are joined, and what is missing is told', async (t) => {
  const folder = temporaryFolder(t);
  const out = await exported(folder, 'huggingface');
  const whole = readFileSync(path.join(out, 'model.safetensors'));
  const pieces = path.join(folder, 'pieces');
  mkdirSync(pieces);
  writeFileSync(path.join(pieces, 'weights.01'), whole.subarray(1000));
  writeFileSync(path.join(pieces, 'weights.00'), whole.subarray(0, 1000));
  await exported(folder, 'huggingface', '--weights', pieces);
  assert.deepEqual(readFileSync(path.join(out, 'model.safetensors')), whole);
  await assert.rejects(exported(folder, 'gguf', '--weights', path.join(folder, 'none')), /--weights: cannot read/);
  await assert.rejects(exported(folder, 'gguf', '--weights', folder), /expected weights\.00 and further pieces/);
  await assert.rejects(exported(folder, 'onnx'), /--format: expected huggingface or gguf, got onnx/);
});
