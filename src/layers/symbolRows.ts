// Masked convolutions one symbol at a time. The features of each symbol (of one channel of one pixel) are one row, and a layer keeps the
// rows that it reads, so that a new symbol costs one product for each layer: its taps are gathered by index arithmetic from the rows
// before it, and row 0 of what is gathered from is zero, for taps outside of the image.
//
//   3 x 3 over grey, width 4:     . . . .        row t reads rows t-5, t-4, t-3, t-1 and t; at the left border
//                                 o o o .        the places of t-5 and t-1 are outside, and zero.
//                                 o t . .
//
// Two ways in: a block of symbols of one image after the rows of `past`, and one symbol for each of a batch of images.
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

type Offsets = readonly (readonly number[])[];

/** Below every index of a row. */
const OUTSIDE = -1e9;

/** From the row of a symbol to each row it reads, by the symbol's place in its line: [width * channels][taps]. */
export function tapOffsets(kept: KeptInput, { width, channels }: ImageExtents): readonly (readonly number[])[] {
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

/** symbols [time] of one image, after the rows of `past` [past, width] of each state. */
export function blockReader(
  graph: Graph,
  image: ImageExtents,
  inputs: readonly KeptInput[],
  symbols: Value,
  past: ReadonlyMap<string, Value>,
): RowReader {
  const { total, line } = lengthsOf(image);
  const [anyPast] = past.values();
  const first = graph.op('ShapeOf', [anyPast!], { start: 0, end: 1 }); // int64 [1]
  const end = graph.add(first, graph.op('ShapeOf', [symbols], { start: 0, end: 1 }));
  const counting = graph.constant(
    int32(
      Int32Array.from({ length: total }, (_, at) => at),
      [total],
    ),
  );
  const index = graph.op('SliceBetween', [counting, first, end], { axis: 0, extent: 'time' }); // [time]
  const place = placeInLine(graph, index, line);
  const firstRow = graph.op('Cast', [first], { to: 'int32' }); // [1]
  const states = statesOf(inputs);
  const one = int32Scalar(graph, 1);

  const gatherPast = remembered((state: string, offsets: Offsets) => {
    const rows = tableAt(graph, offsets, place); // [time, taps]
    const at = graph.add(rows, graph.reshape(index, ['time', 1]));
    // Of the past only the rows that can be reached are copied.
    const start = graph.op('Clip', [graph.sub(firstRow, int32Scalar(graph, reachOf(offsets)))], { min: 0, max: total });
    const start64 = graph.op('Cast', [start], { to: 'int64' });
    const width = states.get(state)!.reduce((sum, part) => sum + part, 0);
    const near = graph.op('SliceBetween', [past.get(state)!, start64, first], { axis: 0, extent: 'near' });
    const table = graph.op('Concat', [zeros(graph, width), near], { axis: 0 }); // [1 + near, width]
    const inTable = graph.op('Clip', [graph.add(graph.sub(at, start), one)], { min: 0, max: total });
    const isPast = graph.op('Clip', [graph.sub(firstRow, at)], { min: 0, max: 1 });
    const known = graph.op('Gather', [table, graph.mul(inTable, isPast)]); // [time, taps, width]
    const inBlock = graph.op('Clip', [graph.add(graph.sub(at, firstRow), one)], { min: 0, max: total });
    return { parts: splitParts(graph, known, states.get(state)!), inBlock };
  });

  return {
    rows: 'time',
    symbols,
    index,
    place,
    read: (x, kept) => {
      const offsets = tapOffsets(kept, image);
      const { parts, inBlock } = gatherPast(kept.state, offsets);
      const table = graph.op('Concat', [zeros(graph, kept.width), x], { axis: 0 }); // [1 + time, width]
      const fresh = graph.op('Gather', [table, inBlock]); // [time, taps, width]
      return graph.reshape(graph.add(parts[kept.part]!, fresh), ['time', offsets[0]!.length * kept.width]);
    },
  };
}

/**
 * One symbol of each image of a batch, symbols [batch], after the rows of `past` [1 + position, batch, width], the first of zeros.
 * (What earlier rows give to all layers made as one product, before the symbol is looked at, was no quicker.)
 */
export function batchReader(
  graph: Graph,
  image: ImageExtents,
  inputs: readonly KeptInput[],
  symbols: Value,
  past: ReadonlyMap<string, Value>,
): RowReader {
  const { total, line } = lengthsOf(image);
  const [anyPast] = past.values();
  const extent = graph.op('Cast', [graph.op('ShapeOf', [anyPast!], { start: 0, end: 1 })], { to: 'int32' }); // [1]
  const index = graph.sub(extent, int32Scalar(graph, 1));
  const place = placeInLine(graph, index, line);
  const onePlace = graph.reshape(place, []);
  const states = statesOf(inputs);

  /** Of each part of a state [batch, taps * width]. */
  const partsBefore = remembered((state: string, offsets: Offsets) => {
    const rows = graph.add(tableAt(graph, offsets, onePlace), extent); // [taps]
    const inTable = graph.op('Clip', [rows], { min: 0, max: total });
    const known = graph.op('Gather', [past.get(state)!, inTable]); // [taps, batch, widths]
    return partsByImage(graph, known, offsets[0]!.length, states.get(state)!);
  });
  /** A number for each place in a line. */
  const numbersAt = (numbers: readonly number[], width: number) => {
    const table = { dtype: 'float32', shape: [line, width], data: Float32Array.from(numbers) } as const;
    return graph.op('Gather', [graph.constant(table), place]); // [1, width]
  };

  return {
    rows: 'batch',
    symbols,
    index,
    place,
    read: (x, kept) => {
      const { state, part, width } = kept;
      const offsets = tapOffsets(kept, image);
      const taps = offsets[0]!.length;
      const isNew = offsets.map((row) => row.map((offset) => Number(offset === 0)));
      if (!isNew.flat().includes(1)) return partsBefore(state, offsets)[part]!;
      // In most layers the new row is the last that a symbol reads; at a border it may be outside.
      const lastIsNew = isNew.map((row) => row.at(-1)!);
      const lastOnly = offsets.every((row, at) => lastIsNew[at] === 1 || row.at(-1) === OUTSIDE);
      if (lastOnly && !isNew.some((row) => row.slice(0, -1).includes(1))) {
        const fresh = lastIsNew.includes(0) ? graph.mul(x, numbersAt(lastIsNew, 1)) : x; // [batch, width]
        const earlier = offsets.map((row) => row.slice(0, -1));
        return taps === 1 ? fresh : graph.op('Concat', [partsBefore(state, earlier)[part]!, fresh], { axis: 1 });
      }
      const earlier = offsets.map((row) => row.map((offset) => (offset === 0 ? OUTSIDE : offset)));
      const shares = graph.reshape(numbersAt(isNew.flat(), taps), [1, taps, 1]);
      const fresh = graph.mul(shares, graph.reshape(x, ['batch', 1, width])); // [batch, taps, width]
      return graph.add(partsBefore(state, earlier)[part]!, graph.reshape(fresh, ['batch', taps * width]));
    },
  };
}

function lengthsOf({ width, height, channels }: ImageExtents): { total: number; line: number } {
  return { total: width * height * channels, line: width * channels };
}

function placeInLine(graph: Graph, index: Value, line: number): Value {
  return graph.op('Mod', [index, int32Scalar(graph, line)]);
}

/** A row of offsets for each place: [rows or 1, taps] */
function tableAt(graph: Graph, offsets: Offsets, place: Value): Value {
  const table = int32(Int32Array.from(offsets.flat()), [offsets.length, offsets[0]!.length]);
  return graph.op('Gather', [graph.constant(table), place]);
}

function reachOf(offsets: Offsets): number {
  return offsets.flat().reduce((reach, offset) => (offset === OUTSIDE ? reach : Math.max(reach, -offset)), 0);
}

function splitParts(graph: Graph, x: Value, sizes: readonly number[]): readonly Value[] {
  return sizes.length === 1 ? [x] : graph.all('Split', [x], { axis: x.shape.length - 1, sizes });
}

/** x [taps, batch, widths] -> of each part [batch, taps * width]; parts alike cost no operators of their own. */
function partsByImage(graph: Graph, x: Value, taps: number, widths: readonly number[]): readonly Value[] {
  const width = widths[0]!;
  if (widths.some((other) => other !== width)) {
    return splitParts(graph, x, widths).flatMap((part) => partsByImage(graph, part, taps, [Number(part.shape[2])]));
  }
  const numParts = widths.length;
  const byPart = graph.reshape(x, [taps, 'batch', numParts, width]);
  const byImage = taps === 1 ? byPart : graph.transpose(byPart, [1, 2, 0, 3]); // [batch, parts, taps, width]
  const sizes = widths.map(() => taps * width);
  return splitParts(graph, graph.reshape(byImage, ['batch', numParts * taps * width]), sizes);
}

/** Layers with the same taps of the same state share what is gathered. */
function remembered<T>(make: (state: string, offsets: Offsets) => T): (state: string, offsets: Offsets) => T {
  const made = new Map<string, T>();
  return (state, offsets) => {
    const key = `${state} ${JSON.stringify(offsets)}`;
    const known = made.get(key) ?? make(state, offsets);
    made.set(key, known);
    return known;
  };
}

function zeros(graph: Graph, width: number): Value {
  return graph.constant({ dtype: 'float32', shape: [1, width], data: new Float32Array(width) });
}

function int32Scalar(graph: Graph, value: number): Value {
  return graph.constant(int32(Int32Array.of(value), []));
}
