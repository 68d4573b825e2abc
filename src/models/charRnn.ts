// CharRNN: a recurrent language model (Graves 2013, arXiv 1308.0850) of gated recurrent units (Cho et al. 2014, arXiv 1406.1078):
// embedding, one to three layers, linear. The recurrence and the parameters' names are those of PyTorch's nn.Embedding, nn.GRU and
// nn.Linear. Differences: the start symbol sets the state to zero wherever it comes, so that rows of training may hold several
// documents and each is learnt from the state in which it will be served; no dropout.
import { Graph, type Value } from '../graph/graph.ts';
import { embedding, timeMajorRows } from '../layers/embedding.ts';
import { linear } from '../layers/linear.ts';
import { type Gates, gatesOf, gateWeights, keptShares, type RecurrentShape, recurrence } from '../layers/recurrent.ts';
import type { Architecture, CarriedTensor, ParameterSpec, StateTensorSpec, TrainGraph } from './architecture.ts';
import { ConfigReader } from './config.ts';

export interface CharRnnConfig {
  readonly vocabularySize: number;
  readonly startSymbol: number;
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
}

export const charRnn: Architecture<CharRnnConfig> = {
  name: 'charRnn',
  title: 'CharRNN',
  reference:
    'Graves 2013, Generating Sequences With Recurrent Neural Networks, arXiv 1308.0850, with the units of Cho et al. 2014, arXiv 1406.1078',
  consumes: 'text',
  rows: 'stream',
  defaultConfig: {
    vocabularySize: 262,
    startSymbol: 256,
    embeddingSize: 64,
    hiddenSize: 512,
    numLayers: 1,
  },
  parseConfig,
  vocabularySize: (config) => config.vocabularySize,
  startSymbol: (config) => config.startSymbol,
  contextLength: () => Number.POSITIVE_INFINITY,
  withVocabulary: (config, { size, start }) => ({ ...config, vocabularySize: size, startSymbol: start }),
  parameters: parameterSpecs,
  stateTensors,
  buildTrain,
  buildScore,
  buildStep,
};

function parseConfig(json: unknown): CharRnnConfig {
  const reader = new ConfigReader('charRnn config', json);
  const config: CharRnnConfig = {
    vocabularySize: reader.wholeNumber('vocabularySize', { least: 2, most: 1 << 20 }),
    startSymbol: reader.wholeNumber('startSymbol', { least: 0, most: (1 << 20) - 1 }),
    embeddingSize: reader.wholeNumber('embeddingSize', { least: 1, most: 8192 }),
    hiddenSize: reader.wholeNumber('hiddenSize', { least: 1, most: 8192 }),
    numLayers: reader.wholeNumber('numLayers', { least: 1, most: 3 }),
  };
  reader.finish();
  if (config.startSymbol >= config.vocabularySize)
    throw reader.refusal('startSymbol', `a symbol below vocabularySize, ${config.vocabularySize}`);
  return config;
}

/**
 * Not as PyTorch draws them, uniform with variance 1 / (3 hidden) all alike: with the inverse of what a matrix reads the signal of the
 * symbols and that of the state come through at full strength. After 200 steps on tiny-shakespeare (width 256, rate 0.004) held-out
 * text cost 1.83 nats a character, with PyTorch's 2.03. Biases are zero: drawn, they only make gates start unequally open.
 */
function parameterSpecs({ vocabularySize, embeddingSize, hiddenSize, numLayers }: CharRnnConfig): ParameterSpec[] {
  const matrix = (name: string, rows: number, columns: number, decay = true): ParameterSpec => ({
    name,
    shape: [rows, columns],
    initialization: { kind: 'normal', standardDeviation: 1 / Math.sqrt(columns) },
    decay,
  });
  const bias = (name: string, length: number): ParameterSpec => ({
    name,
    shape: [length],
    initialization: { kind: 'constant', value: 0 },
    decay: false,
  });
  const layers = Array.from({ length: numLayers }, (_, layer) => [
    matrix(`rnn.weight_ih_l${layer}`, 3 * hiddenSize, layer === 0 ? embeddingSize : hiddenSize),
    matrix(`rnn.weight_hh_l${layer}`, 3 * hiddenSize, hiddenSize),
    bias(`rnn.bias_ih_l${layer}`, 3 * hiddenSize),
    bias(`rnn.bias_hh_l${layer}`, 3 * hiddenSize),
  ]);
  return [
    {
      name: 'embedding.weight',
      shape: [vocabularySize, embeddingSize],
      initialization: { kind: 'normal', standardDeviation: 1 },
      decay: false,
    },
    ...layers.flat(),
    matrix('linear.weight', vocabularySize, hiddenSize, false),
    bias('linear.bias', vocabularySize),
  ];
}

