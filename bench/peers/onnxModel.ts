// A GPT of ours as transformers.js loads it: config.json, tokenizer.json, onnx/model*.onnx with past_key_values, in the form that
// onnx-community publishes Llama models in: GroupQueryAttention with the rotation inside, `num_logits_to_keep`, four bits as
// MatMulNBits, eight as DynamicQuantizeLinear and MatMulInteger. (The older form joins keys by Concat; it is no faster.)
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FloatTensor } from '../../src/base/tensor.ts';
import type { GptConfig } from '../../src/models/gpt.ts';
import { BLOCK, quantizeBlocks } from './blockQuantization.ts';
import { type OnnxAttribute, OnnxFile } from './onnxFile.ts';

export type OnnxPrecision = 'fp32' | 'q8' | 'q4';

const fileNames: Readonly<Record<OnnxPrecision, string>> = {
  fp32: 'model.onnx',
  q8: 'model_quantized.onnx',
  q4: 'model_q4.onnx',
};
const MICROSOFT = 'com.microsoft';

/** What is not the graphs. */
export function beginOnnxFolder(dir: string, modelDir: string): void {
  mkdirSync(path.join(dir, 'onnx'), { recursive: true });
  for (const name of ['config.json', 'tokenizer.json']) copyFileSync(path.join(modelDir, name), path.join(dir, name));
  writeFileSync(path.join(dir, 'generation_config.json'), '{}\n');
}

export function writeOnnxModel(
  dir: string,
  config: GptConfig,
  parameters: ReadonlyMap<string, FloatTensor>,
  precision: OnnxPrecision,
): void {
  const file = new OnnxFile(path.join(dir, 'onnx', fileNames[precision]));
  new ModelWriter(file, config, parameters, precision).write();
  file.finish();
}

class ModelWriter {
  readonly #file: OnnxFile;
  readonly #config: GptConfig;
  readonly #parameters: ReadonlyMap<string, FloatTensor>;
  readonly #precision: OnnxPrecision;
  #count = 0;

  constructor(
    file: OnnxFile,
    config: GptConfig,
    parameters: ReadonlyMap<string, FloatTensor>,
    precision: OnnxPrecision,
  ) {
    this.#file = file;
    this.#config = config;
    this.#parameters = parameters;
    this.#precision = precision;
  }

  write(): void {
    const { hiddenSize, numLayers, vocabularySize } = this.#config;
    const file = this.#file;
    file.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
    file.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
    file.input('num_logits_to_keep', 'int64', []);
    const table = 'model.embed_tokens.weight';
    const embedding = file.tensor(table, [vocabularySize, hiddenSize], this.#data(table));
    let hidden = this.#op('Gather', [embedding, 'input_ids'], { axis: 0 }); // [batch, time, hidden]
    const lengths = this.#lengths();
    for (let layer = 0; layer < numLayers; layer++) hidden = this.#layer(layer, hidden, lengths);
    const normed = this.#norm('model.norm.weight', this.#lastRows(hidden));
    this.#linear(table, normed, 'logits');
    file.output('logits', 'float32', ['batch_size', 'num_logits', vocabularySize]);
  }

  #layer(layer: number, hidden: string, { last, total }: Lengths): string {
    const { contextLength, hiddenSize, numHeads, numKeyValueHeads, rotaryBase } = this.#config;
    const file = this.#file;
    const headDim = hiddenSize / numHeads;
    const at = `model.layers.${layer}`;
    const normed = this.#norm(`${at}.input_layernorm.weight`, hidden);
    const projected = ['q', 'k', 'v'].map((name) => this.#linear(`${at}.self_attn.${name}_proj.weight`, normed));
    const angles = (wave: (angle: number) => number) =>
      Float32Array.from({ length: (contextLength * headDim) / 2 }, (_, index) => {
        const [position, pair] = [Math.floor(index / (headDim / 2)), index % (headDim / 2)];
        return wave(position * rotaryBase ** ((-2 * pair) / headDim));
      });
    const cos = file.tensor('cos_cache', [contextLength, headDim / 2], angles(Math.cos));
    const sin = file.tensor('sin_cache', [contextLength, headDim / 2], angles(Math.sin));
    const cache = ['key', 'value'].map((name) => {
      const shape = (length: string) => ['batch_size', numKeyValueHeads, length, headDim];
      file.input(`past_key_values.${layer}.${name}`, 'float32', shape('past_sequence_length'));
      file.output(`present.${layer}.${name}`, 'float32', shape('total_sequence_length'));
      return { past: `past_key_values.${layer}.${name}`, present: `present.${layer}.${name}` };
    });
    const attended = this.#name('GroupQueryAttention');
    file.node({
      type: 'GroupQueryAttention',
      domain: MICROSOFT,
      inputs: [...projected, ...cache.map(({ past }) => past), last, total, cos, sin],
      outputs: [attended, ...cache.map(({ present }) => present)],
      attributes: {
        num_heads: numHeads,
        kv_num_heads: numKeyValueHeads,
        do_rotary: 1,
        rotary_interleaved: 0,
        scale: { float: 1 / Math.sqrt(headDim) },
      },
    });
    const afterAttention = this.#op('Add', [hidden, this.#linear(`${at}.self_attn.o_proj.weight`, attended)]);
    const fed = this.#norm(`${at}.post_attention_layernorm.weight`, afterAttention);
    const gate = this.#linear(`${at}.mlp.gate_proj.weight`, fed);
    const silu = this.#op('Mul', [gate, this.#op('Sigmoid', [gate])]);
    const wide = this.#op('Mul', [silu, this.#linear(`${at}.mlp.up_proj.weight`, fed)]);
    return this.#op('Add', [afterAttention, this.#linear(`${at}.mlp.down_proj.weight`, wide)]);
  }

  /** From the mask, as the operator wants them: the number of the last key of each sequence, and the length of the longest. */
  #lengths(): Lengths {
    const sum = this.#op('ReduceSum', ['attention_mask', this.#integers([1])], { keepdims: 1 });
    const lastLong = this.#op('Sub', [sum, this.#integers([1])]);
    const shape = this.#op('Shape', ['attention_mask']);
    const totalLong = this.#op('Gather', [shape, this.#file.tensor('one', [], BigInt64Array.of(1n))], { axis: 0 });
    return { last: this.#op('Cast', [lastLong], { to: 6 }), total: this.#op('Cast', [totalLong], { to: 6 }) };
  }

  /** The last `num_logits_to_keep` rows; all of them for 0, since -0 is where they begin. */
  #lastRows(hidden: string): string {
    const kept = this.#op('Reshape', ['num_logits_to_keep', this.#integers([1])]);
    const from = this.#op('Neg', [kept]);
    return this.#op('Slice', [hidden, from, this.#integers([2 ** 31 - 1]), this.#integers([1])]);
  }

