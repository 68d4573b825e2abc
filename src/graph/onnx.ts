// Writes a graph as an ONNX model (IR version 10, operator set 21, com.microsoft 1). Parameters are inputs, or
// initializers that point into a file beside the model, or initializers in the model itself.
import type { DType, Tensor } from '../base/tensor.ts';
import { inBlocks } from './blocks.ts';
import type { Graph } from './graph.ts';
import { type FloatType, inFloat64, lowered } from './lowering.ts';
import { type OnnxAttribute, type OnnxNode, onnxTypes, ops } from './ops.ts';
import { ProtobufWriter } from './protobuf.ts';
import type { OpAttributes, OpInputs, OpName, TensorType, Value } from './types.ts';

const IR_VERSION = 10;
const OPERATOR_SETS = [
  { domain: '', version: 21 },
  { domain: 'com.microsoft', version: 1 },
];
/** ONNX Runtime's own, of which models that leave the house know nothing. */
const BLOCK_OPERATORS = { domain: 'com.microsoft.nchwc', version: 1 };
const PRODUCER = 'chainrule';

/** Bytes of a file in the model's folder. */
export interface ExternalTensor {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export type ParameterPlacement =
  | 'inputs'
  | { readonly external: ReadonlyMap<string, ExternalTensor> }
  | { readonly embedded: ReadonlyMap<string, Tensor> };

export interface OnnxOptions {
  readonly parameters: ParameterPlacement;
  /** float64 is for gradient checks. */
  readonly dtype?: FloatType;
  /** Channels in a block of the runtime's convolutions (graph/blocks.ts), for graphs that are trained. 1: there are no blocks. */
  readonly blockSize?: number;
}

export function toOnnx(graph: Graph, { parameters, dtype = 'float32', blockSize = 1 }: OnnxOptions): Uint8Array {
  const model = inBlocks(lowered(graph, dtype), blockSize);
  const writer = new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, PRODUCER)
    .message(7, (nested) => writeGraph(nested, model, parameters, { prefix: '', captured: new Map() }));
  for (const { domain, version } of blockSize > 1 ? [...OPERATOR_SETS, BLOCK_OPERATORS] : OPERATOR_SETS)
    writer.message(8, (nested) => nested.text(1, domain).integer(2, version));
  return writer.finish().slice();
}

/** A loop's body shares the names of the graph around it: its own have a prefix, and what it captures has the outer name. */
interface Scope {
  readonly prefix: string;
  readonly captured: ReadonlyMap<Value, string>;
}

function writeGraph(
  writer: ProtobufWriter,
  graph: Graph,
  placement: ParameterPlacement,
  { prefix, captured }: Scope,
): void {
  const names = outputNames(graph);
  const nameOf = (value: Value) => captured.get(value) ?? prefix + (names.get(value) ?? value.name);
  const constants = new Map(graph.initializers);
  for (const node of graph.nodes) {
    const emitted = emit(node.op, node.inputs, node.attributes);
    const extra = (emitted.constants ?? []).map((tensor) => graph.constant(tensor));
    for (const value of extra) constants.set(value, graph.initializers.get(value)!);
    const listed = node.inputs.slice(0, node.inputs.length - (emitted.body?.captured ?? 0));
    const inputs = [...listed, ...extra].map(nameOf);
    for (const place of emitted.omitted ?? []) inputs.splice(place, 0, '');
    const name = prefix + node.name;
    writer.message(1, (nested) => {
      writeNode(nested, name, emitted, inputs, node.outputs.map(nameOf));
      if (emitted.body) writeBody(nested, emitted.body.graph, name, node.inputs.slice(listed.length).map(nameOf));
    });
  }
  for (const { name, value } of graph.outputs)
    if (names.get(value) !== name)
      writer.message(1, (nested) =>
        writeNode(nested, `${prefix}${name}/Identity`, { type: 'Identity' }, [nameOf(value)], [prefix + name]),
      );
  writer.text(2, PRODUCER);
  for (const [value, tensor] of constants) writer.message(5, (nested) => writeTensor(nested, nameOf(value), tensor));
  for (const parameter of graph.parameters)
    if (placement !== 'inputs') writer.message(5, (nested) => writeParameter(nested, parameter, placement));
  for (const input of [...graph.inputs, ...(placement === 'inputs' ? graph.parameters : [])])
    if (!captured.has(input)) writer.message(11, (nested) => writeValue(nested, nameOf(input), input));
  for (const { name, value } of graph.outputs) writer.message(12, (nested) => writeValue(nested, prefix + name, value));
}

