// A graph with weights of few bits in place of its float32 ones, whatever the architecture: every product x wT and every look-up of a
// parameter becomes that of the parameter's form, and the rest stays as it is.
import type { FloatTensor, Tensor } from '../base/tensor.ts';
import { Graph, type GraphNode, type Value } from '../graph/graph.ts';
import type { BlockFormat, NodeOf, OpInputs, OpName, OpOutputs } from '../graph/types.ts';
import { blockSize, columnSizes, divideColumns, quantizeBlocks, quantizeRows } from './quantizeWeights.ts';

/**
 * How a parameter [N, K] is stored: in blocks with a scale each; the same after its columns were brought to one size, for tables that are
 * looked up; or in rows of 8 bits, for x that is rounded as a whole.
 */
export type WeightForm = 'blocks4' | 'blocks8' | 'evenBlocks8' | 'rows8';

/** The forms of parameters, by name; others stay float32. */
export type WeightForms = ReadonlyMap<string, WeightForm>;

export interface QuantizableWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Read row by row, too, as an embedding is. */
  readonly lookedUp: boolean;
}

/** The parameters that all of these graphs use in products x wT and look-ups only, and whose rows are whole blocks. */
export function quantizableWeights(graphs: readonly Graph[]): QuantizableWeight[] {
  const uses = new Map<string, { readonly shape: readonly number[]; suits: boolean; lookedUp: boolean }>();
  for (const graph of graphs) {
    const parameters = new Set(graph.parameters);
    for (const node of graph.nodes)
      for (const [index, value] of (node.inputs as readonly Value[]).entries()) {
        if (!parameters.has(value)) continue;
        const shape = value.shape as readonly number[];
        const use = uses.get(value.name) ?? {
          shape,
          suits: shape.length === 2 && shape[1]! % blockSize === 0,
          lookedUp: false,
        };
        const [product, lookUp] = [isProduct(graph, node, index), node.op === 'Gather' && index === 0];
        use.suits &&= product || lookUp;
        use.lookedUp ||= lookUp;
        uses.set(value.name, use);
      }
  }
  return [...uses].flatMap(([name, { shape, suits, lookedUp }]) => (suits ? [{ name, shape, lookedUp }] : []));
}

/** Whether the input is w in x wT, or a part of w, which is joined of parameters. */
function isProduct(graph: Graph, node: GraphNode, index: number): boolean {
  if (node.op !== 'Concat' || node.attributes.axis !== 0) return isProductWith(node, index);
  if (!node.inputs.every((input) => graph.parameters.includes(input))) return false;
  const [joined] = node.outputs;
  return graph.nodes.every((other) =>
    (other.inputs as readonly Value[]).every((value, place) => value !== joined || isProductWith(other, place)),
  );
}

/** Whether the input is w in x wT. */
function isProductWith(node: GraphNode, index: number): boolean {
  return node.op === 'Gemm' && index === 1 && node.attributes.transB === true && node.attributes.transA !== true;
}

/** The parameters of the quantized graphs, by name. */
export function quantizeParameters(
  parameters: ReadonlyMap<string, FloatTensor>,
  forms: WeightForms,
): Map<string, Tensor> {
  const result = new Map<string, Tensor>();
  for (const [name, tensor] of parameters) {
    const form = forms.get(name);
    if (form === undefined) {
      result.set(name, tensor);
      continue;
    }
    const columns = form === 'evenBlocks8' ? columnSizes(tensor) : undefined;
    const even = columns ? divideColumns(tensor, columns) : tensor;
    const { values, scales } = form === 'rows8' ? quantizeRows(even) : quantizeBlocks(even, bitsOf(form));
    result.set(valuesName(name), values);
    result.set(scalesName(name), scales);
    if (columns) result.set(columnsName(name), columns);
  }
  return result;
}

export function quantizeGraph(graph: Graph, forms: WeightForms): Graph {
  return new Quantizer(graph, forms).written();
}

function bitsOf(form: Exclude<WeightForm, 'rows8'>): 4 | 8 {
  return form === 'blocks4' ? 4 : 8;
}

const valuesName = (name: string) => `${name}.quantized`;
const scalesName = (name: string) => `${name}.scales`;
const columnsName = (name: string) => `${name}.columns`;

function formatOf(form: Exclude<WeightForm, 'rows8'>): BlockFormat {
  return { bits: bitsOf(form), size: blockSize };
}

interface Weight {
  readonly form: WeightForm;
  readonly values: Value;
  readonly scales: Value;
  /** What the columns were divided by. */
  readonly columns?: Value;
}

class Quantizer {
  readonly #source: Graph;
  readonly #target = new Graph();
  readonly #images = new Map<Value, Value>();
  readonly #weights = new Map<Value, Weight>();
  /** What was rounded to 8 bits; several products may read it. */
  readonly #rounded = new Map<Value, OpOutputs<'DynamicQuantizeLinear'>>();