  #norm(name: string, x: string): string {
    const { hiddenSize, normEpsilon } = this.#config;
    const weight = this.#file.tensor(name, [hiddenSize], this.#data(name));
    return this.#op('SimplifiedLayerNormalization', [x, weight], { axis: -1, epsilon: { float: normEpsilon } });
  }

  /** x [..., in] -> [..., out] by a weight [out, in]. */
  #linear(name: string, x: string, output?: string): string {
    const { shape, data } = this.#parameter(name);
    const [out, into] = shape as [number, number];
    const file = this.#file;
    if (this.#precision === 'fp32') {
      const weight = file.tensor(`${name}.transposed`, [into, out], transposed(data, out, into));
      return this.#op('MatMul', [x, weight], {}, '', output);
    }
    if (this.#precision === 'q8') return this.#dynamic(name, x, output);
    const { scales, codes } = quantizeBlocks(data, 4);
    const packed = Uint8Array.from(
      { length: codes.length / 2 },
      (_, i) => (codes[2 * i]! + 8) | ((codes[2 * i + 1]! + 8) << 4),
    );
    const weight = file.tensor(`${name}.codes`, [out, into / BLOCK, BLOCK / 2], packed);
    const attributes = { K: into, N: out, bits: 4, block_size: BLOCK, accuracy_level: 4 };
    const scale = file.tensor(`${name}.scales`, [scales.length], scales);
    return this.#op('MatMulNBits', [x, weight, scale], attributes, MICROSOFT, output);
  }

  /** One scale for each output; x gets its own as it comes. */
  #dynamic(name: string, x: string, output?: string): string {
    const { shape, data } = this.#parameter(name);
    const [out, into] = shape as [number, number];
    const scales = Float32Array.from({ length: out }, (_, row) => {
      let largest = 0;
      for (let i = 0; i < into; i++) largest = Math.max(largest, Math.abs(data[row * into + i]!));
      return largest / 127;
    });
    const codes = Int8Array.from(data, (weight, i) => Math.round(weight / scales[Math.floor(i / into)]!));
    const quantized = ['codes', 'scale', 'zero'].map((part) => this.#name(part));
    this.#file.node({ type: 'DynamicQuantizeLinear', inputs: [x], outputs: quantized });
    const [xCodes, xScale, xZero] = quantized as [string, string, string];
    const weight = this.#file.tensor(`${name}.codes`, [into, out], transposed(codes, out, into));
    const zero = this.#file.tensor('zero', [], Int8Array.of(0));
    const product = this.#op('Cast', [this.#op('MatMulInteger', [xCodes, weight, xZero, zero])], { to: 1 });
    const scale = this.#op('Mul', [xScale, this.#file.tensor(`${name}.scales`, [out], scales)]);
    return this.#op('Mul', [product, scale], {}, '', output);
  }

  #op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
    output = this.#name(type),
  ): string {
    this.#file.node({ type, inputs, outputs: [output], attributes, ...(domain !== '' && { domain }) });
    return output;
  }

  #integers(values: readonly number[]): string {
    return this.#file.tensor(`integers/${values.join()}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  #name(type: string): string {
    this.#count += 1;
    return `${type}/${this.#count}`;
  }

  #data(name: string): Float32Array {
    return this.#parameter(name).data;
  }

  #parameter(name: string): FloatTensor {
    const tensor = this.#parameters.get(name);
    if (!tensor) throw new Error(`writeOnnxModel: no parameter is named ${name}`);
    return tensor;
  }
}

interface Lengths {
  readonly last: string;
  readonly total: string;
}

function transposed<T extends Float32Array | Int8Array>(data: T, rows: number, columns: number): T {
  const turned = data.slice() as T;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column]!;
  return turned;
}