/** The node's attribute `body`. Its last inputs are captured: they stand for values of the graph around it. */
function writeBody(writer: ProtobufWriter, body: Graph, name: string, outerNames: readonly string[]): void {
  const first = body.inputs.length - outerNames.length;
  const captured = new Map(outerNames.map((outer, index) => [body.inputs[first + index]!, outer]));
  writer.message(5, (attribute) =>
    attribute
      .text(1, 'body')
      .message(6, (nested) => writeGraph(nested, body, 'inputs', { prefix: `${name}/`, captured }))
      .integer(20, 5),
  );
}

/** A computed value that leaves the graph takes the output's name, the first if there are several. */
function outputNames(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const { name, value } of graph.outputs) if (graph.producer(value) && !names.has(value)) names.set(value, name);
  return names;
}

function emit<P extends OpName>(op: P, inputs: OpInputs<P>, attributes: OpAttributes<P>): OnnxNode {
  const row = ops[op];
  if (!row.onnx) throw new Error(`toOnnx: ${op} was not lowered`);
  return row.onnx(inputs, attributes);
}

function writeNode(
  writer: ProtobufWriter,
  name: string,
  { type, domain, attributes = {} }: OnnxNode,
  inputs: readonly string[],
  outputs: readonly string[],
): void {
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(3, name).text(4, type);
  for (const [key, value] of Object.entries(attributes))
    writer.message(5, (nested) => writeAttribute(nested.text(1, key), value));
  if (domain) writer.text(7, domain);
}

function writeAttribute(writer: ProtobufWriter, attribute: OnnxAttribute): void {
  if ('float' in attribute) writer.float(2, attribute.float).integer(20, 1);
  else if ('int' in attribute) writer.integer(3, attribute.int).integer(20, 2);
  else if ('text' in attribute) writer.text(4, attribute.text).integer(20, 3);
  else if ('tensor' in attribute)
    writer.message(5, (nested) => writeTensor(nested, '', attribute.tensor)).integer(20, 4);
  else writer.packedIntegers(8, attribute.ints).integer(20, 7);
}

function writeTensor(writer: ProtobufWriter, name: string, { dtype, shape, data }: Tensor): void {
  writeTensorHeader(writer, name, dtype, shape);
  writer.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeTensorHeader(writer: ProtobufWriter, name: string, dtype: DType, shape: readonly number[]): void {
  if (shape.length > 0) writer.packedIntegers(1, shape);
  writer.integer(2, onnxTypes[dtype]).text(8, name);
}

const EXTERNAL = 1;

function writeParameter(
  writer: ProtobufWriter,
  { name, dtype, shape }: Value,
  placement: Exclude<ParameterPlacement, 'inputs'>,
): void {
  if ('embedded' in placement) {
    const tensor = found(placement.embedded, name);
    writeTensor(writer, name, dtype === 'float64' ? inFloat64(tensor) : tensor);
    return;
  }
  const { location, offset, length } = found(placement.external, name);
  writeTensorHeader(writer, name, dtype, shape as readonly number[]);
  for (const [key, value] of Object.entries({ location, offset, length }))
    writer.message(13, (nested) => nested.text(1, key).text(2, String(value)));
  writer.integer(14, EXTERNAL);
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const item = map.get(name);
  if (item === undefined) throw new Error(`toOnnx: expected a tensor for every parameter, got none for ${name}`);
  return item;
}

function writeValue(writer: ProtobufWriter, name: string, { dtype, shape }: TensorType): void {
  writer.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, onnxTypes[dtype]).message(2, (dimensions) => {
        for (const extent of shape)
          dimensions.message(1, (dimension) =>
            typeof extent === 'number' ? dimension.integer(1, extent) : dimension.text(2, extent),
          );
      }),
    ),
  );
}
