// PixelCNN (van den Oord et al. 2016, arXiv 1601.06759): the values of an image one after the other, each seen by masked
// convolutions over those before it. Plain layers, residual blocks (that paper, figure 5), or gated layers with a vertical and
// a horizontal stack (van den Oord et al. 2016b, arXiv 1606.05328, figure 2), which see all that came before: no blind spot.
// Differences: values enter as numbers from -1 to 1; what a mask would zero has no weight at all (layers/causalConvolution.ts).
//
// Symbols are the values of channels, row after row, red before green before blue; a row of the layers stands for the place that its
// symbol is followed by, so that row t makes the distribution of value t.
import { Graph, type Value } from '../graph/graph.ts';
import { biasName, type ParameterOf, weightShapes } from '../layers/causalConvolution.ts';
import { batchReader, blockReader } from '../layers/rowReaders.ts';
import { type RowReader, SymbolRows, statesOf } from '../layers/symbolRows.ts';
import type { Architecture, StateTensorSpec, TrainGraph } from './architecture.ts';
import { ConfigReader } from './config.ts';
import { imageForm, intensities, type PixelForm, rowForm } from './pixelForms.ts';
import {
  lastLag,
  type PixelCnnConfig,
  type PixelLayers,
  parameterSpecs,
  pixelLayers,
  type Trunk,
} from './pixelLayers.ts';

export const pixelCnn: Architecture<PixelCnnConfig> = {
  name: 'pixelCnn',
  title: 'PixelCNN',
  reference: 'van den Oord et al. 2016, Pixel Recurrent Neural Networks, arXiv 1601.06759',
  consumes: 'image',
  rows: 'images',
  defaultConfig: {
    width: 28,
    height: 28,
    channels: 1,
    levels: 256,
    block: 'residual',
    hiddenSize: 64,
    numLayers: 7,
    firstKernel: 7,
    kernel: 3,
    outputSize: 64,
  },
  parseConfig,
  vocabularySize: ({ levels }) => levels + 1,
  contextLength,
  withVocabulary: (config, { size }) => ({ ...config, levels: size - 1 }),
  parameters: parameterSpecs,
  stateTensors,
  buildTrain,
  buildScore,
  buildStep,
  buildSample,
};

function parseConfig(json: unknown): PixelCnnConfig {
  const reader = new ConfigReader('pixelCnn config', json);
  const config: PixelCnnConfig = {
    width: reader.wholeNumber('width', { least: 1, most: 256 }),
    height: reader.wholeNumber('height', { least: 1, most: 256 }),
    channels: reader.oneOf('channels', [1, 3]),
    levels: reader.wholeNumber('levels', { least: 2, most: 256 }),
    block: reader.oneOf('block', ['plain', 'residual', 'gated']),
    hiddenSize: reader.wholeNumber('hiddenSize', { least: 1, most: 4096 }),
    numLayers: reader.wholeNumber('numLayers', { least: 0, most: 100 }),
    firstKernel: reader.wholeNumber('firstKernel', { least: 3, most: 31 }),
    kernel: reader.wholeNumber('kernel', { least: 3, most: 15 }),
    outputSize: reader.wholeNumber('outputSize', { least: 0, most: 4096 }),
  };
  reader.finish();
  const { block, channels, firstKernel, hiddenSize, kernel, outputSize, width } = config;
  if (firstKernel % 2 === 0) throw reader.refusal('firstKernel', 'an odd number');
  if (kernel % 2 === 0) throw reader.refusal('kernel', 'an odd number');
  const parts = block === 'residual' ? 2 * channels : channels;
  if (hiddenSize % parts !== 0) throw reader.refusal('hiddenSize', `a multiple of ${parts} with ${block} blocks`);
  if (outputSize % channels !== 0) throw reader.refusal('outputSize', `a multiple of channels, ${channels}`);
  if (block === 'gated' && lastLag(config) > width) {
    const remedy = 'take fewer layers, smaller kernels or wider images';
    throw reader.refusal('numLayers', `so few that the vertical stack keeps up with a width of ${width}`, remedy);
  }
  return config;
}

function contextLength({ width, height, channels }: PixelCnnConfig): number {
  return width * height * channels;
}

function stateTensors(config: PixelCnnConfig): StateTensorSpec[] {
  return [...statesOf(pixelLayers(config).kept)].map(([name, widths]) => ({
    name,
    shape: ['past', widths.reduce((sum, width) => sum + width, 0)],
    kind: 'appended',
    axis: 0,
  }));
}

