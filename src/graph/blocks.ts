// Convolutions in the layout in which ONNX Runtime computes them best, NCHWc: the channels of a place in blocks of as many as a vector
// register holds. Where weights are constants the runtime changes the layout by itself; in training they are inputs, and it does
// not: a step of PixelCNN took 168 ms then, and 130 with this. A value lies in either form, or in both, each made where it is
// first asked for, so that what is between two convolutions stays in blocks:
//
//   plain    x ---------> [batch, channels, height, width]            the blocks' shape is written as the plain one: only the
//   blocks   Conv, Relu -> [batch, channels / size, height, width, size]     operators below may read what is in them
import { Graph } from './graph.ts';
import { constantImage, declared } from './lowering.ts';
import type { GraphNode, NodeOf, OpInputs, OpName, OpOutputs, Value } from './types.ts';

/** What is done to each element alone, wherever it lies. */
const elementwise: ReadonlySet<OpName> = new Set([
  ...(['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Neg', 'Exp', 'Relu', 'Step', 'Sigmoid', 'Tanh', 'Silu', 'Clip'] as const),
]);

const toLast = '0,2,3,1';
const fromLast = '0,3,1,2';

/** `size` is what the runtime has here: see train/blockSize.ts. The graph is lowered. */
export function inBlocks(graph: Graph, size: number): Graph {
  return size > 1 ? new BlockWriter(graph, size).written() : graph;
}

class BlockWriter {
  readonly #source: Graph;
  readonly #size: number;
  readonly #target: Graph;
  readonly #plain: Map<Value, Value>;
  readonly #blocks = new Map<Value, Value>();
  readonly #uses: ReadonlyMap<Value, readonly GraphNode[]>;

  constructor(source: Graph, size: number) {
    this.#source = source;
    this.#size = size;
    this.#target = new Graph({ floatType: source.floatType });
    this.#plain = declared(source, this.#target);
    this.#uses = usesOf(source);
  }

