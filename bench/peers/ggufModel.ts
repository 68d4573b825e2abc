// A GPT of ours for llama.cpp, in any of the forms that are measured (src/export/gguf.ts writes what a person exports). Symbols go in and
// come out as numbers, so that the vocabulary may spell nothing sensible.

import { halfBits } from '../../src/base/half.ts';
import type { FloatTensor } from '../../src/base/tensor.ts';
import { llamaMetadata, llamaTensors } from '../../src/export/gguf.ts';
import { floatTensor, type GgufTensor, type GgufType, type GgufValue, writeGguf } from '../../src/formats/gguf.ts';
import type { GptConfig } from '../../src/models/gpt.ts';
import { BLOCK, quantizeBlocks } from './blockQuantization.ts';

export async function writeGgufForm(
  path: string,
  config: GptConfig,
  parameters: ReadonlyMap<string, FloatTensor>,
  type: GgufType,
): Promise<void> {
  const metadata = {
    ...llamaMetadata(config),
    'general.name': { text: 'benchmark' },
    ...vocabularyOf(config.vocabularySize),
  };
  await writeGguf(
    path,
    metadata,
    llamaTensors(config, parameters, (name, value) => encoded(name, value, type)),
  );
}

export function encoded(name: string, value: FloatTensor, type: GgufType): GgufTensor {
  if (type === 'F32' || type === 'F16') return floatTensor(name, value, type);
  return { name, shape: value.shape, type, encode: () => blocksOf(value.data, type) };
}

function blocksOf(data: Float32Array, type: 'Q8_0' | 'Q4_0'): Uint8Array {
  const { scales, codes } = quantizeBlocks(data, type === 'Q4_0' ? 4 : 8);
  const size = 2 + (type === 'Q4_0' ? BLOCK / 2 : BLOCK);
  const bytes = Buffer.alloc(scales.length * size);
  for (const [block, scale] of scales.entries()) {
    bytes.writeUInt16LE(halfBits(scale), block * size);
    const at = block * size + 2;
    const of = codes.subarray(block * BLOCK, (block + 1) * BLOCK);
    if (type === 'Q8_0') bytes.set(new Uint8Array(of.buffer, of.byteOffset, BLOCK), at);
    // The low halves of 16 bytes are the first 16 codes, the high halves the others.
    else for (let i = 0; i < BLOCK / 2; i++) bytes[at + i] = (of[i]! + 8) | ((of[i + BLOCK / 2]! + 8) << 4);
  }
  return bytes;
}

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

/** A vocabulary must be there all the same. */
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