/** @throws RangeError when `time` is not that of a whole image. */
function buildTrain(config: PixelCnnConfig, batch: number, time: number): TrainGraph {
  const { channels, levels, width, height } = config;
  const total = contextLength(config);
  if (time !== total) throw new RangeError(`pixelCnn: expected rows of ${total} symbols, whole images, got ${time}`);
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', [batch, time]);
  const targets = graph.input('targets', 'int32', [batch, time]);
  const parameter = declareParameters(graph, config);
  const layers = pixelLayers(config);
  const form = imageForm(graph, config, parameter);
  // Nothing is after the last value, so that it need not be known.
  const known = total === 1 ? [] : [graph.op('Slice', [symbols], { axis: 1, start: 1, end: time })];
  const last = graph.fill(0, [batch, 1], 'int32');
  const image = toChannels(graph, graph.op('Concat', [...known, last], { axis: 1 }), config, batch);
  const hidden = features(form, image, layers); // [batch, features, height, width]

  const size = Number(hidden.shape[1]);
  const places = batch * height * width;
  const byPlace = graph.reshape(graph.transpose(hidden, [0, 2, 3, 1]), [places, size]);
  const byChannel = graph.reshape(targets, [places, channels]);
  const logits = layers.outputs.at(-1)!;
  const losses = weightShapes(logits, channels).map(({ name, shape: [, seen] }, channel) => {
    const x = column(graph, byPlace, 0, seen); // [places, seen]
    const wanted = graph.reshape(column(graph, byChannel, channel, channel + 1), [places]);
    const bias = graph.op('Slice', [parameter(biasName(logits))], {
      axis: 0,
      start: channel * levels,
      end: (channel + 1) * levels,
    });
    return graph.op('LinearCrossEntropy', [x, parameter(name), wanted, bias]); // []
  });
  const lossNats = channels === 1 ? losses[0]! : graph.mul(graph.op('Sum', losses), graph.scalar(1 / channels));
  return { graph, lossNats };
}

function buildScore(config: PixelCnnConfig): Graph {
  const { channels, height, levels, width } = config;
  const total = contextLength(config);
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', ['time']);
  const layers = pixelLayers(config);
  const form = imageForm(graph, config, declareParameters(graph, config));
  const rest = graph.fill(0, [total], 'int32');
  const filled = graph.op('Concat', [symbols, rest], { axis: 0 }); // [time + total]
  const values = graph.op('SliceBetween', [filled, graph.integers([1]), graph.integers([total + 1])], {
    axis: 0,
    extent: total,
  });
  const hidden = features(form, toChannels(graph, values, config, 1), layers);
  const all = form.convolve(hidden, layers.outputs.at(-1)!); // [1, channels * levels, height, width]
  const split = graph.reshape(all, [channels, levels, height * width]);
  const rows = graph.reshape(graph.transpose(split, [2, 0, 1]), [total, levels]);
  const end = graph.op('ShapeOf', [symbols], { start: 0, end: 1 });
  const asked = graph.op('SliceBetween', [rows, graph.integers([0]), end], { axis: 0, extent: 'time' });
  graph.output('logits', withStart(graph, asked, end)); // [time, levels + 1]
  return graph;
}

function buildStep(config: PixelCnnConfig): Graph {
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', ['time']);
  const skippedRows = graph.input('skippedRows', 'int64', [1]);
  const states = stateTensors(config);
  const past = new Map(states.map(({ name, shape }) => [name, graph.input(`past.${name}`, 'float32', shape)]));
  const layers = pixelLayers(config);
  const reader = blockReader({ graph, image: config, inputs: layers.kept, symbols, past });
  const { logits, rows } = overRows(graph, config, layers, reader);
  const time = graph.op('ShapeOf', [symbols], { start: 0, end: 1 });
  const asked = graph.op('SliceBetween', [logits, skippedRows, time], { axis: 0, extent: 'time-skippedRows' });
  graph.output('logits', withStart(graph, asked, graph.sub(time, skippedRows))); // [time - skippedRows, levels + 1]
  for (const { name } of states) graph.output(`present.${name}`, rows.present(name)); // [time, width]
  return graph;
}

