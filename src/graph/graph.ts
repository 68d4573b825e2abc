// A graph under construction: values, nodes in the order they were made, and what goes in and out. Nothing is computed
// here. A node is named by its address, the scopes around it and its operator: `layers.0/attention/query/Gemm`.
import { type DType, float32, float64, int64, sizeOf, type Tensor } from '../base/tensor.ts';
import { type Shape, sameShape } from './extents.ts';
import { ops } from './ops.ts';
import type {
  AttributeArguments,
  Builder,
  GraphNode,
  Loop,
  LoopResult,
  LoopTurn,
  NodeOf,
  OpAttributes,
  OpInputs,
  OpName,
  OpOutputs,
  TensorType,
  Value,
} from './types.ts';

export type { Extent, Shape } from './extents.ts';
export type { GraphNode, Value } from './types.ts';

export class Graph implements Builder {
  readonly inputs: Value[] = [];
  readonly parameters: Value[] = [];
  readonly nodes: GraphNode[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  /** Constants, interned: one value for each type, shape and content. */
  readonly initializers = new Map<Value, Tensor>();

  /** float64 only in graphs made for gradient checks. */
  readonly floatType: 'float32' | 'float64';
  readonly #constants = new Map<string, Value>();
  readonly #uses = new Map<string, number>();
  readonly #producers = new Map<Value, GraphNode>();
  #scope = '';

  constructor({ floatType = 'float32' }: { floatType?: 'float32' | 'float64' } = {}) {
    this.floatType = floatType;
  }

  input(name: string, dtype: DType, shape: Shape): Value {
    const value = this.#value(name, { dtype, shape });
    this.inputs.push(value);
    return value;
  }

  /** Of the graph's float type, unless it is said. */
  parameter(name: string, shape: readonly number[], dtype: DType = this.floatType): Value {
    const value = this.#value(name, { dtype, shape });
    this.parameters.push(value);
    return value;
  }

  constant(tensor: Tensor): Value {
    const key = `${tensor.dtype}[${tensor.shape.join()}]${contentKey(tensor)}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const label = sizeOf(tensor.shape) === 1 ? String(tensor.data[0]) : `${tensor.dtype}[${tensor.shape.join('x')}]`;
    const value = this.#value(this.#unique(`constants/${label}`), tensor);
    this.#constants.set(key, value);
    this.initializers.set(value, tensor);
    return value;
  }

  /** A constant of the graph's float type and shape []. */
  scalar(value: number): Value {
    return this.constant(
      this.floatType === 'float32' ? float32(Float32Array.of(value), []) : float64(Float64Array.of(value), []),
    );
  }

  /** An int64 constant of shape [values.length]. */
  integers(values: readonly number[]): Value {
    return this.constant(int64(BigInt64Array.from(values, BigInt), [values.length]));
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value });
  }

  op<P extends OpName>(name: P, inputs: OpInputs<P>, ...attributes: AttributeArguments<P>): Value {
    return this.all(name, inputs, ...attributes)[0]!;
  }

  all<P extends OpName>(name: P, inputs: OpInputs<P>, ...rest: AttributeArguments<P>): OpOutputs<P> {
    return this.named(this.#scope + name, name, inputs, rest[0] ?? {});
  }

  /** `all` at a given address, whatever the scope. */
  named<P extends OpName>(name: string, op: P, inputs: OpInputs<P>, attributes: OpAttributes<P>): OpOutputs<P> {
    const address = this.#unique(name);
    const types = inferTypes(address, op, inputs, attributes);
    const outputs = types.map((type, index) => this.#value(index === 0 ? address : `${address}:${index}`, type));
    const node: NodeOf<P> = { op, name: address, inputs, attributes, outputs };
    this.nodes.push(node as unknown as GraphNode);
    for (const output of outputs) this.#producers.set(output, node as unknown as GraphNode);
    return outputs;
  }

  /** Names every node that `body` makes below `name`. */
  scope<T>(name: string, body: () => T): T {
    const outer = this.#scope;
    this.#scope = `${outer}${name}/`;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /** The node that computes a value; none for inputs, parameters and constants. */
  producer(value: Value): GraphNode | undefined {
    return this.#producers.get(value);
  }

  add(a: Value, b: Value): Value {
    return this.op('Add', [a, b]);
  }

  sub(a: Value, b: Value): Value {
    return this.op('Sub', [a, b]);
  }

  mul(a: Value, b: Value): Value {
    return this.op('Mul', [a, b]);
  }

  /** No node when the shape is already so. */
  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.op('Reshape', [x], { shape });
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    return this.op('Transpose', [x], { permutation });
  }

  loop({ states, sequences, shared, reverse = false }: Loop, turn: LoopTurn): LoopResult {
    const body = new Graph({ floatType: this.floatType });
    const declare = (kind: string, { dtype, shape }: Value, index: number) =>
      body.input(`${kind}${index}`, dtype, shape);
    const made = turn(
      body,
      states.map((value, index) => declare('state', value, index)),
      sequences.map(({ shape, ...value }, index) => declare('row', { ...value, shape: shape.slice(1) }, index)),
      shared.map((value, index) => declare('shared', value, index)),
    );
    for (const [index, value] of made.states.entries()) body.output(`nextState${index}`, value);
    for (const [index, value] of made.rows.entries()) body.output(`nextRow${index}`, value);
    const outputs = this.all('Scan', [...states, ...sequences, ...shared], {
      body,
      numStates: states.length,
      numSequences: sequences.length,
      reverse,
    });
    return { states: outputs.slice(0, states.length), rows: outputs.slice(states.length) };
  }

  /** One value everywhere, made when the graph is loaded; large constants stay out of the file. */
  fill(value: number, shape: readonly number[], dtype: DType = 'float32'): Value {
    return this.op('Fill', [this.integers(shape)], { value, dtype, shape });
  }

  #value(name: string, { dtype, shape }: TensorType): Value {
    return { name, dtype, shape };
  }

  #unique(name: string): string {
    const uses = (this.#uses.get(name) ?? 0) + 1;
    this.#uses.set(name, uses);
    return uses === 1 ? name : this.#unique(`${name}.${uses}`);
  }
}

function inferTypes<P extends OpName>(
  address: string,
  name: P,
  inputs: OpInputs<P>,
  attributes: OpAttributes<P>,
): readonly TensorType[] {
  try {
    return ops[name].infer(inputs, attributes);
  } catch (error) {
    if (error instanceof RangeError) error.message = `${address}: ${error.message}`;
    throw error;
  }
}

function contentKey(tensor: Tensor): string {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