  constructor(source: Graph, forms: WeightForms) {
    this.#source = source;
    for (const value of source.inputs)
      this.#images.set(value, this.#target.input(value.name, value.dtype, value.shape));
    for (const value of source.parameters) {
      const form = forms.get(value.name);
      if (form) this.#weights.set(value, this.#declare(value, form));
      else this.#images.set(value, this.#target.parameter(value.name, value.shape as readonly number[]));
    }
  }

  written(): Graph {
    for (const node of this.#source.nodes) {
      const weight = this.#weights.get(node.inputs[node.op === 'Gather' ? 0 : 1]!);
      if (weight && node.op === 'Gemm') this.#images.set(node.outputs[0], this.#product(node, weight));
      else if (weight && node.op === 'Gather') this.#images.set(node.outputs[0], this.#lookUp(node, weight));
      else if (node.op === 'Concat' && node.inputs.every((input) => this.#weights.has(input))) this.#join(node);
      else this.#asItIs(node);
    }
    for (const { name, value } of this.#source.outputs) this.#target.output(name, this.#image(value));
    return this.#target;
  }

  #declare({ name, shape }: Value, form: WeightForm): Weight {
    const [rows, columns] = shape as [number, number];
    const target = this.#target;
    if (form === 'rows8')
      return {
        form,
        values: target.parameter(valuesName(name), [columns, rows], 'int8'),
        scales: target.parameter(scalesName(name), [rows]),
      };
    const blocks = columns / blockSize;
    const bytes = (blockSize * bitsOf(form)) / 8;
    return {
      form,
      values: target.parameter(valuesName(name), [rows, blocks, bytes], 'uint8'),
      scales: target.parameter(scalesName(name), [rows, blocks]),
      ...(form === 'evenBlocks8' && { columns: target.parameter(columnsName(name), [columns]) }),
    };
  }

  #join({ name, inputs, outputs: [joined] }: NodeOf<'Concat'>): void {
    const parts = inputs.map((input) => this.#weights.get(input)!);
    const [{ form, columns }] = parts as [Weight];
    if (columns || parts.some((part) => part.form !== form))
      throw new Error(`quantizeGraph: ${name}: expected weights of one form and no table, got others`);
    const target = this.#target;
    const concat = (values: readonly Value[], axis: number) => target.op('Concat', values, { axis });
    this.#weights.set(
      joined,
      target.scope(name, () => ({
        form,
        values: concat(
          parts.map(({ values }) => values),
          form === 'rows8' ? 1 : 0,
        ),
        scales: concat(
          parts.map(({ scales }) => scales),
          0,
        ),
      })),
    );
  }

  #product({ name, inputs: [a, , bias] }: NodeOf<'Gemm'>, { form, values, scales, columns }: Weight): Value {
    const target = this.#target;
    const x = this.#image(a);
    return target.scope(name, () => {
      const product =
        form === 'rows8'
          ? this.#integerProduct(x, values, scales)
          : target.op('MatMulNBits', [columns ? target.mul(x, columns) : x, values, scales], formatOf(form));
      return bias ? target.add(product, this.#image(bias)) : product;
    });
  }

  #integerProduct(x: Value, values: Value, scales: Value): Value {
    const [y, scale, zero] = this.#rounded.get(x) ?? this.#target.all('DynamicQuantizeLinear', [x]);
    this.#rounded.set(x, [y, scale, zero]);
    return this.#target.op('MatMulIntegerToFloat', [y, values, scale, scales, zero]);
  }

  #lookUp({ name, inputs: [, symbols], outputs: [y] }: NodeOf<'Gather'>, weight: Weight): Value {
    const { form, values, scales, columns } = weight;
    if (form === 'rows8') throw new Error(`quantizeGraph: ${name}: expected a table in blocks, got rows of columns`);
    const target = this.#target;
    const indices = this.#image(symbols);
    return target.scope(name, () => {
      const alike = target.reshape(scales, [...scales.shape, 1]); // Of a constant: done when the model is loaded.
      const rows = target.op('GatherBlockQuantized', [values, indices, alike], formatOf(form)); // [..., blocks, 32]
      const even = target.reshape(rows, y.shape);
      return columns ? target.mul(even, columns) : even;
    });
  }

  #asItIs(node: GraphNode): void {
    const inputs = (node.inputs as readonly Value[]).map((x) => this.#image(x)) as OpInputs<OpName>;
    const outputs: OpOutputs<OpName> = this.#target.named(node.name, node.op, inputs, node.attributes);
    for (const [index, output] of node.outputs.entries()) this.#images.set(output, outputs[index]!);
  }

  #image(value: Value): Value {
    const image = this.#images.get(value) ?? this.#constant(value);
    this.#images.set(value, image);
    return image;
  }

  #constant(value: Value): Value {
    const tensor = this.#source.initializers.get(value);
    if (!tensor)
      throw new Error(`quantizeGraph: ${value.name} is no value of the graph, or a quantized weight used otherwise`);
    return this.#target.constant(tensor);
  }
}
