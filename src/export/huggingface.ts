// A GPT of ours as transformers, vLLM and others load it: LlamaForCausalLM in half precision, its tokenizer beside it. A text then begins
// with the start symbol, as every text did in training.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { toHalves } from '../base/half.ts';
import type { FloatTensor } from '../base/tensor.ts';
import { type BpeDescription, bpeCodec } from '../codecs/bpe.ts';
import type { SpecialRole } from '../codecs/text.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { type HalfTensor, writeSafetensors } from '../formats/safetensors.ts';
import { writeTokenizerJson } from '../formats/tokenizerJson.ts';
import { type GptConfig, gpt } from '../models/gpt.ts';
import { huggingFaceConfig } from './huggingFaceConfig.ts';

export interface HuggingFaceModel {
  readonly config: GptConfig;
  readonly parameters: ReadonlyMap<string, FloatTensor>;
  readonly tokenizer: BpeDescription;
}

/** The names of the files written. @throws UserError when the disk is full or the place cannot be written to. */
export async function writeHuggingFace(
  dir: string,
  { config, parameters, tokenizer }: HuggingFaceModel,
): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const { start, end } = tokenizer.roles;
  const ids = { bos_token_id: start, eos_token_id: end, pad_token_id: end };
  const names = {
    bos_token: nameOf(tokenizer, start),
    eos_token: nameOf(tokenizer, end),
    pad_token: nameOf(tokenizer, end),
  };
  const files: Record<string, unknown> = {
    'config.json': {
      ...huggingFaceConfig(gpt.name, config, bpeCodec(tokenizer)),
      pad_token_id: end,
      torch_dtype: 'float16',
    },
    'generation_config.json': { _from_model_config: true, ...ids, do_sample: false },
    'tokenizer.json': beginningWith(start, tokenizer),
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: config.contextLength,
      clean_up_tokenization_spaces: false,
      ...names,
    },
    'special_tokens_map.json': { ...names, additional_special_tokens: additional(tokenizer) },
  };
  for (const [name, json] of Object.entries(files)) {
    await writeFileAtomic(path.join(dir, name), [`${JSON.stringify(json, null, 2)}\n`]);
  }
  const halves = [...parameters].map(
    ([name, { shape, data }]) =>
      [name, { dtype: 'float16', shape, data: toHalves(data) } satisfies HalfTensor] as const,
  );
  await writeSafetensors(path.join(dir, 'model.safetensors'), halves, { format: 'pt' });
  return [...Object.keys(files), 'model.safetensors'];
}

/** Ours says nothing of it, since whoever asks our models puts the start symbol there. */
function beginningWith(start: number, tokenizer: BpeDescription): unknown {
  const json = JSON.parse(writeTokenizerJson(tokenizer)) as Record<string, unknown>;
  const name = nameOf(tokenizer, start);
  const special = { SpecialToken: { id: name, type_id: 0 } };
  const text = (id: 'A' | 'B', type: number) => ({ Sequence: { id, type_id: type } });
  return {
    ...json,
    post_processor: {
      type: 'TemplateProcessing',
      single: [special, text('A', 0)],
      pair: [special, text('A', 0), text('B', 1)],
      special_tokens: { [name]: { id: name, ids: [start], tokens: [name] } },
    },
  };
}

function additional(tokenizer: BpeDescription): string[] {
  const roles: readonly SpecialRole[] = ['file', 'prefix', 'suffix', 'middle'];
  return roles.flatMap((role) => {
    const symbol = tokenizer.roles[role];
    return symbol === undefined ? [] : [nameOf(tokenizer, symbol)];
  });
}

function nameOf({ tokens }: BpeDescription, symbol: number): string {
  return tokens[symbol]!;
}