function stateTensors({ numLayers, hiddenSize }: CharRnnConfig): StateTensorSpec[] {
  return Array.from({ length: numLayers }, (_, layer) => ({
    name: stateName(layer),
    shape: [1, hiddenSize],
    kind: 'replaced' as const,
  }));
}

function buildTrain(config: CharRnnConfig, batch: number, time: number): TrainGraph {
  const graph = new Graph();
  const symbols = timeMajorRows(graph, graph.input('symbols', 'int32', [batch, time])); // [time * batch]
  const targets = timeMajorRows(graph, graph.input('targets', 'int32', [batch, time])); // [time * batch]
  const past = stateTensors(config).map(({ name }) =>
    graph.input(`carried.${name}`, 'float32', [batch, config.hiddenSize]),
  );
  const parameter = declareParameters(graph, config);
  const { hidden, present } = forward(graph, config, parameter, symbols, past);
  const output: [Value, Value, Value, Value] = [hidden, parameter('linear.weight'), targets, parameter('linear.bias')];
  const lossNats = graph.op('LinearCrossEntropy', output); // []
  const carried = present.map(
    (next, layer): CarriedTensor => ({ name: stateName(layer), shape: [batch, config.hiddenSize], next }),
  );
  return { graph, lossNats, carried };
}

function buildScore(config: CharRnnConfig): Graph {
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', ['time']);
  const past = stateTensors(config).map(({ shape }) => graph.fill(0, shape as number[]));
  const parameter = declareParameters(graph, config);
  const { hidden } = forward(graph, config, parameter, symbols, past);
  graph.output('logits', linear(graph, hidden, parameter('linear.weight'), parameter('linear.bias'))); // [time, vocab]
  return graph;
}

function buildStep(config: CharRnnConfig): Graph {
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', ['time']);
  const skippedRows = graph.input('skippedRows', 'int64', [1]);
  const past = stateTensors(config).map(({ name, shape }) => graph.input(`past.${name}`, 'float32', shape));
  const parameter = declareParameters(graph, config);
  const { hidden, present } = forward(graph, config, parameter, symbols, past);
  const end = graph.op('ShapeOf', [symbols], { start: 0, end: 1 });
  const kept = graph.op('SliceBetween', [hidden, skippedRows, end], { axis: 0, extent: 'time-skippedRows' });
  graph.output('logits', linear(graph, kept, parameter('linear.weight'), parameter('linear.bias'))); // [time - skippedRows, vocab]
  for (const [layer, state] of present.entries()) graph.output(`present.${stateName(layer)}`, state); // [1, hidden]
  return graph;
}

/** The one forward pass: symbols [time * batch], past [batch, hidden] a layer -> what the output matrix reads, and the states. */
function forward(
  graph: Graph,
  { hiddenSize, startSymbol }: CharRnnConfig,
  parameter: (name: string) => Value,
  symbols: Value,
  past: readonly Value[],
): { hidden: Value; present: Value[] } {
  const rows = symbols.shape[0]!;
  const batch = Number(past[0]!.shape[0]);
  const shape: RecurrentShape = {
    batch,
    time: typeof rows === 'number' ? rows / batch : rows,
    hidden: hiddenSize,
  };
  const keep = graph.scope('start', () => keptShares(graph, symbols, startSymbol, shape)); // [time, batch, 1]
  const present: Value[] = [];
  let hidden: Value | undefined;
  for (const [layer, state] of past.entries())
    graph.scope(`layers.${layer}`, () => {
      const weights = gateWeights(graph, {
        input: parameter(`rnn.weight_ih_l${layer}`),
        hidden: parameter(`rnn.weight_hh_l${layer}`),
        inputBias: parameter(`rnn.bias_ih_l${layer}`),
        hiddenBias: parameter(`rnn.bias_hh_l${layer}`),
      });
      const [reset, update, candidate] = gatesOf(graph, hidden ?? parameter('embedding.weight'), weights);
      const read = (gate: Value) => (hidden ? gate : embedding(graph, gate, symbols)); // [rows, hidden]
      const gates: Gates = [read(reset), read(update), read(candidate)];
      const result = recurrence(graph, gates, keep, state, weights, shape);
      hidden = result.output;
      present.push(result.present);
    });
  return { hidden: hidden!, present };
}

function declareParameters(graph: Graph, config: CharRnnConfig): (name: string) => Value {
  const values = new Map(parameterSpecs(config).map(({ name, shape }) => [name, graph.parameter(name, shape)]));
  return (name) => {
    const value = values.get(name);
    if (!value) throw new Error(`charRnn: no parameter is named ${name}`);
    return value;
  };
}

function stateName(layer: number): string {
  return `layers.${layer}.hidden`;
}