  written(): Graph {
    for (const node of this.#source.nodes) {
      if (node.outputs.some((output) => this.#blocks.has(output))) continue; // A Relu that its convolution has done.
      if (node.op === 'Conv' && this.#suits(node)) this.#convolve(node);
      else if (elementwise.has(node.op) && this.#liesInBlocks(node)) this.#eachElement(node);
      else if (!this.#transposed(node)) this.#asItIs(node);
    }
    for (const { name, value } of this.#source.outputs) this.#target.output(name, this.#plainOf(value));
    return this.#target;
  }

  /** Whole blocks come out; whole blocks go in, or so little that it may stay plain. */
  #suits({ inputs: [, weight], attributes: { pads } }: NodeOf<'Conv'>): boolean {
    const [outputs, channels] = weight.shape as [number, number];
    const inside = this.#isWhole(channels) || channels < this.#size;
    return this.#isWhole(outputs) && inside && pads.every((pad) => pad >= 0);
  }

  #isWhole(channels: number): boolean {
    return channels % this.#size === 0;
  }

  #convolve({ name, inputs: [x, weight, bias], attributes: { pads }, outputs: [y] }: NodeOf<'Conv'>): void {
    const image = this.#isWhole(Number(weight.shape[1])) ? this.#blocksOf(x) : this.#plainOf(x);
    const kernel = this.#target.scope(name, () => this.#kernel(this.#plainOf(weight)));
    const followers = this.#source.outputs.some(({ value }) => value === y) ? [] : (this.#uses.get(y) ?? []);
    const relu = followers.length === 1 && followers[0]!.op === 'Relu' ? followers[0] : undefined;
    const inputs: OpInputs<'BlockedConv'> = bias ? [image, kernel, this.#plainOf(bias)] : [image, kernel];
    const [made] = this.#target.named(name, 'BlockedConv', inputs, { pads, relu: relu !== undefined });
    this.#blocks.set(relu ? relu.outputs[0] : y, made);
  }

  /**
   * [out, in, rows, columns] -> [out / size, in / size, rows, columns, size of in, size of out], under the shape it had; channels that
   * are no whole block are each one of their own.
   */
  #kernel(weight: Value): Value {
    const [size, target] = [this.#size, this.#target];
    const [outputs, channels, rows, columns] = weight.shape as [number, number, number, number];
    const inner = this.#isWhole(channels) ? size : 1;
    const split = target.reshape(weight, [outputs / size, size, channels / inner, inner, rows, columns]);
    return target.reshape(target.transpose(split, [0, 2, 4, 5, 3, 1]), weight.shape);
  }

  /** Images of one shape, or numbers, and nothing would have to leave its blocks that need not. */
  #liesInBlocks({ inputs, outputs: [y] }: GraphNode): boolean {
    const images = (inputs as readonly Value[]).filter(({ shape }) => shape.length > 0);
    const alike = images.every(({ shape }) => shape.length === 4 && shape.join() === y!.shape.join());
    if (!alike || y!.shape.length !== 4 || !this.#isWhole(Number(y!.shape[1]))) return false;
    const without = (forms: ReadonlyMap<Value, Value>) =>
      images.filter((image) => !forms.has(image) && !this.#waiting(image)).length;
    return without(this.#blocks) <= without(this.#plain) && images.some((image) => this.#blocks.has(image));
  }

  #eachElement(node: GraphNode): void {
    const inputs = (node.inputs as readonly Value[]).map((x) =>
      x.shape.length > 0 ? this.#blocksOf(x) : this.#plainOf(x),
    );
    const [made] = this.#target.named(node.name, node.op, inputs as OpInputs<OpName>, node.attributes);
    this.#blocks.set(node.outputs[0]!, made!);
  }

  /** Blocks can be read, and made, with the channels last as well: then a transposition costs nothing more. */
  #transposed(node: GraphNode): boolean {
    if (node.op !== 'Transpose') return false;
    const blocks = this.#blocks.get(node.inputs[0]);
    if (node.attributes.permutation.join() !== toLast || !blocks) return this.#waiting(node.outputs[0]) !== undefined;
    this.#plain.set(node.outputs[0], this.#target.op('FromBlocks', [blocks], { channelsLast: true }));
    return true;
  }

  /** What makes it an image from one with the channels last, which happens when it is known in which form. */
  #waiting(value: Value): NodeOf<'Transpose'> | undefined {
    const node = this.#source.producer(value);
    const suits = node?.op === 'Transpose' && node.attributes.permutation.join() === fromLast;
    return suits && this.#isWhole(Number(value.shape[1])) ? node : undefined;
  }

  #asItIs(node: GraphNode): void {
    const inputs = (node.inputs as readonly Value[]).map((x) => this.#plainOf(x)) as OpInputs<OpName>;
    const outputs: OpOutputs<OpName> = this.#target.named(node.name, node.op, inputs, node.attributes);
    for (const [index, output] of node.outputs.entries()) this.#plain.set(output, outputs[index]!);
  }

  #plainOf(value: Value): Value {
    return formOf(value, this.#plain, () => {
      const blocks = this.#blocks.get(value);
      if (blocks) return this.#target.op('FromBlocks', [blocks]);
      const node = this.#waiting(value);
      if (!node) return constantImage(this.#source, this.#target, value);
      return this.#target.named(node.name, 'Transpose', [this.#plainOf(node.inputs[0])], node.attributes)[0];
    });
  }

  #blocksOf(value: Value): Value {
    return formOf(value, this.#blocks, () => {
      const node = this.#plain.has(value) ? undefined : this.#waiting(value);
      if (node) return this.#target.op('ToBlocks', [this.#plainOf(node.inputs[0])], { channelsLast: true });
      return this.#target.op('ToBlocks', [this.#plainOf(value)]);
    });
  }
}

function formOf(value: Value, forms: Map<Value, Value>, make: () => Value): Value {
  const form = forms.get(value) ?? make();
  forms.set(value, form);
  return form;
}

function usesOf(graph: Graph): Map<Value, GraphNode[]> {
  const uses = new Map<Value, GraphNode[]>();
  for (const node of graph.nodes)
    for (const input of node.inputs) {
      const known = uses.get(input);
      if (known) known.push(node);
      else uses.set(input, [node]);
    }
  return uses;
}
