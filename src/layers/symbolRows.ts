// Masked convolutions one symbol at a time. The features of each symbol (of one channel of one pixel) are one row, and a layer keeps the
// rows that it reads, so that a new symbol costs one product for each layer: its taps are gathered by index arithmetic from the rows
// before it, and row 0 of what is gathered from is zero, for taps outside of the image.
//
//   3 x 3 over grey, width 4:     . . . .        row t reads rows t-5, t-4, t-3, t-1 and t; at the left border
//                                 o o o .        the places of t-5 and t-1 are outside, and zero.
//                                 o t . .
//
// How the rows before are reached: rowReaders.ts.
import { int32 } from '../base/tensor.ts';
import type { Extent, Graph, Value } from '../graph/graph.ts';
import { biasName, type CausalConvolution, numTaps, type ParameterOf, weightMatrix } from './causalConvolution.ts';

export interface ImageExtents {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Where a layer finds what it reads. */
export interface KeptInput {
  readonly layer: CausalConvolution;
  /** The state tensor, and which part of each of its rows, so many numbers wide. Layers that read the same share a part. */
  readonly state: string;
  readonly part: number;
  readonly width: number;
  /** Rows begin with the start symbol, so that the value of a symbol is in the row after it. */
  readonly afterStart?: boolean;
  /** Every row has the features of all groups. */
  readonly allGroups?: boolean;
  /** A row stands for the pixel so many pixels before its own; what the layer makes, for one that is `lag` before. */
  readonly inputLag?: number;
  readonly lag?: number;
}

/** How a graph reads rows: those of its own symbols, and the ones before them. */
export interface RowReader {
  readonly rows: Extent;
  readonly symbols: Value; // [rows]
  /** Of each row, or of all at once: how many symbols came before it, and how many of them in its line. */
  readonly index: Value; // int32 [rows or 1]
  readonly place: Value; // int32 [rows or 1]
  /** What one part of a state has at the offsets of each row, x being its new rows: [rows, taps * width]. */
  read(x: Value, kept: KeptInput): Value;
}

/** From the row of a symbol, by its place in its line: [width * channels][taps]. */
export type Offsets = readonly (readonly number[])[];

/** Below every index of a row. */
export const OUTSIDE = -1e9;

/** From the row of a symbol to each row it reads, by the symbol's place in its line: [width * channels][taps]. */
export function tapOffsets(kept: KeptInput, { width, channels }: ImageExtents): Offsets {
  const { layer, afterStart = false, allGroups = false, inputLag = 0, lag = 0 } = kept;
  const columns = layer.left + 1 + layer.right;
  const groups = allGroups ? 1 : channels;
  return Array.from({ length: width * channels }, (_, place) => {
    const [pixel, channel] = [Math.floor(place / channels), place % channels];
    const column = (((pixel - lag) % width) + width) % width;
    return Array.from({ length: numTaps(layer, channels) * groups }, (_, entry) => {
      const tap = Math.floor(entry / groups);
      const [dy, dx] = [Math.floor(tap / columns) - layer.above, (tap % columns) - layer.left];
      const group = allGroups ? channel : entry % groups;
      const offset = (dy * width + dx + inputLag - lag) * channels + group - channel + (afterStart ? 1 : 0);
      const isOwnPlace = layer.mask !== 'none' && dy === 0 && dx === 0;
      if (column + dx < 0 || column + dx >= width || (isOwnPlace && offset > 0)) return OUTSIDE;
      if (offset > 0) throw new RangeError(`${layer.name}: expected taps that are known, got one ${offset} rows ahead`);
      return offset;
    });
  });
}

/** Every state and the widths of its parts, in the order of the layers. */
export function statesOf(inputs: readonly KeptInput[]): Map<string, number[]> {
  const states = new Map<string, number[]>();
  for (const { state, part, width } of inputs) {
    const widths = states.get(state) ?? [];
    widths[part] = width;
    states.set(state, widths);
  }
  return states;
}

/** The layers over rows, and what they leave for the rows to come. */
export class SymbolRows {
  readonly #graph: Graph;
  readonly #image: ImageExtents;
  readonly #reader: RowReader;
  readonly #parameter: ParameterOf;
  readonly #inputs: ReadonlyMap<CausalConvolution, KeptInput>;
  readonly #fresh = new Map<string, Value[]>();

  constructor(
    graph: Graph,
    image: ImageExtents,
    inputs: readonly KeptInput[],
    reader: RowReader,
    parameter: ParameterOf,
  ) {
    this.#graph = graph;
    this.#image = image;
    this.#reader = reader;
    this.#parameter = parameter;
    this.#inputs = new Map(inputs.map((kept) => [kept.layer, kept]));
  }

  /** x [rows, features of the row's group] -> the same of what the layer makes; without a mask, the features of all groups. */
  convolve(x: Value, layer: CausalConvolution): Value {
    const graph = this.#graph;
    const kept = this.#inputs.get(layer);
    const taps = kept ? this.#read(x, kept) : x; // [rows, taps * inputs]
    const matrix = weightMatrix(graph, layer, this.#image.channels, this.#parameter);
    const all = graph.op('Gemm', [taps, matrix, this.#parameter(biasName(layer))], { transB: true });
    return layer.mask === 'none' ? all : this.ownGroup(all); // [rows, outputs of the group]
  }

  /** What the one place of a window has, no weights applied. */
  look(x: Value, layer: CausalConvolution): Value {
    return this.#read(x, this.#inputs.get(layer)!);
  }

  /** [rows, all groups] -> [rows, the row's group] */
  ownGroup(x: Value): Value {
    const { channels, width } = this.#image;
    if (channels === 1) return x;
    const table = Float32Array.from({ length: width * channels * channels }, (_, at) =>
      Number(at % channels === Math.floor(at / channels) % channels),
    );
    const { place, rows } = this.#reader;
    const constant = this.#graph.constant({ dtype: 'float32', shape: [width * channels, channels], data: table });
    const chosen = this.#graph.op('Gather', [constant, place]); // [rows or 1, channels]
    const groups = this.#graph.reshape(x, [rows, channels, Number(x.shape[1]) / channels]);
    const masked = this.#graph.mul(groups, this.#graph.reshape(chosen, [place.shape[0]!, channels, 1]));
    return this.#graph.op('ReduceSum', [masked], { axes: [1], keepDims: false });
  }

  /** The new rows of a state: [rows, width] */
  present(state: string): Value {
    const parts = this.#fresh.get(state)!;
    return parts.length === 1 ? parts[0]! : this.#graph.op('Concat', parts, { axis: 1 });
  }

  #read(x: Value, kept: KeptInput): Value {
    const { state, part, inputLag = 0 } = kept;
    const parts = this.#fresh.get(state) ?? [];
    this.#fresh.set(state, parts);
    // Rows that stand for a pixel before the image's first are outside of it.
    parts[part] ??= inputLag === 0 ? x : this.#from(inputLag * this.#image.channels, x);
    return this.#reader.read(parts[part], kept);
  }

  /** x, zero in the first `count` rows of an image. */
  #from(count: number, x: Value): Value {
    const { index } = this.#reader;
    const after = this.#graph.sub(index, int32Scalar(this.#graph, count - 1));
    const share = this.#graph.op('Cast', [this.#graph.op('Clip', [after], { min: 0, max: 1 })], { to: 'float32' });
    return this.#graph.mul(x, this.#graph.reshape(share, [index.shape[0]!, 1]));
  }
}

export function int32Scalar(graph: Graph, value: number): Value {
  return graph.constant(int32(Int32Array.of(value), []));
}
