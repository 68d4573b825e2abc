// Two ways to the rows before a symbol (symbolRows.ts): for a block of symbols of one image after the rows of `past`, and for one symbol
// of each of a batch of images.
import { int32 } from '../base/tensor.ts';
import type { Graph, Value } from '../graph/graph.ts';
import {
  type ImageExtents,
  int32Scalar,
  type KeptInput,
  type Offsets,
  OUTSIDE,
  type RowReader,
  statesOf,
  tapOffsets,
} from './symbolRows.ts';

export interface RowSources {
  readonly graph: Graph;
  readonly image: ImageExtents;
  readonly inputs: readonly KeptInput[];
  readonly symbols: Value;
  /** By the name of the state. */
  readonly past: ReadonlyMap<string, Value>;
}

/** symbols [time] of one image, after the rows of `past` [past, width] of each state. */
export function blockReader({ graph, image, inputs, symbols, past }: RowSources): RowReader {
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
export function batchReader({ graph, image, inputs, symbols, past }: RowSources): RowReader {
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
