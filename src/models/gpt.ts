// GPT: a decoder-only transformer in the form of Llama (Touvron et al. 2023, arXiv 2302.13971): RMSNorm before each
// sublayer, rotary positions, SwiGLU, grouped-query attention. Differences: the output matrix is the embedding table, no
// bias anywhere, no dropout (the models are small and see their data few times). Parameters have Hugging Face's names.
import { Graph, type Value } from '../graph/graph.ts';
import {
  type AttentionShape,
  type AttentionWeights,
  cachedAttention,
  causalAttention,
  type KeysAndValues,
  rotaryTables,
} from '../layers/attention.ts';
import { embedding, timeMajorRows } from '../layers/embedding.ts';
import { linear } from '../layers/linear.ts';
import { oneSequence, type Positions, wholeSequences } from '../layers/positions.ts';
import { rmsNorm } from '../layers/rmsNorm.ts';
import { swiGlu } from '../layers/swiGlu.ts';
import type { Architecture, ParameterSpec, StateTensorSpec, TrainGraph } from './architecture.ts';
import { ConfigReader } from './config.ts';

export interface GptConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly intermediateSize: number;
  readonly contextLength: number;
  readonly rotaryBase: number;
  readonly normEpsilon: number;
}

export const gpt: Architecture<GptConfig> = {
  name: 'gpt',
  title: 'GPT',
  reference: 'Touvron et al. 2023, LLaMA: Open and Efficient Foundation Language Models, arXiv 2302.13971',
  consumes: 'text',
  rows: 'windows',
  defaultConfig: {
    vocabularySize: 8192,
    hiddenSize: 192,
    numLayers: 4,
    numHeads: 6,
    numKeyValueHeads: 3,
    intermediateSize: 512,
    contextLength: 512,
    rotaryBase: 10000,
    normEpsilon: 1e-5,
  },
  parseConfig,
  vocabularySize: (config) => config.vocabularySize,
  contextLength: (config) => config.contextLength,
  withVocabulary: (config, { size }) => ({ ...config, vocabularySize: size }),
  parameters: parameterSpecs,
  stateTensors,
  buildTrain,
  buildScore,
  buildStep,
  buildInPlaceStep,
};

function parseConfig(json: unknown): GptConfig {
  const reader = new ConfigReader('gpt config', json);
  const config: GptConfig = {
    vocabularySize: reader.wholeNumber('vocabularySize', { least: 2, most: 1 << 20 }),
    hiddenSize: reader.wholeNumber('hiddenSize', { least: 2, most: 16384 }),
    numLayers: reader.wholeNumber('numLayers', { least: 1, most: 256 }),
    numHeads: reader.wholeNumber('numHeads', { least: 1, most: 256 }),
    numKeyValueHeads: reader.wholeNumber('numKeyValueHeads', { least: 1, most: 256 }),
    intermediateSize: reader.wholeNumber('intermediateSize', { least: 1, most: 65536 }),
    contextLength: reader.wholeNumber('contextLength', { least: 2, most: 1 << 17 }),
    rotaryBase: reader.number('rotaryBase', { least: 1, most: 1e9 }),
    normEpsilon: reader.number('normEpsilon', { least: 1e-12, most: 1e-2 }),
  };
  reader.finish();
  if (config.hiddenSize % (2 * config.numHeads) !== 0)
    throw reader.refusal('hiddenSize', `a multiple of twice numHeads, ${2 * config.numHeads}`);
  if (config.numHeads % config.numKeyValueHeads !== 0)
    throw reader.refusal('numKeyValueHeads', `a divisor of numHeads, ${config.numHeads}`);
  return config;
}

const EMBEDDING = 'model.embed_tokens.weight';
/** The runtime's rotary attention over caches takes heads of a multiple of so many channels. */
const CACHED_HEAD_MULTIPLE = 16;

