// config.json as Hugging Face transformers writes it, for the architectures that it knows: ours with Llama's parameter names load there
// as LlamaForCausalLM.
import type { TextCodec } from '../codecs/text.ts';
import { gpt } from '../models/gpt.ts';

/** Undefined when transformers has no such model. */
export function huggingFaceConfig(
  architecture: string,
  config: unknown,
  codec: TextCodec,
): Record<string, unknown> | undefined {
  if (architecture !== gpt.name) return undefined;
  const model = gpt.parseConfig(config);
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: model.vocabularySize,
    hidden_size: model.hiddenSize,
    intermediate_size: model.intermediateSize,
    num_hidden_layers: model.numLayers,
    num_attention_heads: model.numHeads,
    num_key_value_heads: model.numKeyValueHeads,
    head_dim: model.hiddenSize / model.numHeads,
    max_position_embeddings: model.contextLength,
    rope_theta: model.rotaryBase,
    rms_norm_eps: model.normEpsilon,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: 0,
    tie_word_embeddings: true,
    bos_token_id: codec.specials.start,
    eos_token_id: codec.specials.end,
    torch_dtype: 'float32',
  };
}