function buildSample(config: PixelCnnConfig): Graph {
  const graph = new Graph();
  const symbols = graph.input('symbols', 'int32', ['batch']);
  const states = stateTensors(config);
  const past = new Map(
    states.map(({ name, shape }) => [name, graph.input(`past.${name}`, 'float32', ['past', 'batch', shape[1]!])]),
  );
  const layers = pixelLayers(config);
  const reader = batchReader({ graph, image: config, inputs: layers.kept, symbols, past });
  const { logits, rows } = overRows(graph, config, layers, reader);
  graph.output('logits', logits); // [batch, levels]
  for (const { name } of states) graph.output(`present.${name}`, rows.present(name)); // [batch, width]
  return graph;
}

function overRows(graph: Graph, config: PixelCnnConfig, layers: PixelLayers, reader: RowReader) {
  const rows = new SymbolRows(graph, config, layers.kept, reader, declareParameters(graph, config));
  const form = rowForm(graph, rows);
  const hidden = features(form, intensities(graph, reader.symbols, config.levels), layers);
  return { logits: form.convolve(hidden, layers.outputs.at(-1)!), rows };
}

/** Values, or rows of them -> what the layer of the logits reads. */
function features(form: PixelForm, values: Value, { trunk, outputs }: PixelLayers): Value {
  const { graph } = form;
  const relu = (x: Value) => graph.op('Relu', [x]);
  let hidden = trunkFeatures(form, values, trunk, relu);
  for (const layer of outputs.slice(0, -1)) hidden = relu(form.convolve(hidden, layer));
  return hidden;
}

function trunkFeatures(form: PixelForm, values: Value, trunk: Trunk, relu: (x: Value) => Value): Value {
  const { graph } = form;
  if (trunk.block === 'gated') return relu(gatedFeatures(form, values, trunk));
  let hidden = form.convolve(values, trunk.first);
  if (trunk.block === 'plain') {
    for (const layer of trunk.layers) hidden = form.convolve(relu(hidden), layer);
    return relu(hidden);
  }
  for (const { narrow, convolution, widen } of trunk.layers) {
    const inner = relu(form.convolve(relu(hidden), narrow));
    hidden = graph.add(hidden, form.convolve(relu(form.convolve(inner, convolution)), widen));
  }
  return relu(hidden);
}

function gatedFeatures(form: PixelForm, values: Value, { layers }: Extract<Trunk, { block: 'gated' }>): Value {
  const { graph } = form;
  // tanh(f) sigmoid(g), f and g the two halves
  const gated = ([f, g]: readonly [Value, Value]) => graph.mul(graph.op('Tanh', [f]), graph.op('Sigmoid', [g]));
  let [vertical, horizontal] = [values, values];
  for (const [index, layer] of layers.entries()) {
    const seen = form.convolve(vertical, layer.vertical);
    const handed = form.fromAbove(form.convolve(seen, layer.link), layer.above);
    const mixed = graph.add(form.convolve(horizontal, layer.horizontal), handed);
    const output = form.convolve(gated(form.halves(mixed, true)), layer.output);
    vertical = gated(form.halves(seen, false));
    horizontal = index === 0 ? output : graph.add(output, horizontal);
  }
  return horizontal;
}

/** [batch * total] -> [batch, channels, height, width] */
function toChannels(graph: Graph, symbols: Value, { channels, height, levels, width }: PixelCnnConfig, batch: number) {
  const interleaved = graph.reshape(intensities(graph, symbols, levels), [batch, height, width, channels]);
  if (channels === 1) return graph.reshape(interleaved, [batch, channels, height, width]);
  return graph.transpose(interleaved, [0, 3, 1, 2]);
}

function column(graph: Graph, x: Value, start: number, end: number): Value {
  return start === 0 && end === x.shape[1] ? x : graph.op('Slice', [x], { axis: 1, start, end });
}

/** [rows, levels] -> [rows, levels + 1]: the start symbol, the last, never comes. */
function withStart(graph: Graph, logits: Value, numRows: Value): Value {
  const rows = logits.shape[0]!;
  const extents = graph.op('Concat', [numRows, graph.integers([1])], { axis: 0 });
  const never = graph.op('Fill', [extents], { value: Number.NEGATIVE_INFINITY, dtype: 'float32', shape: [rows, 1] });
  return graph.op('Concat', [logits, never], { axis: 1 });
}

function declareParameters(graph: Graph, config: PixelCnnConfig): ParameterOf {
  const values = new Map(parameterSpecs(config).map(({ name, shape }) => [name, graph.parameter(name, shape)]));
  return (name) => {
    const value = values.get(name);
    if (!value) throw new Error(`pixelCnn: no parameter is named ${name}`);
    return value;
  };
}
