// A GPT of ours as llama.cpp's architecture `llama`. The output matrix is the embedding table, which it takes by itself when
// there is no `output.weight`.
import type { FloatTensor } from '../../src/base/tensor.ts';
import type { GptConfig } from '../../src/models/gpt.ts';
import { type GgufTensor, type GgufType, type GgufValue, writeGguf } from './gguf.ts';

export function writeGgufModel(
  path: string,
  config: GptConfig,
  parameters: ReadonlyMap<string, FloatTensor>,
  type: GgufType,
): void {
  const found = (name: string): FloatTensor => {
    const tensor = parameters.get(name);
    if (!tensor) throw new Error(`writeGgufModel: no parameter is named ${name}`);
    return tensor;
  };
  const headDim = config.hiddenSize / config.numHeads;
  const tensor = (name: string, { shape, data }: FloatTensor): GgufTensor => ({
    name,
    shape,
    data,
    type: shape.length === 1 ? 'F32' : type,
  });
  const layers = Array.from({ length: config.numLayers }, (_, layer) => {
    const ours = (name: string) => found(`model.layers.${layer}.${name}.weight`);
    const theirs = (name: string, value: FloatTensor) => tensor(`blk.${layer}.${name}.weight`, value);
    return [
      theirs('attn_norm', ours('input_layernorm')),
      theirs('attn_q', pairsTogether(ours('self_attn.q_proj'), headDim)),
      theirs('attn_k', pairsTogether(ours('self_attn.k_proj'), headDim)),
      theirs('attn_v', ours('self_attn.v_proj')),
      theirs('attn_output', ours('self_attn.o_proj')),
      theirs('ffn_norm', ours('post_attention_layernorm')),
      theirs('ffn_gate', ours('mlp.gate_proj')),
      theirs('ffn_up', ours('mlp.up_proj')),
      theirs('ffn_down', ours('mlp.down_proj')),
    ];
  });
  const tensors = [
    tensor('token_embd.weight', found('model.embed_tokens.weight')),
    ...layers.flat(),
    tensor('output_norm.weight', found('model.norm.weight')),
  ];
  writeGguf(path, metadataOf(config), tensors);
}

/** llama.cpp rotates rows 2i and 2i + 1 of a head with each other; ours are i and i + D/2. */
export function pairsTogether({ shape, data }: FloatTensor, headDim: number): FloatTensor {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headDim;
    const from = row - within + (within % 2) * (headDim / 2) + (within >> 1);
    turned.set(data.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return { dtype: 'float32', shape, data: turned };
}

function metadataOf(config: GptConfig): Record<string, GgufValue> {
  const { vocabularySize } = config;
  return {
    'general.architecture': { text: 'llama' },
    'general.name': { text: 'benchmark' },
    'llama.vocab_size': { integer: vocabularySize },
    'llama.context_length': { integer: config.contextLength },
    'llama.embedding_length': { integer: config.hiddenSize },
    'llama.block_count': { integer: config.numLayers },
    'llama.feed_forward_length': { integer: config.intermediateSize },
    'llama.attention.head_count': { integer: config.numHeads },
    'llama.attention.head_count_kv': { integer: config.numKeyValueHeads },
    'llama.attention.layer_norm_rms_epsilon': { float: config.normEpsilon },
    'llama.rope.dimension_count': { integer: config.hiddenSize / config.numHeads },
    'llama.rope.freq_base': { float: config.rotaryBase },
    ...vocabularyOf(vocabularySize),
  };
}

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

/** Symbols go in and come out as numbers; a vocabulary must be there all the same, and this one spells nothing sensible. */
function vocabularyOf(size: number): Record<string, GgufValue> {
  const tokens = Array.from({ length: size }, (_, symbol) => {
    if (symbol === 0) return { spelling: '<unk>', type: UNKNOWN };
    if (symbol <= 2) return { spelling: symbol === 1 ? '<s>' : '</s>', type: CONTROL };
    if (symbol < 259)
      return { spelling: `<0x${(symbol - 3).toString(16).toUpperCase().padStart(2, '0')}>`, type: BYTE };
    return { spelling: `symbol${symbol}`, type: NORMAL };
  });
  return {
    'tokenizer.ggml.model': { text: 'llama' },
    'tokenizer.ggml.tokens': { texts: tokens.map(({ spelling }) => spelling) },
    'tokenizer.ggml.scores': { floats: tokens.map((_, symbol) => -symbol) },
    'tokenizer.ggml.token_type': { integers: tokens.map(({ type }) => type) },
    'tokenizer.ggml.bos_token_id': { integer: 1 },
    'tokenizer.ggml.eos_token_id': { integer: 2 },
  };
}