function parameterSpecs(config: GptConfig): ParameterSpec[] {
  const { hiddenSize, intermediateSize, numKeyValueHeads, numLayers, vocabularySize } = config;
  const keyValueSize = numKeyValueHeads * headDimOf(config);
  // Residual outputs start smaller, so that their sum over the layers does not grow with depth (Radford et al. 2019).
  const residualScale = 1 / Math.sqrt(2 * numLayers);
  const norm = (name: string): ParameterSpec => ({
    name,
    shape: [hiddenSize],
    initialization: { kind: 'constant', value: 1 },
    decay: false,
  });
  const matrix = (name: string, fanOut: number, fanIn: number, scale = 1): ParameterSpec => ({
    name,
    shape: [fanOut, fanIn],
    initialization: { kind: 'normal', standardDeviation: scale / Math.sqrt(fanIn) },
    decay: true,
  });
  const layers = Array.from({ length: numLayers }, (_, layer) => {
    const at = `model.layers.${layer}`;
    return [
      norm(`${at}.input_layernorm.weight`),
      matrix(`${at}.self_attn.q_proj.weight`, hiddenSize, hiddenSize),
      matrix(`${at}.self_attn.k_proj.weight`, keyValueSize, hiddenSize),
      matrix(`${at}.self_attn.v_proj.weight`, keyValueSize, hiddenSize),
      matrix(`${at}.self_attn.o_proj.weight`, hiddenSize, hiddenSize, residualScale),
      norm(`${at}.post_attention_layernorm.weight`),
      matrix(`${at}.mlp.gate_proj.weight`, intermediateSize, hiddenSize),
      matrix(`${at}.mlp.up_proj.weight`, intermediateSize, hiddenSize),
      matrix(`${at}.mlp.down_proj.weight`, hiddenSize, intermediateSize, residualScale),
    ];
  });
  return [
    {
      name: EMBEDDING,
      shape: [vocabularySize, hiddenSize],
      initialization: { kind: 'normal', standardDeviation: 0.1 },
      decay: false,
    },
    ...layers.flat(),
    norm('model.norm.weight'),
  ];
}

function stateTensors(config: GptConfig): StateTensorSpec[] {
  const { numKeyValueHeads } = config;
  const shape = ['past', numKeyValueHeads * headDimOf(config)];
  const appended = { shape, kind: 'appended', axis: 0, heads: numKeyValueHeads } as const;
  return Array.from({ length: config.numLayers }, (_, layer) => [
    { ...appended, name: `layers.${layer}.key` },
    { ...appended, name: `layers.${layer}.value` },
  ]).flat();
}

function buildTrain(config: GptConfig, batch: number, time: number): TrainGraph {
  const graph = new Graph();
  const symbols = timeMajorRows(graph, graph.input('symbols', 'int32', [batch, time])); // [time * batch]
  const targets = timeMajorRows(graph, graph.input('targets', 'int32', [batch, time])); // [time * batch]
  const parameters = declareParameters(graph, config);
  const { attend } = wholeAttention(graph, config, wholeSequences(graph, batch, time, groupOf(config)));
  const hidden = forward(graph, config, { parameters, symbols, attend });
  const lossNats = graph.op('LinearCrossEntropy', [hidden, parameters(EMBEDDING), targets]); // []
  return { graph, lossNats };
}

function buildScore(config: GptConfig): Graph {
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', ['time']);
  const parameters = declareParameters(graph, config);
  const { attend } = wholeAttention(graph, config, oneSequence(graph, symbols, groupOf(config)));
  const hidden = forward(graph, config, { parameters, symbols, attend });
  graph.output('logits', linear(graph, hidden, parameters(EMBEDDING))); // [time, vocab]
  return graph;
}

function buildStep(config: GptConfig): Graph {
  const graph = new Graph();
  const { symbols, kept } = blockOf(graph);
  const past = pastOf(graph, config, 'rows');
  const parameters = declareParameters(graph, config);
  const positions = oneSequence(graph, symbols, groupOf(config), past[0]!.key);
  const { attend, present } = wholeAttention(graph, config, positions, past);
  const hidden = forward(graph, config, { parameters, symbols, attend, kept });
  graph.output('logits', linear(graph, hidden, parameters(EMBEDDING))); // [time - skippedRows, vocab]
  outputPresent(graph, present); // [time, keyValueHeads * D]
  return graph;
}

function buildInPlaceStep(config: GptConfig): Graph | undefined {
  if (headDimOf(config) % CACHED_HEAD_MULTIPLE !== 0) return undefined;
  const graph = new Graph();
  const { symbols, kept } = blockOf(graph);
  const lastPosition = graph.input('lastPosition', 'int32', [1]);
  const total = graph.input('total', 'int32', []);
  const past = pastOf(graph, config, 'caches');
  const parameters = declareParameters(graph, config);
  const shape = attentionShape(config);
  const tables = rotaryTables(graph, config.contextLength, shape.headDim, config.rotaryBase);
  const present: KeysAndValues[] = [];
  const attend: Attend = (normed, weights, layer) => {
    const cached = { ...past[layer]!, lastPosition, total };
    const { output, caches } = cachedAttention(graph, normed, weights, shape, tables, cached);
    present.push(caches);
    return output;
  };
  const hidden = forward(graph, config, { parameters, symbols, attend, kept, joined: true });
  const logits = linear(graph, hidden, parameters(EMBEDDING)); // [time - skippedRows, vocab]
  graph.output('logProbs', graph.op('LogSoftmax', [logits]));
  outputPresent(graph, present); // [1, keyValueHeads, capacity, D]
  return graph;
}

