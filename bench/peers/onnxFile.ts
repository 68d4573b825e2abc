// An ONNX model put together node by node, with its large tensors in a file beside it (`NAME.onnx_data`), as exporters of other
// houses write it: operators and types that our own graphs have no use for.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ProtobufWriter } from '../../src/graph/protobuf.ts';

const onnxTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type OnnxType = keyof typeof onnxTypes;
export type OnnxData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
/** A whole number is an integer; a float is said to be one. */
export type OnnxAttribute = number | { readonly float: number };

const IR_VERSION = 10;
const EXTERNAL = 1;
/** Below this a tensor stays in the model, where shape inference sees it. */
const SMALL_BYTES = 1024;
const ALIGNMENT = 64;

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
}

export class OnnxFile {
  readonly #path: string;
  readonly #data: number;
  #dataLength = 0;
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors: ((writer: ProtobufWriter) => void)[] = [];
  readonly #inputs: ((writer: ProtobufWriter) => void)[] = [];
  readonly #outputs: ((writer: ProtobufWriter) => void)[] = [];
  readonly #names = new Set<string>();

  constructor(file: string) {
    this.#path = file;
    this.#data = openSync(`${file}_data`, 'w');
  }

  input(name: string, type: OnnxType, shape: readonly (number | string)[]): void {
    this.#inputs.push((writer) => writeValue(writer, name, type, shape));
  }

  output(name: string, type: OnnxType, shape: readonly (number | string)[]): void {
    this.#outputs.push((writer) => writeValue(writer, name, type, shape));
  }

  /** Returns its name; the second of a name is the first. */
  tensor(name: string, shape: readonly number[], data: OnnxData): string {
    if (this.#names.has(name)) return name;
    this.#names.add(name);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const header = (writer: ProtobufWriter) => {
      if (shape.length > 0) writer.packedIntegers(1, shape);
      writer.integer(2, onnxTypes[typeOf(data)]).text(8, name);
    };
    if (bytes.length <= SMALL_BYTES) {
      this.#tensors.push((writer) => {
        header(writer);
        writer.bytes(9, bytes);
      });
      return name;
    }
    const place = { location: `${path.basename(this.#path)}_data`, offset: this.#append(bytes), length: bytes.length };
    this.#tensors.push((writer) => {
      header(writer);
      for (const [key, value] of Object.entries(place))
        writer.message(13, (entry) => entry.text(1, key).text(2, String(value)));
      writer.integer(14, EXTERNAL);
    });
    return name;
  }

  node(node: OnnxNode): void {
    this.#nodes.push(node);
  }

  finish(): void {
    closeSync(this.#data);
    const writer = new ProtobufWriter().integer(1, IR_VERSION).message(7, (graph) => {
      for (const [index, node] of this.#nodes.entries())
        graph.message(1, (nested) => writeNode(nested, node, `${node.type}.${index}`));
      graph.text(2, 'peer');
      for (const write of this.#tensors) graph.message(5, write);
      for (const write of this.#inputs) graph.message(11, write);
      for (const write of this.#outputs) graph.message(12, write);
    });
    for (const [domain, version] of [['', 21] as const, ['com.microsoft', 1] as const])
      writer.message(8, (nested) => nested.text(1, domain).integer(2, version));
    writeFileSync(this.#path, writer.finish());
  }

  #append(bytes: Uint8Array): number {
    const gap = (ALIGNMENT - (this.#dataLength % ALIGNMENT)) % ALIGNMENT;
    for (const part of [new Uint8Array(gap), bytes])
      for (let at = 0; at < part.length; ) at += writeSync(this.#data, part, at);
    const offset = this.#dataLength + gap;
    this.#dataLength = offset + bytes.length;
    return offset;
  }
}

function typeOf(data: OnnxData): OnnxType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

function writeNode(writer: ProtobufWriter, node: OnnxNode, name: string): void {
  for (const input of node.inputs) writer.text(1, input);
  for (const output of node.outputs) writer.text(2, output);
  writer.text(3, name).text(4, node.type);
  for (const [key, value] of Object.entries(node.attributes ?? {}))
    writer.message(5, (nested) =>
      typeof value === 'number'
        ? nested.text(1, key).integer(3, value).integer(20, 2)
        : nested.text(1, key).float(2, value.float).integer(20, 1),
    );
  if (node.domain !== undefined) writer.text(7, node.domain);
}

function writeValue(writer: ProtobufWriter, name: string, type: OnnxType, shape: readonly (number | string)[]): void {
  writer.text(1, name).message(2, (value) =>
    value.message(1, (tensor) =>
      tensor.integer(1, onnxTypes[type]).message(2, (extents) => {
        for (const extent of shape)
          extents.message(1, (nested) =>
            typeof extent === 'number' ? nested.integer(1, extent) : nested.text(2, extent),
          );
      }),
    ),
  );
}