/** What a step is given besides the past, and how it leaves out the first rows. */
function blockOf(graph: Graph): { symbols: Value; kept: (rows: Value) => Value } {
  const symbols = graph.input('symbols', 'int32', ['time']);
  const skippedRows = graph.input('skippedRows', 'int64', [1]);
  const end = graph.op('ShapeOf', [symbols], { start: 0, end: 1 });
  const kept = (rows: Value) =>
    graph.op('SliceBetween', [rows, skippedRows, end], { axis: 0, extent: 'time-skippedRows' });
  return { symbols, kept };
}

function pastOf(graph: Graph, config: GptConfig, form: 'rows' | 'caches'): KeysAndValues[] {
  const { headDim, numKeyValueHeads } = attentionShape(config);
  const states = stateTensors(config).map(({ name, shape }) =>
    graph.input(`past.${name}`, 'float32', form === 'rows' ? shape : [1, numKeyValueHeads, 'capacity', headDim]),
  );
  return Array.from({ length: config.numLayers }, (_, layer) => ({
    key: states[2 * layer]!,
    value: states[2 * layer + 1]!,
  }));
}

function outputPresent(graph: Graph, present: readonly KeysAndValues[]): void {
  for (const [layer, { key, value }] of present.entries()) {
    graph.output(`present.layers.${layer}.key`, key);
    graph.output(`present.layers.${layer}.value`, value);
  }
}

/** normed [rows, hidden] -> what attention adds to the hidden rows */
type Attend = (normed: Value, weights: AttentionWeights, layer: number) => Value;

/** Attention over all that is at hand, and the keys and values that it made. */
function wholeAttention(
  graph: Graph,
  config: GptConfig,
  positions: Positions,
  past?: readonly KeysAndValues[],
): { attend: Attend; present: readonly KeysAndValues[] } {
  const shape = attentionShape(config);
  const rotatedPositions = typeof positions.time === 'number' ? positions.time : config.contextLength;
  const tables = rotaryTables(graph, rotatedPositions, shape.headDim, config.rotaryBase);
  const present: KeysAndValues[] = [];
  const attend: Attend = (normed, weights, layer) => {
    const attended = causalAttention(graph, normed, weights, shape, positions, tables, past?.[layer]);
    present.push(attended.present);
    return attended.output;
  };
  return { attend, present };
}

interface ForwardParts {
  readonly parameters: (name: string) => Value;
  readonly symbols: Value; // [rows], time-major
  readonly attend: Attend;
  /** Leaves out rows that nobody asks for, as soon as no later row needs them: behind the last attention. */
  readonly kept?: (rows: Value) => Value;
  /** Whether products of the same rows are made as one. */
  readonly joined?: boolean;
}

/** The one forward pass, to what the output matrix reads: [rows, hidden], or those that are kept. */
function forward(graph: Graph, config: GptConfig, parts: ForwardParts): Value {
  const { parameters, symbols, attend, kept, joined = false } = parts;
  const { numLayers, normEpsilon } = config;
  let hidden = graph.scope('embedding', () => embedding(graph, parameters(EMBEDDING), symbols)); // [rows, hidden]
  for (let layer = 0; layer < numLayers; layer++) {
    graph.scope(`layers.${layer}`, () => {
      const weight = (name: string) => parameters(`model.layers.${layer}.${name}.weight`);
      const attended = graph.scope('attention', () => {
        const weights = {
          query: weight('self_attn.q_proj'),
          key: weight('self_attn.k_proj'),
          value: weight('self_attn.v_proj'),
          output: weight('self_attn.o_proj'),
        };
        return attend(rmsNorm(graph, hidden, weight('input_layernorm'), normEpsilon), weights, layer);
      });
      hidden = graph.add(hidden, attended);
      if (kept && layer === numLayers - 1) hidden = kept(hidden);
      const fed = graph.scope('feedForward', () => {
        const weights = { gate: weight('mlp.gate_proj'), up: weight('mlp.up_proj'), down: weight('mlp.down_proj') };
        const normed = rmsNorm(graph, hidden, weight('post_attention_layernorm'), normEpsilon);
        return swiGlu(graph, normed, weights, { joined });
      });
      hidden = graph.add(hidden, fed);
    });
  }
  return rmsNorm(graph, hidden, parameters('model.norm.weight'), normEpsilon);
}

function declareParameters(graph: Graph, config: GptConfig): (name: string) => Value {
  const values = new Map(parameterSpecs(config).map(({ name, shape }) => [name, graph.parameter(name, shape)]));
  return (name) => {
    const value = values.get(name);
    if (!value) throw new Error(`gpt: no parameter is named ${name}`);
    return value;
  };
}

/** Query heads that share one key head. */
function groupOf({ numHeads, numKeyValueHeads }: GptConfig): number {
  return numHeads / numKeyValueHeads;
}

function attentionShape(config: GptConfig): AttentionShape {
  const { numHeads, numKeyValueHeads } = config;
  return { numHeads, numKeyValueHeads, headDim: headDimOf(config) };
}

function headDimOf({ hiddenSize, numHeads }: GptConfig): number {
  return hiddenSize / numHeads;
}
